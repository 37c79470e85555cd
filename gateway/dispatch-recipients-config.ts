import { z } from 'zod';
import { count } from './config-units.ts';

/** Files that land in a folder, a file for each run. */
const folderSchema = z.strictObject({
  kind: z.literal('folder'),
  /** Relative to the working directory; made where it is missing. */
  folder: z.string().min(1),
  /** `json` is one list, `json-lines` a record a line. */
  format: z.enum(['csv', 'json', 'json-lines', 'xml']),
  /**
   * Whether a text of CSV that a spreadsheet would take for a formula, beginning with `=`, `+`, `-`, `@`, tab or carriage return, gets a `'` before it;
   * so does one that begins with `'`, so that taking one `'` off gives back each. Off, where only programs read the files.
   */
  escapesFormulas: z.boolean().default(true),
  /** What the parts of one run may take that are kept aside until the last one comes. */
  maxRunBytes: count.default(1_073_741_824),
  /** For how long it is known what was taken: the same again within it makes no second file. Parts of runs that did not end are kept as long. */
  keepDays: z.number().int().min(1).max(365).default(30),
});

/** Where a recipient's data go, and in which form. */
export const receiverSchema = z.discriminatedUnion('kind', [folderSchema]);

/** Settings of a receiver with every default filled in. */
export type ReceiverConfig = z.output<typeof receiverSchema>;

/** Those of one kind. */
export type ReceiverConfigOf<Kind extends ReceiverConfig['kind']> = Extract<ReceiverConfig, { kind: Kind }>;
