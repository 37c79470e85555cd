import { posix } from 'node:path';
import { Misfit } from '../misfit.ts';
import { BoundedXml, type XmlHandler } from './bounded-xml.ts';
import { rowsIn } from './sheet-rows.ts';
import { TypedTime } from './typed-time.ts';
import { MAX_COLUMNS, type Cell, type Sheet, type SheetRow, type Workbook } from './workbook.ts';
import { cellFormats, isoOfSerial, type CellFormat } from './xlsx-formats.ts';
import type { ZipParts } from './zip-parts.ts';

/** Texts that sheets share are in memory while a file is read. */
const MAX_SHARED_CHARACTERS = 64 * 1_048_576;

/** What a sheet's cells refer to. */
interface Shared {
  texts: readonly string[];
  formats: readonly CellFormat[];
  /** Whether days are counted from 1904 on. */
  is1904: boolean;
}

/**
 * Opens a workbook of Office Open XML (ECMA-376), as Excel writes it.
 * @throws Error where it is none
 */
export async function openXlsx(parts: ZipParts, signal: AbortSignal): Promise<Workbook> {
  const root = await relationsOf(parts, '', signal);
  const workbook = root.find(({ type }) => type.endsWith('/officeDocument'))?.target ?? 'xl/workbook.xml';
  const relations = await relationsOf(parts, workbook, signal);
  const targetOf = (kind: string): string | undefined => relations.find(({ type }) => type.endsWith(kind))?.target;
  const { sheets, is1904 } = await readWorkbook(parts, workbook, signal);
  const [texts, styles] = [targetOf('/sharedStrings'), targetOf('/styles')];
  const shared: Shared = {
    texts: texts ? await readTexts(parts.text(texts, signal)) : [],
    formats: styles ? await cellFormats(parts.text(styles, signal)) : [],
    is1904,
  };
  return {
    sheets: sheets.flatMap(({ name, isHidden, id }): Sheet[] => {
      const part = relations.find((relation) => relation.id === id);
      if (!part?.type.endsWith('/worksheet')) return [];
      return [{ name, isHidden, rows: (ending) => rowsIn(parts.text(part.target, ending), new RowReader(shared)) }];
    }),
  };
}

/** What a part refers to, by parts' names. */
async function relationsOf(
  parts: ZipParts,
  part: string,
  signal: AbortSignal,
): Promise<{ id: string; type: string; target: string }[]> {
  const { dir, base } = posix.parse(part);
  const name = posix.join(dir, '_rels', `${base}.rels`);
  const relations: { id: string; type: string; target: string }[] = [];
  if (!parts.has(name)) return relations;
  await readAll(parts.text(name, signal), {
    begin([, element], { Id = '', Type = '', Target = '' }) {
      // A target is meant from its part's folder, or from the file's root where it begins with a slash.
      const target = Target.startsWith('/') ? Target.slice(1) : posix.join(dir, Target);
      if (element === 'Relationship') relations.push({ id: Id, type: Type, target });
    },
  });
  return relations;
}

async function readWorkbook(parts: ZipParts, part: string, signal: AbortSignal) {
  const sheets: { name: string; isHidden: boolean; id: string }[] = [];
  let is1904 = false;
  await readAll(parts.text(part, signal), {
    begin(path, attributes) {
      const element = path.at(-1);
      if (element === 'workbookPr') is1904 = ['1', 'true'].includes(attributes['date1904'] ?? '');
      else if (element === 'sheet')
        sheets.push({
          name: attributes['name'] ?? '',
          isHidden: (attributes['state'] ?? 'visible') !== 'visible',
          id: attributes['id'] ?? '',
        });
    },
  });
  return { sheets, is1904 };
}

/** The texts that cells refer to by number. How they are pronounced is none of them. */
async function readTexts(chunks: AsyncIterable<string>): Promise<string[]> {
  const texts: string[] = [];
  let text = '';
  let size = 0;
  let isText = false;
  await readAll(chunks, {
    begin(path) {
      isText = path.at(-1) === 't' && !path.includes('rPh');
      if (path.at(-1) === 'si') text = '';
    },
    text: (piece) => void (isText && (text += piece)),
    end(path) {
      isText = false;
      if (path.at(-1) !== 'si') return;
      texts.push(unescaped(text));
      size += text.length;
      if (size > MAX_SHARED_CHARACTERS)
        throw new Error(`its texts come to more than ${MAX_SHARED_CHARACTERS} characters`);
    },
  });
  return texts;
}

/** Makes rows of a sheet's elements. */
class RowReader implements XmlHandler {
  readonly rows: SheetRow[] = [];
  readonly #shared: Shared;
  #row: SheetRow = { number: 0, cells: [] };
  #cell: { at: number; type: string; style: number } = { at: -1, type: 'n', style: 0 };
  #text = '';
  #isText = false;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  begin(path: readonly string[], attributes: Readonly<Record<string, string>>): void {
    const element = path.at(-1);
    if (element === 'row') this.#row = { number: Number(attributes['r'] ?? this.#row.number + 1), cells: [] };
    else if (element === 'c') {
      const { r, t = 'n', s = '0' } = attributes;
      this.#cell = { at: r === undefined ? this.#cell.at + 1 : columnOf(r), type: t, style: Number(s) };
      this.#text = '';
    }
    this.#isText = element === 'v' || (element === 't' && !path.includes('rPh'));
  }

  text(text: string): void {
    if (this.#isText) this.#text += text;
  }

  end(path: readonly string[]): void {
    this.#isText = false;
    const element = path.at(-1);
    if (element === 'c' && this.#cell.at < MAX_COLUMNS) this.#row.cells[this.#cell.at] = this.#value();
    else if (element === 'row') {
      this.rows.push(this.#row);
      this.#cell.at = -1;
    }
  }

  #value(): Cell {
    const [text, { type, style }] = [this.#text, this.#cell];
    if (text === '') return null;
    if (type === 's') return this.#shared.texts[Number(text)] ?? new Misfit('a text that the file has');
    if (type === 'b') return text === '1';
    if (type === 'e') return new Misfit('a value, and not the error of a formula');
    if (type === 'd') return new TypedTime(text);
    return type === 'n' ? this.#number(text, this.#shared.formats[style]) : unescaped(text);
  }

  #number(text: string, format: CellFormat | undefined): Cell {
    const value = Number(text);
    if (Number.isNaN(value)) return new Misfit('a number');
    if (format?.kind === 'time') return isoOfSerial(value, this.#shared.is1904) ?? value;
    // What is filled up with zeros is a name of digits, as people see it.
    return format?.kind === 'digits' && Number.isInteger(value) && value >= 0
      ? text.padStart(format.count, '0')
      : value;
  }
}

/** `B5` is in column 1. */
function columnOf(reference: string): number {
  let column = 0;
  for (const letter of reference) {
    const digit = letter.charCodeAt(0) - 64;
    if (digit < 1 || digit > 26) break;
    column = column * 26 + digit;
  }
  return column - 1;
}

/** Characters that XML cannot have stand as `_x0001_` (ECMA-376, ST_Xstring). */
function unescaped(text: string): string {
  return text.includes('_x')
    ? text.replaceAll(/_x([\dA-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
}

/** Reads a document of which nothing is handed on while it is read. */
async function readAll(chunks: AsyncIterable<string>, handler: Partial<XmlHandler>): Promise<void> {
  const nothing = (): void => {};
  const document = new BoundedXml({ begin: nothing, end: nothing, text: nothing, ...handler });
  for await (const chunk of chunks) document.write(chunk);
  document.end();
}
