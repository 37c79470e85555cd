import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** Where texts are kept for other gateways. What is in it may be lost at any time, and nothing here fails or waits long. */
export interface QueryTexts {
  /** Undefined where there is none. */
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): void;
}

/** What came of looking for a text: it was known here, was of another gateway, is missing, or what was there is not what it should be. */
export type PersistedQueryOutcome = 'known' | 'shared' | 'missing' | 'broken';

export interface PersistedQueryOptions {
  /** What texts may take in this process. */
  maxBytes: number;
  /** Absent: there are no other gateways to share them with. */
  texts: QueryTexts | undefined;
  /** Told of each text that was looked for. */
  onLookedFor(outcome: PersistedQueryOutcome): void;
}

/** What an entry costs beside its text, about. */
const ENTRY_OVERHEAD_BYTES = 200;

/** Texts of operations by their SHA-256, in hex: in this process, least recently asked for first out, and shared with other gateways. */
export class PersistedQueries {
  readonly #options: PersistedQueryOptions;
  readonly #known: LRUCache<string, string>;

  constructor(options: PersistedQueryOptions) {
    this.#options = options;
    this.#known = new LRUCache({
      maxSize: options.maxBytes,
      sizeCalculation: (text) => Buffer.byteLength(text) + ENTRY_OVERHEAD_BYTES,
    });
  }

  /** What is known in this process comes without a promise. */
  find(sha256: string): string | undefined | Promise<string | undefined> {
    const { texts, onLookedFor } = this.#options;
    const known = this.#known.get(sha256);
    if (known === undefined && texts) return this.#findShared(sha256, texts);
    onLookedFor(known === undefined ? 'missing' : 'known');
    return known;
  }

  /** Keeps a text that has this hash; whoever sends it has met a gateway that did not know it. */
  keep(sha256: string, text: string): void {
    this.#known.set(sha256, text);
    this.#options.texts?.write(keyOf(sha256), text);
  }

  async #findShared(sha256: string, texts: QueryTexts): Promise<string | undefined> {
    const text = await texts.read(keyOf(sha256));
    const isRight = text !== undefined && hash('sha256', text) === sha256;
    this.#options.onLookedFor(isRight ? 'shared' : text === undefined ? 'missing' : 'broken');
    if (!isRight) return undefined;
    this.#known.set(sha256, text);
    return text;
  }
}

function keyOf(sha256: string): string {
  return `switchyard:query:${sha256}`;
}
