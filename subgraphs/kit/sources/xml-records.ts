import type { SourceValue } from '../record-source.ts';
import { BoundedXml, MAX_TEXT_CHARACTERS, type XmlHandler } from './bounded-xml.ts';
import type { FileDialect, FileReading } from './file-format.ts';
import { RecordColumns, TEXT } from './record-columns.ts';
import { decodedFile, recogniseEncoding, startOf } from './text-encoding.ts';

/** How a file is written; what is not said is found out. */
export interface XmlSettings {
  encoding?: string | undefined;
  /** Elements that lead to a record, from the document's own, with slashes between; `*` is any. */
  records: string;
}

/** More than a record of anything has. */
const MAX_RECORD_CHARACTERS = MAX_TEXT_CHARACTERS;

/**
 * Reads a file of XML record by record, in the memory of one.
 * @throws UnfinishedFile where it ends before its document does; Error where it is no XML, or has entities of its own
 */
export async function readXml(path: string, given: XmlSettings, reading: FileReading): Promise<FileDialect> {
  const encoding = given.encoding ?? (await encodingOf(path, reading.signal));
  const reader = new RecordReader(given.records.split('/'), reading);
  for await (const chunk of decodedFile(path, encoding, reading.signal)) reader.document.write(chunk);
  reader.document.end();
  return { encoding, delimiter: null };
}

/** What the document says, unless its bytes are UTF-8 or say otherwise. */
async function encodingOf(path: string, signal: AbortSignal): Promise<string> {
  const found = await recogniseEncoding(path, signal);
  if (found.isCertain && found.label !== 'utf-8') return found.label;
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']/.exec(await startOf(path, 'latin1'))?.[1];
  if (declared === undefined || found.isCertain) return found.label;
  try {
    const { encoding } = new TextDecoder(declared);
    return encoding === 'utf-8' ? found.label : encoding;
  } catch {
    return found.label;
  }
}

/** An element under way. */
interface Element {
  name: string;
  /** Attributes as `@name`, elements by their names. */
  values: Record<string, SourceValue>;
  text: string;
}

/** Makes records of a document's elements. */
class RecordReader implements XmlHandler {
  readonly document = new BoundedXml(this);
  readonly #path: readonly string[];
  readonly #intake: FileReading['intake'];
  readonly #onRecord: FileReading['onRecord'];
  readonly #columns: RecordColumns;
  /** Places of columns that hold lists. */
  readonly #lists: readonly number[];
  /** The record's elements that are open, the record first; empty outside of one. */
  readonly #elements: Element[] = [];
  #size = 0;
  #line = 0;
  /** What is wrong with the record. */
  #fault: string | null = null;

  constructor(path: readonly string[], { intake, use, onRecord }: FileReading) {
    this.#path = path;
    this.#onRecord = onRecord;
    this.#intake = intake;
    this.#columns = new RecordColumns(intake.columns, use.structures);
    this.#lists = intake.columns.flatMap((column, at) => (use.structures.get(column) === 'list' ? [at] : []));
  }

  begin(path: readonly string[], attributes: Readonly<Record<string, string>>): void {
    if (this.#elements.length === 0) {
      if (!this.#isRecord(path)) return;
      [this.#size, this.#line, this.#fault] = [0, this.document.line, null];
    }
    const name = path.at(-1)!;
    const element: Element = { name, values: Object.create(null) as Element['values'], text: '' };
    for (const attribute in attributes) element.values[`@${attribute}`] = attributes[attribute]!.trim() || null;
    this.#elements.push(element);
    this.#grow(name.length + JSON.stringify(attributes).length);
  }

  end(): void {
    const element = this.#elements.pop();
    if (!element) return;
    const parent = this.#elements.at(-1);
    if (!parent) this.#take(element);
    else if (this.#size <= MAX_RECORD_CHARACTERS) addTo(parent.values, element.name, valueOf(element));
  }

  text(text: string): void {
    const element = this.#elements.at(-1);
    if (!element) return;
    this.#grow(text.length);
    if (this.#size <= MAX_RECORD_CHARACTERS) element.text += text;
  }

  /** A character that cannot be spoils its record alone. */
  spoil(reason: string): boolean {
    this.#fault ??= reason;
    return this.#elements.length > 0;
  }

  /** Of a record that is too long nothing is kept but that it is. */
  #grow(characters: number): void {
    const isNews = this.#size <= MAX_RECORD_CHARACTERS;
    this.#size += characters;
    if (!isNews || this.#size <= MAX_RECORD_CHARACTERS) return;
    this.#fault ??= `longer than a record may be: ${MAX_RECORD_CHARACTERS} characters`;
    for (const element of this.#elements) element.values = Object.create(null) as Element['values'];
  }

  #take(record: Element): void {
    if (this.#fault !== null) return this.#intake.putAside(this.#line, this.#fault);
    const text = record.text.trim();
    const whole = text === '' ? record.values : { ...record.values, [TEXT]: text };
    this.#onRecord?.(whole);
    const values = this.#columns.valuesOf(whole);
    for (const at of this.#lists) {
      const value = values[at];
      // One element is not told from a list of one but by what it is for.
      if (value !== undefined && value !== null && !Array.isArray(value)) values[at] = [value];
    }
    this.#intake.add(values, this.#line);
  }

  #isRecord(path: readonly string[]): boolean {
    return path.length === this.#path.length && this.#path.every((name, at) => name === '*' || name === path[at]);
  }
}

/** A text where it has nothing else; null where it has nothing at all. */
function valueOf({ values, text: raw }: Element): SourceValue {
  const text = raw.trim() || null;
  for (const _ in values) return text === null ? values : { ...values, [TEXT]: text };
  return text;
}

/** Elements of one name are a list. */
function addTo(values: Record<string, SourceValue>, name: string, value: SourceValue): void {
  const known = values[name];
  if (known === undefined) values[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else values[name] = [known, value];
}
