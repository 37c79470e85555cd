/** Up to this size the room of an answer is kept for the next: 4 MiB. */
const MAX_KEPT_BYTES = 4_194_304;
/** After the last byte: a zero, which no JSON has, and what is looked at with it where four bytes are looked at at once. */
const END_BYTES = 8;

/**
 * The bytes of the answer that a program's parser is reading. What it takes of an answer are slices of the text; but to look at a character
 * of a text costs V8 several times what a byte in memory does, and four bytes are one number.
 *
 * One for all programs: a parser runs to its end before another begins.
 */
class AnswerBytes {
  /** A zero follows the last byte of the answer; whatever follows that was there before. */
  bytes!: Uint8Array;
  /** Of the same memory. */
  view!: DataView;
  #memory!: Buffer;

  constructor() {
    this.#makeRoom(65_536 - END_BYTES);
  }

  /** Takes the first characters of a text in, each of which is one byte. */
  take(text: string, length: number): void {
    if (length + END_BYTES > this.bytes.length || this.bytes.length > MAX_KEPT_BYTES) this.#makeRoom(length);
    this.#memory.write(text, 0, length, 'latin1');
    this.bytes[length] = 0;
  }

  #makeRoom(length: number): void {
    const size = length + END_BYTES;
    // Not from Node's pool, which others write to.
    const memory = new ArrayBuffer(size > MAX_KEPT_BYTES ? size : 2 ** Math.ceil(Math.log2(size)));
    this.#memory = Buffer.from(memory);
    this.bytes = new Uint8Array(memory);
    this.view = new DataView(memory);
  }
}

/** Where the parsers of this process (of this thread) read. */
export const answerBytes = new AnswerBytes();
