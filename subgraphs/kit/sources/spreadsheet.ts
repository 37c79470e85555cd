import { z } from 'zod';
import type { SourceKind } from '../source-kind.ts';
import { openDropFolder } from './drop-folder.ts';
import { readSpreadsheet } from './sheet-records.ts';

const settings = z.strictObject({
  folder: z.string().min(1).describe('the path of the folder that the files land in'),
  /** Default: the first that is not hidden and names the columns. */
  sheet: z.string().min(1).optional().describe('the name of a sheet'),
  /** Default: among the first 50 rows the one that names most columns. */
  header: z.int().min(1).optional().describe('the number of the row that names the columns'),
});

/** A folder that spreadsheets land in: `.xlsx` of Excel, `.ods` of LibreOffice. A row is a record. */
export const spreadsheetKind: SourceKind<z.infer<typeof settings>> = {
  settings,
  converts: true,
  open: ({ folder, ...given }, context) =>
    openDropFolder(folder, { read: (path, reading) => readSpreadsheet(path, given, reading) }, context),
};
