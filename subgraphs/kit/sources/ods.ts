import { BoundedXml, type XmlHandler } from './bounded-xml.ts';
import { rowsIn } from './sheet-rows.ts';
import { TypedTime } from './typed-time.ts';
import { MAX_COLUMNS, type Cell, type Sheet, type SheetRow, type Workbook } from './workbook.ts';
import type { ZipParts } from './zip-parts.ts';

/** Rows that a sheet may come to: a row that says it is there a million times is written once. */
const MAX_ROWS = 1_048_576;
const CONTENT = 'content.xml';

/**
 * Opens a workbook of OpenDocument (ISO/IEC 26300), as LibreOffice writes it.
 * @throws Error where it is none
 */
export async function openOds(parts: ZipParts, signal: AbortSignal): Promise<Workbook> {
  const names: string[] = [];
  const document = new BoundedXml({
    begin(path, { name = '' }) {
      if (isTable(path)) names.push(name);
    },
    text() {},
    end() {},
  });
  for await (const chunk of parts.text(CONTENT, signal)) document.write(chunk);
  document.end();
  return {
    sheets: names.map((name, at): Sheet => ({
      name,
      isHidden: false,
      rows: (ending) => rowsIn(parts.text(CONTENT, ending), new RowReader(at)),
    })),
  };
}

function isTable(path: readonly string[]): boolean {
  return path.at(-1) === 'table' && path.at(-2) === 'spreadsheet';
}

/** Makes rows of one table's elements. */
class RowReader implements XmlHandler {
  readonly rows: SheetRow[] = [];
  readonly #table: number;
  #tables = 0;
  #number = 0;
  #cells: (Cell | undefined)[] = [];
  #column = 0;
  #rowRepeats = 1;
  #cellRepeats = 1;
  #attributes: Readonly<Record<string, string>> = {};
  #text: string | null = null;
  /** A remark on a cell has texts like the cell's own. */
  #isRemark = false;

  constructor(table: number) {
    this.#table = table;
  }

  begin(path: readonly string[], attributes: Readonly<Record<string, string>>): void {
    if (isTable(path)) this.#tables += 1;
    if (this.#tables !== this.#table + 1) return;
    const element = path.at(-1)!;
    if (element === 'table-row') {
      [this.#cells, this.#column, this.#rowRepeats] = [[], 0, repeats(attributes['number-rows-repeated'])];
    } else if (element === 'table-cell' || element === 'covered-table-cell') {
      [this.#attributes, this.#text] = [attributes, null];
      this.#cellRepeats = repeats(attributes['number-columns-repeated']);
    } else if (element === 'p' && path.at(-2) === 'table-cell')
      this.#text = this.#text === null ? '' : `${this.#text}\n`;
    else if (element === 'annotation') this.#isRemark = true;
    else if (element === 's') this.text(' '.repeat(Math.min(repeats(attributes['c']), 1_000)));
    else if (element === 'tab') this.text('\t');
    else if (element === 'line-break') this.text('\n');
  }

  text(text: string): void {
    if (this.#text !== null && !this.#isRemark) this.#text += text;
  }

  end(path: readonly string[]): void {
    if (this.#tables !== this.#table + 1) return;
    const element = path.at(-1);
    if (element === 'table-cell' || element === 'covered-table-cell') this.#endCell();
    else if (element === 'table-row') this.#endRow();
    else if (element === 'annotation') this.#isRemark = false;
  }

  #endCell(): void {
    const value = valueOf(this.#attributes, this.#text);
    const end = Math.min(this.#column + this.#cellRepeats, MAX_COLUMNS);
    if (value !== null) for (let at = this.#column; at < end; at += 1) this.#cells[at] = value;
    this.#column += this.#cellRepeats;
    this.#text = null;
  }

  #endRow(): void {
    const count = this.#cells.length === 0 ? 0 : this.#rowRepeats;
    if (this.#number + count > MAX_ROWS) throw new Error(`it has more than ${MAX_ROWS} rows`);
    for (let at = 1; at <= count; at += 1) this.rows.push({ number: this.#number + at, cells: this.#cells });
    this.#number += this.#rowRepeats;
  }
}

/** A cell says what it is in attributes, and how it looks in its text. */
function valueOf(attributes: Readonly<Record<string, string>>, text: string | null): Cell {
  switch (attributes['value-type']) {
    case 'float':
    case 'percentage':
    case 'currency':
      return Number(attributes['value']);
    case 'date':
      return new TypedTime((attributes['date-value'] ?? '').replace(/T00:00:00(\.0+)?$/, ''));
    case 'time':
      return timeOf(attributes['time-value'] ?? '') ?? text;
    case 'boolean':
      return attributes['boolean-value'] === 'true';
    default:
      return attributes['string-value'] ?? text;
  }
}

/** `PT08H30M00S`; what goes on beyond a day is a length of time, and stays what it says. */
function timeOf(duration: string): TypedTime | undefined {
  const [, hours, minutes, seconds] = /^PT(\d+)H(\d+)M(\d+(?:[.,]\d+)?)S$/.exec(duration) ?? [];
  if (hours === undefined || Number(hours) > 23) return undefined;
  const whole = seconds!.replace(',', '.').replace(/\.0+$/, '');
  return new TypedTime(`${hours.padStart(2, '0')}:${minutes!.padStart(2, '0')}:${whole.padStart(2, '0')}`);
}

function repeats(text: string | undefined): number {
  const count = Number(text ?? 1);
  return Number.isInteger(count) && count > 0 ? count : 1;
}
