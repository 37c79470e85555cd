import { plainLine } from '../plain-line.ts';

/** A file's text while it is written, and the questions in it with their lines. */
export class TextLines {
  readonly #lines: string[] = [];
  readonly questions: { line: number; text: string }[] = [];

  add(...lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  /** Adds a question as a comment. */
  ask(indent: string, question: string): void {
    const text = plainLine(question);
    this.#lines.push(`${indent}# ${text}`);
    this.questions.push({ line: this.#lines.length, text });
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}
