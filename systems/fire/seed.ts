import writeXlsxFile, { type Cell, type SheetData } from 'write-excel-file/node';
import type { FireInspectionRecord } from '../city/records.ts';
import { fillDropFolder } from '../kit/drop-folder.ts';

/** Raised when the way the files are written changes. */
const FORMAT_VERSION = 1;
const COLUMNS = ['No.', 'Address', 'Date', 'Result', 'Defects', 'Area (m²)', 'Next visit', 'Inspector', 'Made up'];

/**
 * Lays the fire brigade's books into a folder: a spreadsheet a year, with a title above the names of its columns and days as spreadsheets
 * have them.
 *
 * @param folder made when absent
 */
export async function seedFire(
  folder: string,
  inspections: readonly FireInspectionRecord[],
): Promise<{ /** Visits in all files. */ inspections: number }> {
  const years = Map.groupBy(inspections, ({ inspectedOn }) => inspectedOn.slice(0, 4));
  await fillDropFolder(folder, {
    madeFrom: `${FORMAT_VERSION} ${JSON.stringify(inspections)}`,
    names: [...years.keys()].map((year) => `inspections-${year}.xlsx`),
    make: (name) => {
      const year = name.slice('inspections-'.length, -'.xlsx'.length);
      return writeXlsxFile(bookOf(year, years.get(year)!)).toBuffer();
    },
  });
  return { inspections: inspections.length };
}

function bookOf(year: string, inspections: readonly FireInspectionRecord[]): SheetData {
  return [[`Fire brigade, visits of ${year}`], [], COLUMNS, ...inspections.map(toRow)];
}

function toRow(inspection: FireInspectionRecord): Cell[] {
  const { inspectionNo, address, inspectedOn, result, defects, areaM2, nextDueOn, inspector } = inspection;
  return [
    inspectionNo,
    address,
    day(inspectedOn),
    result.toLowerCase(),
    defects,
    areaM2,
    day(nextDueOn),
    inspector,
    'yes',
  ];
}

function day(text: string | null): Cell {
  return text === null ? null : { value: new Date(text), type: Date, format: 'dd.mm.yyyy' };
}
