import { SaxesParser } from 'saxes';
import { UnfinishedFile } from './file-format.ts';

/** Told of what stands in a document, in its order. Names come without what stands for their namespace. */
export interface XmlHandler {
  /** @param path names of the elements that are open, this one last */
  begin(path: readonly string[], attributes: Readonly<Record<string, string>>): void;
  /** @param path as at its beginning */
  end(path: readonly string[]): void;
  text(text: string): void;
  /** Takes a character that cannot be for a fault of what is under way; without it, or where it says false, it is the document's. */
  spoil?(reason: string): boolean;
}

/** More than a single text has. */
export const MAX_TEXT_CHARACTERS = 1_048_576;
/** Elements in each other. */
const MAX_DEPTH = 100;
/** What the parser says of single characters, behind which the document goes on as if nothing were. */
const CHARACTER_FAULTS = /entity|^disallowed character$/;

/**
 * Reads a document of XML piece by piece, within bounds of depth and of what has to be kept. Nothing but the five entities of XML itself and
 * characters by their number is known: what a document declares could make gigabytes of a few lines, or name other files.
 */
export class BoundedXml {
  readonly #parser = new SaxesParser();
  readonly #open: string[] = [];
  /** Characters since the parser last told of anything. */
  #untold = 0;

  constructor(handler: XmlHandler) {
    const parser = this.#parser;
    parser.on('error', (error) => this.#wrong(error, handler));
    parser.on('doctype', (text) => this.#refuseEntities(text));
    parser.on('opentag', ({ name, attributes }) => {
      this.#begin(name);
      handler.begin(this.#open, localNames(attributes));
    });
    parser.on('closetag', () => {
      this.#untold = 0;
      handler.end(this.#open);
      this.#open.pop();
    });
    for (const kind of ['text', 'cdata'] as const)
      parser.on(kind, (text) => {
        this.#untold = 0;
        handler.text(text);
      });
    for (const kind of ['comment', 'processinginstruction'] as const) parser.on(kind, () => (this.#untold = 0));
  }

  /** The line that is being read, counted from 1. */
  get line(): number {
    return this.#parser.line;
  }

  /** @throws Error where it is no XML, has entities of its own or is beyond the bounds */
  write(chunk: string): void {
    this.#untold += chunk.length;
    this.#parser.write(chunk);
    if (this.#untold > MAX_TEXT_CHARACTERS)
      throw new Error(`a text of more than ${MAX_TEXT_CHARACTERS} characters (line ${this.line})`);
  }

  /** @throws UnfinishedFile where something is still open */
  end(): void {
    if (this.#open.length > 0) throw new UnfinishedFile(`it ends before its document does (line ${this.line})`);
    this.#parser.close();
  }

  #begin(name: string): void {
    this.#untold = 0;
    this.#open.push(localName(name));
    if (this.#open.length > MAX_DEPTH)
      throw new Error(`more than ${MAX_DEPTH} elements in each other (line ${this.line})`);
  }

  #wrong(error: Error, handler: XmlHandler): void {
    const reason = error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
    const isSpoilt = CHARACTER_FAULTS.test(reason) && handler.spoil?.(reason);
    if (!isSpoilt) throw new Error(`it is no XML: ${reason} (line ${this.line})`);
  }

  #refuseEntities(text: string): void {
    this.#untold = 0;
    if (text.includes('[')) throw new Error('it has a document type of its own, with entities that are not read');
  }
}

function localNames(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(attributes).filter(([name]) => !name.startsWith('xmlns'));
  return Object.fromEntries(own.map(([name, value]) => [localName(name), value]));
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
