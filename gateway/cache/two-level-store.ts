import type { CacheStore } from './store.ts';

/**
 * Remembers in this process and in a store that others share. What is found in the shared one is kept here too, for no longer than it
 * may be given; what is here and no longer of use is asked for there, where another may have fetched it anew.
 */
export function createTwoLevelStore(near: CacheStore, far: CacheStore): CacheStore {
  return {
    description: `memory of this process, before ${far.description}`,
    async getMany(group, names, isUsable = () => true) {
      const found = await near.getMany(group, names);
      const missing = names.flatMap((_, index) => {
        const answer = found[index];
        return answer && isUsable(answer, index) ? [] : [index];
      });
      if (missing.length === 0) return found;
      const missingNames = missing.map((index) => names[index]!);
      const fetched = await far.getMany(group, missingNames);
      fetched.forEach((answer, position) => {
        if (answer) found[missing[position]!] = answer;
      });
      const kept = near.wantedOf(group, missingNames).flatMap((position) => {
        const answer = fetched[position];
        return answer ? [{ name: missingNames[position]!, answer }] : [];
      });
      await near.setMany(group, kept);
      return found;
    },
    wantedOf: (group, names) => (far.isUp() ? far : near).wantedOf(group, names),
    async setMany(group, entries) {
      const wanted = near.wantedOf(
        group,
        entries.map(({ name }) => name),
      );
      await near.setMany(
        group,
        wanted.map((index) => entries[index]!),
      );
      await far.setMany(group, entries);
    },
    isUp: () => far.isUp(),
    async close() {
      await Promise.all([near.close(), far.close()]);
    },
  };
}
