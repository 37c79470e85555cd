import { systemUnavailable } from '../kit/faults.ts';
import { watchFolder } from '../kit/watched-folder.ts';
import { readDropFile, type DropFile } from './drop-file.ts';
import { createHoldings, type Holdings } from './holdings.ts';
import type { Places } from './usage-table.ts';

/** The drop folder, as last read. */
export interface DropFolder {
  /** What the files say, all of them together. */
  holdings(): Holdings;
  /**
   * The files read, by name.
   * @throws GraphQLError SYSTEM_UNAVAILABLE while the folder cannot be listed
   */
  files(): DropFile[];
  close(): Promise<void>;
}

/**
 * Reads everything in the drop folder, and from then on what lands there or changes.
 *
 * @throws StartError when the folder is missing or may not be read
 */
export async function openDropFolder(folder: string): Promise<DropFolder> {
  const places: Places = new Map();
  let holdings = createHoldings([]);
  const files = await watchFolder({
    folder,
    holds: 'drop folder',
    setting: 'POWER_DROP_DIR',
    read: (path) => readDropFile(path, places),
    changed: (drops) => void (holdings = createHoldings(drops.map(({ content }) => content))),
  });
  return {
    holdings: () => holdings,
    files() {
      try {
        return files.contents();
      } catch (error) {
        throw systemUnavailable("The power company's drop folder cannot be listed.", error);
      }
    },
    close: () => files.close(),
  };
}
