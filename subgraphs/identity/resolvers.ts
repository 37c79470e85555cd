import DataLoader from 'dataloader';
import { badInput } from '../kit/faults.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { LinkRow, Links, LocalKey, RecordSystem } from './source.ts';

interface Context {
  links: Links;
  /** Null for an enterprise that is not registered. */
  linksOf: DataLoader<string, LinkRow[] | null>;
  linkOf: DataLoader<LocalKey, LinkRow | null, string>;
}

interface Enterprise {
  uscc: string;
}

/** Keys in one statement at most. */
const MAX_BATCH = 1_000;

/** One request's loaders over the office's store. */
export function createContext(links: Links): Record<string, unknown> {
  const context: Context = {
    links,
    linksOf: new DataLoader(
      async (usccs) => {
        const found = links.linksOf(usccs);
        return usccs.map((uscc) => found.get(uscc) ?? null);
      },
      { maxBatchSize: MAX_BATCH },
    ),
    linkOf: new DataLoader(
      async (keys) => {
        const found = new Map(links.linksByKey(keys).map((link) => [nameOf(link), link]));
        return keys.map((key) => found.get(nameOf(key)) ?? null);
      },
      { maxBatchSize: MAX_BATCH, cacheKeyFn: nameOf },
    ),
  };
  return { ...context };
}

/** The office's resolvers: from an enterprise to each system's keys, and back. */
export const resolvers: Resolvers = {
  Query: {
    identityLink: (_: unknown, key: LocalKey, { linkOf }: Context) => linkOf.load(key),
    unresolved(_: unknown, { system, first }: { system: RecordSystem; first?: number | null }, { links }: Context) {
      const count = checkCount(first ?? 10);
      return { system, ...links.countUnresolved(system), localKeys: links.listUnresolved(system, count) };
    },
  },
  Enterprise: {
    async __resolveReference({ uscc }: Enterprise, { linksOf }: Context): Promise<Enterprise | null> {
      return (await linksOf.load(uscc)) === null ? null : { uscc };
    },
    async taxpayer(enterprise: Enterprise, _: unknown, context: Context) {
      const [link] = await linksTo(enterprise, 'TAX', context);
      return link ? { taxpayerId: link.localKey } : null;
    },
    async insuredUnit(enterprise: Enterprise, _: unknown, context: Context) {
      const [link] = await linksTo(enterprise, 'SOCIAL_SECURITY', context);
      return link ? { unitNo: link.localKey } : null;
    },
    async powerCustomers(enterprise: Enterprise, _: unknown, context: Context) {
      const links = await linksTo(enterprise, 'POWER', context);
      return links.map(({ localKey }) => ({ customerNo: localKey })).toSorted(byCustomerNo);
    },
    async courtCases(enterprise: Enterprise, _: unknown, context: Context) {
      const links = await linksTo(enterprise, 'COURTS', context);
      return links.map(({ localKey }) => ({ caseNo: localKey })).toSorted(byCaseNo);
    },
    identityLinks: ({ uscc }: Enterprise, _: unknown, { linksOf }: Context) => linksOf.load(uscc),
  },
  Taxpayer: {
    enterprise: ({ taxpayerId }: { taxpayerId: string }, _: unknown, context: Context) =>
      enterpriseOf({ system: 'TAX', localKey: taxpayerId }, context),
  },
  InsuredUnit: {
    enterprise: ({ unitNo }: { unitNo: string }, _: unknown, context: Context) =>
      enterpriseOf({ system: 'SOCIAL_SECURITY', localKey: unitNo }, context),
  },
  PowerCustomer: {
    enterprise: ({ customerNo }: { customerNo: string }, _: unknown, context: Context) =>
      enterpriseOf({ system: 'POWER', localKey: customerNo }, context),
  },
  CourtCase: {
    enterprise: ({ caseNo }: { caseNo: string }, _: unknown, context: Context) =>
      enterpriseOf({ system: 'COURTS', localKey: caseNo }, context),
  },
  IdentityLink: {
    enterprise: ({ uscc }: LinkRow): Enterprise => ({ uscc }),
  },
};

async function linksTo({ uscc }: Enterprise, system: RecordSystem, { linksOf }: Context): Promise<LinkRow[]> {
  return ((await linksOf.load(uscc)) ?? []).filter((link) => link.system === system);
}

async function enterpriseOf(key: LocalKey, { linkOf }: Context): Promise<Enterprise | null> {
  const link = await linkOf.load(key);
  return link && { uscc: link.uscc };
}

function nameOf({ system, localKey }: LocalKey): string {
  return `${system} ${localKey}`;
}

function byCustomerNo(one: { customerNo: string }, other: { customerNo: string }): number {
  return one.customerNo < other.customerNo ? -1 : 1;
}

function byCaseNo(one: { caseNo: string }, other: { caseNo: string }): number {
  return one.caseNo < other.caseNo ? -1 : 1;
}

function checkCount(first: number): number {
  if (first >= 0 && first <= 100) return first;
  throw badInput(`first is ${first}; it must be from 0 to 100.`);
}
