/** A text in one line, without what a terminal would obey: names come out of files that anybody may have written. */
export function plainLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
}

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
