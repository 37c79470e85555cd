import DataLoader from 'dataloader';
import { checkMonths } from '../kit/arguments.ts';
import type { Checked } from '../kit/checked.ts';
import { perArgument } from '../kit/loaders.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { HeadcountGroup, HeadcountMonth, InsuredUnit, UnitRegister } from './source.ts';

/** The loaders of one request. The service takes one unit a request, so they save repetition, not round trips. */
export interface UnitLoaders {
  units: DataLoader<string, InsuredUnit | null>;
  headcounts(months: number): DataLoader<string, Checked<HeadcountMonth>[] | null>;
  /** Every group by its id, read once a request. */
  groups(): Promise<ReadonlyMap<string, HeadcountGroup>>;
}

interface UnitContext {
  socialSecurity: UnitLoaders;
}

export function createLoaders(register: UnitRegister): UnitLoaders {
  let groups: Promise<ReadonlyMap<string, HeadcountGroup>> | undefined;
  return {
    units: each((unitNo) => register.unit(unitNo)),
    headcounts: perArgument((months) => each((unitNo) => register.headcounts(unitNo, months))),
    groups: () => (groups ??= readGroups(register)),
  };
}

/** Resolvers over the service; the other fields of a unit are those of its record. */
export const resolvers: Resolvers = {
  Query: {
    headcountGroups: async (_: unknown, __: unknown, { socialSecurity }: UnitContext) => [
      ...(await socialSecurity.groups()).values(),
    ],
  },
  HeadcountGroup: {
    __resolveReference: async ({ groupId }: { groupId: string }, { socialSecurity }: UnitContext) =>
      (await socialSecurity.groups()).get(groupId) ?? null,
  },
  InsuredUnit: {
    __resolveReference: ({ unitNo }: { unitNo: string }, { socialSecurity }: UnitContext) =>
      socialSecurity.units.load(unitNo),
    headcounts: ({ unitNo }: InsuredUnit, { months }: { months?: number | null }, { socialSecurity }: UnitContext) =>
      socialSecurity.headcounts(checkMonths(months)).load(unitNo),
  },
};

async function readGroups(register: UnitRegister): Promise<ReadonlyMap<string, HeadcountGroup>> {
  return new Map((await register.groups()).map((group) => [group.groupId, group]));
}

/** One failing unit must not fail the others of its batch. */
function each<Value>(load: (unitNo: string) => Promise<Value>): DataLoader<string, Value> {
  const settle = (unitNo: string): Promise<Value | Error> => load(unitNo).catch(toError);
  return new DataLoader((unitNos) => Promise.all(unitNos.map(settle)));
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
