import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { SourceValue } from '../record-source.ts';
import { UnfinishedFile, type FileDialect, type FileReading } from './file-format.ts';
import { RecordColumns, TEXT } from './record-columns.ts';
import { decodedFile, recogniseEncoding, startOf } from './text-encoding.ts';

/** How a file is written; what is not said is found out. */
export interface XmlSettings {
  encoding?: string | undefined;
  /** Elements that lead to a record, from the document's own, with slashes between; `*` is any. */
  records: string;
}

/** More than a record, or a single text, has. */
const MAX_RECORD_CHARACTERS = 1_048_576;
/** Elements in each other. */
const MAX_DEPTH = 100;

/**
 * Reads a file of XML record by record, in the memory of one. Nothing but the five entities of XML itself and characters by their
 * number is known: what a document declares could make gigabytes of a few lines, or name other files.
 *
 * @throws UnfinishedFile where it ends before its document does; Error where it is no XML, or has entities of its own
 */
export async function readXml(path: string, given: XmlSettings, reading: FileReading): Promise<FileDialect> {
  const encoding = given.encoding ?? (await encodingOf(path, reading.signal));
  const parser = new SaxesParser();
  const reader = new RecordReader(parser, given.records.split('/'), reading);
  for await (const chunk of decodedFile(path, encoding, reading.signal)) reader.write(chunk);
  reader.end();
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

/** What the parser says of single characters, behind which the document goes on as if nothing were. */
const RECORD_FAULTS = /entity|^disallowed character$/;

/** An element under way. */
interface Element {
  name: string;
  /** Attributes as `@name`, elements by their names. */
  values: Record<string, SourceValue>;
  text: string;
}

/** Makes records of a parser's events. */
class RecordReader {
  readonly #parser: SaxesParser;
  readonly #path: readonly string[];
  readonly #intake: FileReading['intake'];
  readonly #columns: RecordColumns;
  /** Places of columns that hold lists. */
  readonly #lists: readonly number[];
  /** Names of the elements that are open. */
  readonly #open: string[] = [];
  /** The record's elements that are open, the record first; empty outside of one. */
  readonly #elements: Element[] = [];
  #size = 0;
  #line = 0;
  /** What is wrong with the record. */
  #fault: string | null = null;
  /** Characters since the parser last told of anything. */
  #untold = 0;

  constructor(parser: SaxesParser, path: readonly string[], { intake, use }: FileReading) {
    this.#parser = parser;
    this.#path = path;
    this.#intake = intake;
    this.#columns = new RecordColumns(intake.columns, use.structures);
    this.#lists = intake.columns.flatMap((column, at) => (use.structures.get(column) === 'list' ? [at] : []));
    parser.on('error', (error) => this.#wrong(error));
    parser.on('doctype', (text) => this.#refuseEntities(text));
    parser.on('opentag', (tag) => this.#begin(tag));
    parser.on('closetag', () => this.#end());
    parser.on('text', (text) => this.#addText(text));
    parser.on('cdata', (text) => this.#addText(text));
    parser.on('comment', () => (this.#untold = 0));
    parser.on('processinginstruction', () => (this.#untold = 0));
  }

  /** @throws Error where it is no XML */
  write(chunk: string): void {
    this.#untold += chunk.length;
    this.#parser.write(chunk);
    if (this.#untold > MAX_RECORD_CHARACTERS)
      throw new Error(`a text of more than ${MAX_RECORD_CHARACTERS} characters (line ${this.#parser.line})`);
  }

  end(): void {
    const { line } = this.#parser;
    if (this.#open.length > 0) throw new UnfinishedFile(`it ends before its document does (line ${line})`);
    this.#parser.close();
  }

  /** A character that cannot be spoils its record; all else, the rest of the document. */
  #wrong(error: Error): void {
    const reason = error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
    const isOfRecord = this.#elements.length > 0 && RECORD_FAULTS.test(reason);
    if (!isOfRecord) throw new Error(`it is no XML: ${reason} (line ${this.#parser.line})`);
    this.#fault ??= reason;
  }

  #refuseEntities(text: string): void {
    this.#untold = 0;
    if (text.includes('[')) throw new Error('it has a document type of its own, with entities that are not read');
  }

  #begin({ name, attributes }: SaxesTagPlain): void {
    this.#untold = 0;
    this.#open.push(localName(name));
    if (this.#open.length > MAX_DEPTH)
      throw new Error(`more than ${MAX_DEPTH} elements in each other (line ${this.#parser.line})`);
    if (this.#elements.length === 0 && !this.#isAtPath()) return;
    if (this.#elements.length === 0) [this.#size, this.#line, this.#fault] = [0, this.#parser.line, null];
    const element: Element = { name: localName(name), values: Object.create(null) as Element['values'], text: '' };
    for (const [attribute, value] of Object.entries(attributes))
      if (!attribute.startsWith('xmlns')) element.values[`@${localName(attribute)}`] = value.trim() || null;
    this.#elements.push(element);
    this.#grow(name.length + JSON.stringify(attributes).length);
  }

  #end(): void {
    this.#untold = 0;
    this.#open.pop();
    const element = this.#elements.pop();
    if (!element) return;
    const parent = this.#elements.at(-1);
    if (!parent) this.#take(element);
    else if (this.#size <= MAX_RECORD_CHARACTERS) addTo(parent.values, element.name, valueOf(element));
  }

  #addText(text: string): void {
    this.#untold = 0;
    const element = this.#elements.at(-1);
    if (!element) return;
    this.#grow(text.length);
    if (this.#size <= MAX_RECORD_CHARACTERS) element.text += text;
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
    const values = this.#columns.valuesOf(text === '' ? record.values : { ...record.values, [TEXT]: text });
    for (const at of this.#lists) {
      const value = values[at];
      // One element is not told from a list of one but by what it is for.
      if (value !== undefined && value !== null && !Array.isArray(value)) values[at] = [value];
    }
    this.#intake.add(values, this.#line);
  }

  #isAtPath(): boolean {
    const open = this.#open;
    return open.length === this.#path.length && this.#path.every((name, at) => name === '*' || name === open[at]);
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

/** A name without what stands for its namespace. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
