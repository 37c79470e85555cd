import type { CacheStore } from './store.ts';

/**
 * Remembers in this process and in a store that others share. What is found in the shared one is kept here too, for no longer than it
 * may be given; what is here and no longer of use is asked for there, where another may have fetched it anew.
 */
export function createTwoLevelStore(near: CacheStore, far: CacheStore): CacheStore {
  return {
    description: `memory of this process, before ${far.description}`,
    async getMany(keys, isUsable = () => true) {
      const found = await near.getMany(keys);
      const missing = keys.flatMap((_, index) => {
        const answer = found[index];
        return answer && isUsable(answer) ? [] : [index];
      });
      if (missing.length === 0) return found;
      const missingKeys = missing.map((index) => keys[index]!);
      const fetched = await far.getMany(missingKeys);
      const nowMs = Date.now();
      const kept = fetched.flatMap((answer, position) => {
        if (!answer) return [];
        found[missing[position]!] = answer;
        const ttlMs = Math.max(answer.freshUntilMs, answer.revalidateUntilMs, answer.ifErrorUntilMs) - nowMs;
        return [{ key: missingKeys[position]!, answer, ttlMs }];
      });
      await near.setMany(kept);
      return found;
    },
    async setMany(entries) {
      await near.setMany(entries);
      await far.setMany(entries);
    },
    isUp: () => far.isUp(),
    async close() {
      await Promise.all([near.close(), far.close()]);
    },
  };
}
