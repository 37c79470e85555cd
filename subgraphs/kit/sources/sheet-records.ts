import type { FileDialect, FileReading } from './file-format.ts';
import { looseName } from './loose-name.ts';
import { openOds } from './ods.ts';
import type { Cell, Sheet, SheetRow } from './workbook.ts';
import { openXlsx } from './xlsx.ts';
import { openZip } from './zip-parts.ts';

/** Where in a file the records are; what is not said is found out. */
export interface SheetSettings {
  /** The sheet's name. */
  sheet?: string | undefined;
  /** The row that names the columns, counted from 1. */
  header?: number | undefined;
}

/** Rows among which the one that names the columns is looked for. */
const MAX_ROWS_BEFORE = 50;

/**
 * Reads a spreadsheet row by row: the first sheet that is not hidden and has a row which names the columns.
 * @throws UnfinishedFile where it is broken off; Error where it is no spreadsheet, or names the columns nowhere
 */
export async function readSpreadsheet(path: string, given: SheetSettings, reading: FileReading): Promise<FileDialect> {
  const parts = await openZip(path);
  try {
    const open = parts.has('content.xml') ? openOds : openXlsx;
    const { sheets } = await open(parts, reading.signal);
    const wanted = sheets.filter(({ name, isHidden }) =>
      given.sheet === undefined ? !isHidden : name === given.sheet,
    );
    if (wanted.length === 0)
      throw new Error(
        `there is no sheet ${given.sheet ?? 'that is not hidden'}; there are ${sheets.map(({ name }) => name).join(', ')}`,
      );
    for (const sheet of wanted)
      if (await readSheet(sheet, given.header, reading)) return { encoding: null, delimiter: null };
    const keys = [...new Set(reading.use.keys.flat())].join(', ');
    throw new Error(`no row among the first ${MAX_ROWS_BEFORE} names the columns${keys && ` ${keys}`}`);
  } finally {
    parts.close();
  }
}

/** @returns whether it has a row that names the columns */
async function readSheet(sheet: Sheet, header: number | undefined, reading: FileReading): Promise<boolean> {
  const taker = new RowTaker(header, reading);
  try {
    for await (const rows of sheet.rows(reading.signal)) {
      taker.take(rows);
      if (taker.hasHeader === false) return false;
    }
  } finally {
    // Also of a sheet that goes wrong on its way, what came before it counts.
    taker.end();
  }
  return taker.hasHeader === true;
}

/** Looks for the row that names the columns, and takes those after it. */
class RowTaker {
  readonly #header: number | undefined;
  readonly #reading: FileReading;
  #waiting: SheetRow[] = [];
  #places: number[] | undefined;
  /** Whether a row names the columns; undefined until that is known. */
  hasHeader: boolean | undefined;

  constructor(header: number | undefined, reading: FileReading) {
    this.#header = header;
    this.#reading = reading;
  }

  take(rows: readonly SheetRow[]): void {
    if (this.hasHeader) return rows.forEach((row) => this.#add(row));
    this.#waiting.push(...rows);
    const last = this.#waiting.at(-1)?.number ?? 0;
    if (this.#header === undefined ? this.#waiting.length >= MAX_ROWS_BEFORE : last >= this.#header) this.#begin();
  }

  end(): void {
    if (this.hasHeader === undefined) this.#begin();
  }

  #begin(): void {
    const [waiting, { intake, header }] = [this.#waiting, this.#reading];
    const at = headerAmong(waiting, this.#header, this.#reading);
    this.#waiting = [];
    this.hasHeader = at !== -1;
    if (at === -1) return;
    const names = Array.from(waiting[at]!.cells, nameOf);
    const loose = names.map(looseName);
    this.#places = intake.columns.map((column) => loose.indexOf(looseName(column)));
    header(names.filter((name) => name !== ''));
    for (const row of waiting.slice(at + 1)) this.#add(row);
  }

  #add({ number, cells }: SheetRow): void {
    const values = this.#places!.map((place) => trimmed(cells[place]));
    if (values.some((value) => value !== undefined && value !== null)) this.#reading.intake.add(values, number);
  }
}

/** The row that names most columns, all of the keys' among them; -1 where none does. */
function headerAmong(rows: readonly SheetRow[], header: number | undefined, { intake, use }: FileReading): number {
  if (header !== undefined) return rows.findIndex(({ number }) => number === header);
  const wanted = intake.columns.map(looseName);
  const keys = use.keys.flat().map(looseName);
  const counts = rows.slice(0, MAX_ROWS_BEFORE).map(({ cells }) => {
    const names = new Set(Array.from(cells, (cell) => looseName(nameOf(cell))));
    return keys.every((key) => names.has(key)) ? wanted.filter((name) => names.has(name)).length : 0;
  });
  const most = Math.max(0, ...counts);
  return most === 0 ? -1 : counts.indexOf(most);
}

function nameOf(cell: Cell | undefined): string {
  return typeof cell === 'string' || typeof cell === 'number' ? String(cell).trim() : '';
}

/** Blanks around a text do not count; a text of nothing else is none. */
function trimmed(cell: Cell | undefined): Cell | undefined {
  return typeof cell === 'string' ? cell.trim() || undefined : cell;
}
