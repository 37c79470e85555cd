import DataLoader from 'dataloader';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { PersonRow, Persons } from './source.ts';

interface Context {
  byPid: DataLoader<string, PersonRow | null>;
}

/** What a key looks like. Nothing else is asked for: a text the server refuses would fail the others of its batch. */
const PID = /^P\d{10}$/;

/** Keys in one statement at most. */
const MAX_BATCH = 1_000;

/** One request's loader over the register. */
export function createContext(persons: Persons): Record<string, unknown> {
  const batch = async (pids: readonly string[]): Promise<(PersonRow | null)[]> => {
    const rows = new Map((await persons.byPid(pids)).map((row) => [row.pid, row]));
    return pids.map((pid) => rows.get(pid) ?? null);
  };
  const context: Context = { byPid: new DataLoader(batch, { maxBatchSize: MAX_BATCH }) };
  return { ...context };
}

/** A person is found by the number that another department has, and by nothing else: there is no list and no search. */
export const resolvers: Resolvers = {
  Person: {
    __resolveReference: ({ pid }: { pid: string }, { byPid }: Context) => (PID.test(pid) ? byPid.load(pid) : null),
  },
};
