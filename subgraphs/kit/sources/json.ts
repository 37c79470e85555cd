import { z } from 'zod';
import type { SourceKind } from '../source-kind.ts';
import { openDropFolder } from './drop-folder.ts';
import { readJson } from './json-records.ts';
import { encodingSetting } from './text-encoding.ts';

const settings = z.strictObject({
  folder: z.string().min(1).describe('the path of the folder that the files land in'),
  /** Default: the document itself where it is a list, else the document as the only record. */
  records: z
    .string()
    .regex(/^[^.]+(\.[^.]+)*$/)
    .optional()
    .describe('the names that lead to the list of records, such as data.items'),
  /** Default: where the file ends in `.jsonl` or `.ndjson`, or its first line is a record. */
  lines: z.boolean().optional().describe('true where each line is a record'),
  encoding: encodingSetting,
});

/** A folder that JSON files land in: lists of records, or a record a line. */
export const jsonKind: SourceKind<z.infer<typeof settings>> = {
  settings,
  converts: true,
  open: ({ folder, ...given }, context) =>
    openDropFolder(folder, { read: (path, reading) => readJson(path, given, reading) }, context),
};
