import { z } from 'zod';
import type { SourceKind } from '../source-kind.ts';
import { openDropFolder } from './drop-folder.ts';
import { encodingSetting } from './text-encoding.ts';
import { readXml } from './xml-records.ts';

const settings = z.strictObject({
  folder: z.string().min(1).describe('the path of the folder that the files land in'),
  /** `*` is any element. Default: each element of the document's own. */
  records: z
    .string()
    .regex(/^[^/\s]+(\/[^/\s]+)*$/)
    .default('*/*')
    .describe('the elements that lead to a record, such as cases/case'),
  encoding: encodingSetting,
});

/** A folder that XML files land in: an element a record, its attributes and the elements in it are columns. */
export const xmlKind: SourceKind<z.infer<typeof settings>> = {
  settings,
  converts: true,
  open: ({ folder, ...given }, context) =>
    openDropFolder(folder, { read: (path, reading) => readXml(path, given, reading) }, context),
};
