import { z } from 'zod';
import type { SourceKind } from '../source-kind.ts';
import { readCsv, type CsvSettings, type RowTaker } from './csv-rows.ts';
import { openDropFolder } from './drop-folder.ts';
import { encodingSetting } from './text-encoding.ts';
import type { FileFormat, FileReading } from './file-format.ts';
import { looseName } from './loose-name.ts';

const settings = z.strictObject({
  folder: z.string().min(1).describe('the path of the folder that the files land in'),
  delimiter: z.string().min(1).optional().describe('what stands between fields'),
  encoding: encodingSetting,
  quotes: z.boolean().default(true).describe('false where quotes are signs like others'),
});

/** A folder that CSV files land in. */
export const csvKind: SourceKind<z.infer<typeof settings>> = {
  settings,
  converts: true,
  open: ({ folder, ...dialect }, context) => openDropFolder(folder, csvFormat(dialect), context),
};

/** Files of CSV. */
export function csvFormat(given: CsvSettings): FileFormat {
  return { read: (path, reading) => readCsv(path, given, { taker: takerFor(reading), signal: reading.signal }) };
}

/** Columns are found whatever their case, blanks and underscores. */
function takerFor({ intake, header }: FileReading): RowTaker {
  let places: number[] = [];
  let width = 0;
  return {
    header(names) {
      const loose = names.map(looseName);
      places = intake.columns.map((column) => loose.indexOf(looseName(column)));
      width = names.length;
      header(names);
    },
    row(fields, line) {
      if (fields.length !== width) intake.putAside(line, `${fields.length} fields; the header has ${width}`);
      else
        intake.add(
          places.map((place) => fields[place]?.trim() || undefined),
          line,
        );
    },
    again: () => intake.clear(),
  };
}
