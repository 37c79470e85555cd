import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { z } from 'zod';
import { StartError } from '../program.ts';

/** A way into a YAML file: keys and places in lists. */
export type YamlPath = readonly PropertyKey[];

/** A YAML file whose values can be told by where they stand. */
export class YamlFile {
  readonly file: string;
  readonly content: unknown;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  /** @throws StartError where the file cannot be read or is not YAML */
  constructor(file: string) {
    this.file = file;
    this.#document = parseDocument(readText(file), { lineCounter: this.#lines });
    const [fault] = this.#document.errors;
    if (fault) {
      const { line = 1, col = 1 } = fault.linePos?.[0] ?? {};
      throw new StartError(`${file}:${line}:${col}: this is not YAML: ${fault.message.split('\n', 1)[0]}`);
    }
    this.content = this.#toValue();
  }

  /** `file:line:column` of a value; of what it is missing in, where it is missing. */
  place(path: YamlPath): string {
    for (let length = path.length; length > 0; length -= 1) {
      const node = this.#document.getIn(path.slice(0, length), true) as Node | undefined;
      if (!node?.range) continue;
      const { line, col } = this.#lines.linePos(node.range[0]);
      return `${this.file}:${line}:${col}`;
    }
    return `${this.file}:1:1`;
  }

  /** Checks a value of the file. @param at where it stands, if it is not the whole file @throws StartError with each fault's place */
  check<T>(schema: z.ZodType<T>, value: unknown, at: YamlPath = []): T {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const faults = result.error.issues.map((issue) => {
      const { message } = issue;
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
      const whole = [...at, ...issue.path, ...unknown];
      return `${this.place(whole)}: ${whole.length > 0 ? `${whole.join('.')}: ` : ''}${message}`;
    });
    throw new StartError(faults.join('\n'));
  }

  /** Aliases can be more than there is memory for, or of nothing. */
  #toValue(): unknown {
    try {
      return this.#document.toJS();
    } catch (error) {
      throw new StartError(`${this.file}:1:1: ${(error as Error).message}`);
    }
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
