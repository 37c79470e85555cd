import { LRUCache } from 'lru-cache';
import type { CacheStore } from './store.ts';

/** What an entry costs beside its texts, about. */
const ENTRY_OVERHEAD_BYTES = 200;

/**
 * Remembers in this process, least recently used first out.
 * @param maxBytes what keys and values may take together, counting two bytes a character
 */
export function createMemoryStore(maxBytes: number): CacheStore {
  const entries = new LRUCache<string, string>({
    maxSize: maxBytes,
    sizeCalculation: (value, key) => 2 * (key.length + value.length) + ENTRY_OVERHEAD_BYTES,
  });
  return {
    description: 'memory of this process only',
    getMany: (keys) => Promise.resolve(keys.map((key) => entries.get(key))),
    setMany(added) {
      for (const { key, value, ttlMs } of added) if (ttlMs > 0) entries.set(key, value, { ttl: ttlMs });
      return Promise.resolve();
    },
    isUp: () => true,
    close() {
      entries.clear();
      return Promise.resolve();
    },
  };
}
