/** A value to remember. */
export interface CacheEntry {
  key: string;
  value: string;
  /** How long from now it may be given out. */
  ttlMs: number;
}

/**
 * Where answers are remembered. What is in it may be lost at any time, so nothing here fails a request:
 * a store that cannot answer in time answers that it knows nothing.
 */
export interface CacheStore {
  /** How the store calls itself in `/ready`: what it is and how far it reaches. */
  readonly description: string;
  /** Values in the order of the keys, undefined where nothing (or nothing valid any more) is known. */
  getMany(keys: readonly string[]): Promise<(string | undefined)[]>;
  /** Remembers values; resolves when they can be read. */
  setMany(entries: readonly CacheEntry[]): Promise<void>;
  /** Whether the store answers at present. */
  isUp(): boolean;
  close(): Promise<void>;
}
