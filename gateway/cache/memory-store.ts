import { LRUCache } from 'lru-cache';
import type { CacheStore, RememberedAnswer } from './store.ts';

/** What an entry costs beside its key and its text, about: its marks, when it ends, and its place in the map (measured: 455). */
const ENTRY_OVERHEAD_BYTES = 450;

/**
 * Remembers in this process, least recently used first out.
 * @param maxBytes what keys and answers may take together
 */
export function createMemoryStore(maxBytes: number): CacheStore {
  const entries = new LRUCache<string, RememberedAnswer>({
    maxSize: maxBytes,
    // A character of these texts takes one byte.
    sizeCalculation: ({ bytes }, key) => key.length + bytes.length + ENTRY_OVERHEAD_BYTES,
  });
  return {
    description: 'memory of this process only',
    getMany: (keys) => Promise.resolve(keys.map((key) => entries.get(key))),
    setMany(added) {
      for (const { key, answer, ttlMs } of added) if (ttlMs > 0) entries.set(key, answer, { ttl: ttlMs });
      return Promise.resolve();
    },
    isUp: () => true,
    close() {
      entries.clear();
      return Promise.resolve();
    },
  };
}
