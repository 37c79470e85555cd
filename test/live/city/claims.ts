import { expect, test, vi } from 'vitest';
import { readDispatchFile } from '../../../gateway/cli/dispatch-file.ts';
import type { DemoCallerName } from '../../../network/demo-callers.ts';
import { projectRoot } from '../../../network/settings.ts';
import { askWith, type Answer } from '../../kit/ask.ts';
import { connectTo } from '../../kit/postgres-client.ts';
import { city, network } from './network.ts';

const SAMPLE = '91990104MA95YFB981';

interface Fact {
  value: number | string;
  agreement: string | null;
  explanation: string;
  claims: {
    department: string;
    value: number | string;
    vintage: string | null;
    provenance: { recordId: string; synthetic: boolean };
  }[];
  missing: { department: string; reason: string }[];
}
interface Enterprise {
  uscc: string;
  headcountFact: Fact | null;
  addressFact: Fact | null;
  statusFact: Fact | null;
}

const FACT = `value agreement explanation missing { department reason }
  claims { department value vintage provenance { recordId synthetic } }`;
const ONE = `query ($uscc: ID! = "${SAMPLE}") { enterprise(uscc: $uscc) { uscc headcountFact { ${FACT} } addressFact { ${FACT} } statusFact { ${FACT} } } }`;
const ALL = `query ($after: ID) { enterprises(first: 100, after: $after) { uscc addressFact { ${FACT} } statusFact { ${FACT} } } }`;

function askAs(
  role: DemoCallerName | 'public',
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  return askWith(role === 'public' ? {} : network.headers[role], network.gatewayUrl, query, variables);
}

async function oneAs(role: DemoCallerName | 'public'): Promise<{ facts: Enterprise; rules: string[] }> {
  const { data, errors = [] } = await askAs(role, ONE);
  const rules = errors.map(({ extensions }) => (extensions as { rule?: string } | undefined)?.rule ?? 'none');
  return { facts: data!['enterprise'] as Enterprise, rules };
}

async function everybody(): Promise<Enterprise[]> {
  const found: Enterprise[] = [];
  for (let after: string | undefined; ;) {
    const { data, errors } = await askAs('public', ALL, { after });
    expect(errors).toBeUndefined();
    const page = data!['enterprises'] as Enterprise[];
    found.push(...page);
    if (page.length < 100) return found;
    after = page.at(-1)?.uscc;
  }
}

test('a department that is down is said to be missing, and no agreement is made up', async () => {
  await network.kill('social-security');
  try {
    const { facts } = await oneAs('tax-inspector');
    expect(facts.headcountFact).toMatchObject({
      agreement: null,
      missing: [{ department: 'social-security', reason: 'NOT_ANSWERED' }],
    });
    expect(facts.addressFact?.claims.map(({ department }) => department)).not.toContain('social-security');
    expect(facts.addressFact?.missing).toContainEqual({ department: 'social-security', reason: 'NOT_ANSWERED' });
    expect(facts.addressFact?.agreement).toBe('AGREE');
  } finally {
    await network.restart('social-security');
  }
});

test.each<[DemoCallerName | 'public', departments: string[], rule: string | undefined]>([
  ['public', [], 'social-security-headcount'],
  ['enterprise', ['social-security', 'tax'], undefined],
  ['tax-inspector', ['social-security', 'tax'], undefined],
  ['tax-inspector-elsewhere', ['social-security'], undefined],
  ['bank-officer', [], 'social-security-bank'],
  ['leader', [], 'social-security-leader'],
  ['auditor', [], 'social-security-auditor'],
])('of the headcount %s is shown the claims of %j', async (role, departments, rule) => {
  const { facts, rules } = await oneAs(role);
  expect(facts.headcountFact?.claims.map(({ department }) => department) ?? []).toEqual(departments);
  const withheld = ['social-security', 'tax'].filter((each) => departments.length > 0 && !departments.includes(each));
  expect(facts.headcountFact?.missing ?? []).toEqual(
    withheld.map((department) => ({ department, reason: 'WITHHELD' })),
  );
  if (departments.length === 1) expect(facts.headcountFact?.agreement).toBeNull();
  if (rule !== undefined) expect(rules).toContain(rule);
});

test('what an inspector of another district is shown tells nothing of what tax was declared', async () => {
  const truth = city.taxpayers.find(({ taxpayerId }) => taxpayerId.replaceAll('-', '') === SAMPLE)!;
  const own = await oneAs('tax-inspector');
  expect(own.facts.headcountFact?.claims.at(-1)?.value).toBe(truth.declaredHeadcount);
  const before = await network.stats('tax');
  const { facts } = await oneAs('tax-inspector-elsewhere');
  expect(JSON.stringify(facts.headcountFact)).not.toContain(truth.taxpayerId);
  expect(before.requests).toBeGreaterThan(0);
});

test('whoever moved is in conflict where two registers say they have the seat, and nobody else', async () => {
  const found = await everybody();
  expect(found).toHaveLength(city.enterprises.length);
  const conflicts = found.filter(({ addressFact }) => addressFact?.agreement === 'CONFLICT');
  // The generator gives the tax bureau another address than the register's for those that moved; nothing else makes two seats differ.
  const streetOf = (address: string): string =>
    /\d+ (\w+)|(\p{Script=Han}{2}(?:路|街|大道|巷)\d+)/u.exec(address.normalize('NFKC'))?.[0] ?? '';
  expect(conflicts.length).toBeGreaterThan(0);
  for (const { addressFact } of conflicts) {
    const [market, tax] = ['market', 'tax'].map((name) =>
      addressFact!.claims.find(({ department }) => department === name)!,
    );
    expect(streetOf(String(market!.value))).not.toBe(streetOf(String(tax!.value)));
    for (const claim of [market!, tax!]) {
      expect(addressFact!.explanation).toContain(String(claim.value));
      expect(claim.vintage).toBe('2026-09');
      expect(claim.provenance.synthetic).toBe(true);
    }
  }
});

function unitOf(uscc: string): { unitNo: string } {
  const link = city.truth.links.find((each) => each.uscc === uscc && each.system === 'SOCIAL_SECURITY');
  return { unitNo: link!.localKey };
}

test('what enterprises did in the end explains why the register and social security differ on their status', async () => {
  const differing = (await everybody()).filter(({ statusFact }) => statusFact?.agreement === 'DIFFERENT_VINTAGE');
  expect(differing.length).toBeGreaterThan(0);
  for (const { uscc, statusFact } of differing) {
    expect(city.enterprises.find((each) => each.uscc === uscc)?.status).not.toBe('ACTIVE');
    const { unitNo } = unitOf(uscc);
    const insured = statusFact?.claims.find(({ department }) => department === 'social-security');
    const months = city.insuredUnits.find((unit) => unit.unitNo === unitNo)!.headcounts.map(({ month }) => month);
    expect([insured?.provenance.recordId, insured?.vintage]).toEqual([unitNo, months.toSorted().at(-1)]);
    expect(statusFact?.value).toBe('NOT_OPERATING');
  }
});

test('the work list of conflicts is filled by a dispatch: a row for each enterprise, and in conflict are those that are', async () => {
  const operate = async (query: string, variables: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const { data, errors } = await askAs('city-operator', query, variables);
    expect(errors).toBeUndefined();
    return data!;
  };
  const dispatch = await readDispatchFile(`${projectRoot}schema/dispatches/fact-conflicts.yaml`);
  const made = await operate('mutation ($dispatch: DispatchInput!) { createDispatch(dispatch: $dispatch) { id } }', {
    dispatch,
  });
  const { id } = made['createDispatch'] as { id: string };
  await operate('mutation ($id: ID!) { previewDispatch(id: $id) { rowsOnPage } }', { id });
  await operate('mutation ($id: ID!) { activateDispatch(id: $id) { state } }', { id });
  await operate('mutation ($id: ID!) { runDispatchNow(id: $id) { id } }', { id });
  const runs = async (): Promise<string[]> => {
    const { dispatches } = await operate('{ dispatches { ofDepartment { id runs { state } } } }', {});
    const { ofDepartment } = dispatches as { ofDepartment: { id: string; runs: { state: string }[] }[] };
    return ofDepartment.filter((each) => each.id === id).flatMap((each) => each.runs.map(({ state }) => state));
  };
  await vi.waitUntil(async () => (await runs()).includes('DELIVERED'), { timeout: 20_000, interval: 100 });
  const database = await connectTo(network.databaseUrl);
  try {
    const { rows: listed } = await database.query(
      `SELECT uscc, address_why FROM fact_conflicts WHERE address_agreement = 'CONFLICT' ORDER BY uscc COLLATE "C"`,
    );
    const conflicts = (await everybody()).filter(({ addressFact }) => addressFact?.agreement === 'CONFLICT');
    expect(listed).toEqual(conflicts.map(({ uscc, addressFact }) => ({ uscc, address_why: addressFact!.explanation })));
    const { rows } = await database.query('SELECT count(*)::int AS count FROM fact_conflicts');
    expect(rows).toEqual([{ count: city.enterprises.length }]);
  } finally {
    await database.close();
  }
}, 30_000);
