import DataLoader from 'dataloader';
import { checkMonths } from '../kit/arguments.ts';
import type { Checked } from '../kit/checked.ts';
import { checkFirst } from '../kit/faults.ts';
import { perArgument } from '../kit/loaders.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import {
  MAX_TAXPAYERS_PER_CALL,
  type Filing,
  type InvoiceMonth,
  type TaxGroup,
  type TaxRegister,
  type Taxpayer,
} from './source.ts';

/** The loaders of one request; those with an argument are made once a value of it. */
export interface TaxLoaders {
  taxpayers: DataLoader<string, Taxpayer | null>;
  filings(newest: number): DataLoader<string, Checked<Filing>[]>;
  invoices(newest: number): DataLoader<string, Checked<InvoiceMonth>[]>;
  /** Every group by its id, read once a request. */
  groups(): Promise<ReadonlyMap<string, TaxGroup>>;
}

interface TaxContext {
  tax: TaxLoaders;
}

export function createLoaders(register: TaxRegister): TaxLoaders {
  let groups: Promise<ReadonlyMap<string, TaxGroup>> | undefined;
  return {
    taxpayers: batching((ids) => register.taxpayers(ids), null),
    filings: perArgument((newest) => batching((ids) => register.filings(ids, newest), [])),
    invoices: perArgument((newest) => batching((ids) => register.invoices(ids, newest), [])),
    groups: () => (groups ??= readGroups(register)),
  };
}

/** Resolvers over the register; everything is batched, so a taxpayer costs a hundredth of a request. */
export function createResolvers(): Resolvers {
  return {
    Query: {
      taxGroups: async (_: unknown, __: unknown, { tax }: TaxContext) => [...(await tax.groups()).values()],
    },
    TaxGroup: {
      __resolveReference: async ({ groupId }: { groupId: string }, { tax }: TaxContext) =>
        (await tax.groups()).get(groupId) ?? null,
    },
    Taxpayer: {
      __resolveReference: ({ taxpayerId }: { taxpayerId: string }, { tax }: TaxContext) =>
        tax.taxpayers.load(taxpayerId),
      filings: ({ taxpayerId }: Taxpayer, { first }: { first?: number | null }, { tax }: TaxContext) =>
        tax.filings(checkFirst(first, { fallback: 4, max: 40 })).load(taxpayerId),
      invoices: ({ taxpayerId }: Taxpayer, { months }: { months?: number | null }, { tax }: TaxContext) =>
        tax.invoices(checkMonths(months)).load(taxpayerId),
    },
  };
}

async function readGroups(register: TaxRegister): Promise<ReadonlyMap<string, TaxGroup>> {
  return new Map((await register.groups()).map((group) => [group.groupId, group]));
}

function batching<Value>(
  load: (ids: readonly string[]) => Promise<Map<string, Value>>,
  absent: Value,
): DataLoader<string, Value> {
  const batch = async (ids: readonly string[]): Promise<Value[]> => {
    const found = await load(ids);
    return ids.map((id) => found.get(id) ?? absent);
  };
  return new DataLoader(batch, { maxBatchSize: MAX_TAXPAYERS_PER_CALL });
}
