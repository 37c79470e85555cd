import { checkMonths } from '../kit/arguments.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { Holdings } from './holdings.ts';
import type { DropFolder } from './source.ts';

interface Context {
  /** One state of the folder for the whole request, whatever lands meanwhile. */
  holdings: Holdings;
}

interface PowerCustomer {
  customerNo: string;
}

export function createContext(drops: DropFolder): Record<string, unknown> {
  const context: Context = { holdings: drops.holdings() };
  return { ...context };
}

/** Resolvers over the drop folder; nothing is batched because everything is in memory. */
export function createResolvers(drops: DropFolder): Resolvers {
  return {
    Query: {
      powerDrops: () => drops.files(),
      powerGroups: (_: unknown, __: unknown, { holdings }: Context) => [...holdings.groups().values()],
    },
    PowerGroup: {
      __resolveReference: ({ groupId }: { groupId: string }, { holdings }: Context) =>
        holdings.groups().get(groupId) ?? null,
    },
    PowerCustomer: {
      __resolveReference: ({ customerNo }: PowerCustomer, { holdings }: Context): PowerCustomer | null =>
        holdings.knows(customerNo) ? { customerNo } : null,
      meterAddress: ({ customerNo }: PowerCustomer, _: unknown, { holdings }: Context) =>
        holdings.customer(customerNo)?.meterAddress,
      usage: ({ customerNo }: PowerCustomer, { months }: { months?: number | null }, { holdings }: Context) =>
        holdings.usage(customerNo, checkMonths(months)),
      connectionApplications: ({ customerNo }: PowerCustomer, _: unknown, { holdings }: Context) =>
        holdings.applications(customerNo),
      synthetic: ({ customerNo }: PowerCustomer, _: unknown, { holdings }: Context) =>
        holdings.customer(customerNo)?.synthetic,
    },
  };
}
