import DataLoader from 'dataloader';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { EventRow, Hotline } from './source.ts';

interface Context {
  byEventNo: DataLoader<string, EventRow | null>;
  about: DataLoader<string, EventRow[]>;
}

/** Keys in one statement at most. */
const MAX_BATCH = 1_000;

/** One request's loaders over the events. */
export function createContext(hotline: Hotline): Record<string, unknown> {
  const options = { maxBatchSize: MAX_BATCH };
  const byEventNo = async (eventNos: readonly string[]): Promise<(EventRow | null)[]> => {
    const rows = new Map(hotline.byEventNo(eventNos).map((row) => [row.eventNo, row]));
    return eventNos.map((eventNo) => rows.get(eventNo) ?? null);
  };
  const about = async (usccs: readonly string[]): Promise<EventRow[][]> => {
    const rows = Map.groupBy(hotline.about(usccs), ({ uscc }) => uscc!);
    return usccs.map((uscc) => rows.get(uscc) ?? []);
  };
  const context: Context = {
    byEventNo: new DataLoader(byEventNo, options),
    about: new DataLoader(about, options),
  };
  return { ...context };
}

/** The hotline's resolvers; the other fields of an event are columns of its row. */
export const resolvers: Resolvers = {
  Query: {
    hotlineEvent: (_: unknown, { eventNo }: { eventNo: string }, { byEventNo }: Context) => byEventNo.load(eventNo),
  },
  HotlineEvent: {
    __resolveReference: ({ eventNo }: { eventNo: string }, { byEventNo }: Context) => byEventNo.load(eventNo),
    enterprise: ({ uscc }: EventRow) => (uscc === null ? null : { uscc }),
  },
  Enterprise: {
    hotlineEvents: ({ uscc }: { uscc: string }, _: unknown, { about }: Context) => about.load(uscc),
  },
};
