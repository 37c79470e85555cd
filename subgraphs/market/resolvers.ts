import DataLoader from 'dataloader';
import { badInput, checkFirst } from '../kit/faults.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { EnterpriseRow, Register, ShareholderRow } from './source.ts';

interface Context {
  register: Register;
  byUscc: DataLoader<string, EnterpriseRow | null>;
  byRegNo: DataLoader<string, EnterpriseRow | null>;
  shareholders: DataLoader<string, ShareholderRow[]>;
}

/** What names an enterprise: one of its two keys. */
type Key = { uscc: string } | { regNo: string };

interface EnterprisesArguments {
  first?: number | null;
  after?: string | null;
  status?: string | null;
  name?: string | null;
}

/** What a key looks like. Nothing else is asked for: a text the server refuses would fail the others of its batch. */
const USCC = /^[0-9A-Z]{18}$/;
const REG_NO = /^\d{15}$/;

/** Keys in one statement at most. */
const MAX_BATCH = 1_000;

/** One request's loaders over the register. */
export function createContext(register: Register): Record<string, unknown> {
  const options = { maxBatchSize: MAX_BATCH };
  const context: Context = {
    register,
    byUscc: new DataLoader(async (usccs) => {
      const rows = await register.enterprisesByUscc(usccs);
      return inOrder(usccs, new Map(rows.map((row) => [row.uscc, row])));
    }, options),
    byRegNo: new DataLoader(async (regNos) => {
      const rows = await register.enterprisesByRegNo(regNos);
      return inOrder(regNos, new Map(rows.map((row) => [row.regNo, row])));
    }, options),
    shareholders: new DataLoader(async (usccs) => {
      const byUscc = Map.groupBy(await register.shareholdersOf(usccs), (row) => row.enterpriseUscc);
      return usccs.map((uscc) => byUscc.get(uscc) ?? []);
    }, options),
  };
  return { ...context };
}

/** The register's resolvers; the other fields of an enterprise are columns of its row. */
export const resolvers: Resolvers = {
  Query: {
    enterprise: (_: unknown, key: { uscc: string }, context: Context) => loadEnterprise(context, key),
    enterpriseByRegNo: (_: unknown, key: { regNo: string }, context: Context) => loadEnterprise(context, key),
    enterprises: (_: unknown, { first, after, status, name }: EnterprisesArguments, { register }: Context) =>
      register.listEnterprises({
        first: checkFirst(first, { fallback: 20, max: 100 }),
        after: checkAfter(after ?? null),
        status: status ?? null,
        name: checkName(name ?? null),
      }),
  },
  Enterprise: {
    __resolveReference: (key: Key, context: Context) => loadEnterprise(context, key),
    legalRepresentative: ({ legalRepresentativePid: pid }: EnterpriseRow) => (pid === null ? null : { pid }),
    shareholders: ({ uscc }: EnterpriseRow, _: unknown, { shareholders }: Context) => shareholders.load(uscc),
  },
  Shareholder: {
    enterprise: ({ holderUscc }: ShareholderRow, _: unknown, context: Context) =>
      holderUscc === null ? null : loadEnterprise(context, { uscc: holderUscc }),
  },
};

function loadEnterprise({ byUscc, byRegNo }: Context, key: Key): Promise<EnterpriseRow | null> | null {
  if ('uscc' in key) return USCC.test(key.uscc) ? byUscc.load(key.uscc) : null;
  return REG_NO.test(key.regNo) ? byRegNo.load(key.regNo) : null;
}

function checkAfter(after: string | null): string | null {
  if (after === null || USCC.test(after)) return after;
  throw badInput(`after is "${after}"; it must be the uscc of an enterprise, 18 letters and digits.`);
}

function checkName(name: string | null): string | null {
  if (name === null) return null;
  const wanted = name.trim();
  // PostgreSQL has no text with a null character in it.
  if ([...wanted].length >= 2 && wanted.length <= 200 && !wanted.includes('\0')) return wanted;
  throw badInput(`name is "${name}"; it must be 2 to 200 characters of an enterprise's name.`);
}

function inOrder<Row>(keys: readonly string[], rows: ReadonlyMap<string, Row>): (Row | null)[] {
  return keys.map((key) => rows.get(key) ?? null);
}
