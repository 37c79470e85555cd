/** How texts are compared. */
export interface TextRules {
  /** Words and signs that tell nothing: `district`, `区`. */
  readonly ignore: readonly string[];
  /** What is written for a word: `{ rd: road }`. */
  readonly words: Readonly<Record<string, string>>;
  /** Whether a text that says less agrees with one that says more. */
  readonly contained: boolean;
}

const HAN = /\p{Script=Han}/u;

/** Compares texts by their words, whatever their order, case, width and punctuation. What stands in parentheses does not count. */
export class TextComparison {
  readonly #rules: TextRules;
  readonly #ignored: ReadonlySet<string>;
  /** Scripts without spaces have no words to look at: these are taken out of the text, the longest first. */
  readonly #ignoredSigns: readonly string[];

  constructor(rules: TextRules) {
    this.#rules = rules;
    this.#ignored = new Set(rules.ignore.map((word) => word.toLowerCase()));
    this.#ignoredSigns = rules.ignore.filter((word) => HAN.test(word)).toSorted((a, b) => b.length - a.length);
  }

  /** Whether two texts say the same; a text without a word says nothing that could. */
  agree(one: string, other: string): boolean {
    const [fewer, more] = [this.#words(one), this.#words(other)].toSorted((a, b) => a.length - b.length) as [
      string[],
      string[],
    ];
    if (fewer.length === 0 || (!this.#rules.contained && fewer.length !== more.length)) return false;
    const left = [...more];
    return fewer.every((word) => {
      const at = left.indexOf(word);
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    });
  }

  #words(text: string): string[] {
    let plain = text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/\([^)]*\)/g, ' ');
    for (const sign of this.#ignoredSigns) plain = plain.replaceAll(sign, ' ');
    const words = plain.match(/\p{Script=Han}|\p{N}+|[\p{L}\p{M}]+/gu) ?? [];
    return words
      .flatMap((word) => (HAN.test(word) ? [...word] : [word]))
      .map((word) => (Object.hasOwn(this.#rules.words, word) ? this.#rules.words[word]! : word))
      .filter((word) => !this.#ignored.has(word));
  }
}
