import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { projectRoot } from '../../../network/settings.ts';
import type { DemoCallerName } from '../../../network/demo-callers.ts';
import { scoreOf } from '../../../tools/shells/score.ts';
import { askWith, type Answer } from '../../kit/ask.ts';
import { connectTo } from '../../kit/postgres-client.ts';
import { feedNamed, isAnalysed, startFeeds, type AnalysisStats } from '../../../network/feeds.ts';
import { city, network } from './network.ts';

const { truth, enterprises } = city;

beforeAll(async () => {
  await startFeeds(network);
  await whenAnalysed();
}, 120_000);

function askAs(name: DemoCallerName | 'public', query: string, variables?: Record<string, unknown>): Promise<Answer> {
  return askWith(name === 'public' ? {} : { ...network.headers[name] }, network.gatewayUrl, query, variables);
}

/** Waits until what was begun is delivered and looked at. */
async function whenAnalysed(): Promise<void> {
  await vi.waitUntil(async () => isAnalysed(network, (await network.stats('analysis')) as unknown as AnalysisStats), {
    timeout: 60_000,
    interval: 100,
  });
}

async function runDispatch(name: string): Promise<void> {
  const query = 'query ($name: String) { dispatches { ofDepartment(name: $name) { id } } }';
  const { data } = await askAs('analyst', query, { name });
  const [dispatch] = (data!['dispatches'] as { ofDepartment: { id: string }[] }).ofDepartment;
  const { errors } = await askAs('analyst', 'mutation ($id: ID!) { runDispatchNow(id: $id) { id } }', dispatch);
  expect(errors).toBeUndefined();
}

interface FoundFinding {
  subject: { uscc: string };
  terms: {
    name: string;
    value: number | null;
    rows: number;
    sources: { asOf: string | null; record: Record<string, unknown> }[];
  }[];
}

async function findingsOf(selection: string): Promise<FoundFinding[]> {
  const query = `{ findings(rule: "shell-companies", first: 500) { ${selection} } }`;
  const { data, errors } = await askAs('analyst', query);
  expect(errors).toBeUndefined();
  return data!['findings'] as FoundFinding[];
}

test('shell companies are found over the departments, and hardly anybody else', async () => {
  const found = new Set(
    (await findingsOf('subject { ... on Enterprise { uscc } }')).map(({ subject }) => subject.uscc),
  );
  expect(scoreOf(truth, found)).toEqual({
    ...{ shells: 12, found: 12, precision: 1, recall: 1 },
    lookAlikes: {
      ...{ HOLDING: { all: 2, taken: 0 }, NEW: { all: 2, taken: 0 }, SEASONAL: { all: 2, taken: 0 } },
      ...{ LANDLORD_METER: { all: 1, taken: 0 }, PARENT_PAYROLL: { all: 1, taken: 0 } },
    },
  });
});

test('one query goes from a finding down to the rows of the departments, which say what it says', async () => {
  // An inspector sees the rows by the departments' own rules, and findings by the analysis department's.
  const query = readFileSync(`${projectRoot}schema/operations/shell-companies.graphql`, 'utf8');
  const { data, errors } = await askAs('tax-inspector', query.replace('first: 3', 'first: 500'));
  expect(errors).toBeUndefined();
  const findings = data!['findings'] as FoundFinding[];
  const terms = (name: string): FoundFinding['terms'] =>
    findings.flatMap((finding) => finding.terms.filter((term) => term.name === name));
  for (const { value, sources } of terms('power')) {
    const rows = sources.flatMap(({ asOf, record }) => {
      const usage = record['usage'] as { month: string; kwh: number }[] | undefined;
      return usage?.filter(({ month }) => month === asOf) ?? [];
    });
    expect(rows.reduce((sum, { kwh }) => sum + kwh, 0)).toBeCloseTo(value!, 2);
  }
  const insured = terms('insured-in-season').flatMap(({ sources }) => sources);
  const months = insured.flatMap(({ asOf, record }) => {
    const headcounts = record['headcounts'] as { month: string; insured: number }[] | undefined;
    return headcounts?.filter(({ month }) => month === asOf) ?? [];
  });
  expect(months.length).toBeGreaterThan(0);
  expect(months.every((month) => month.insured === 0)).toBe(true);
  for (const { sources } of terms('status')) expect(sources[0]!.record['status']).toBe('ACTIVE');
});

describe('who may see it', () => {
  const query =
    '{ findings { id } analysisRules { id } bulletinFigures(first: 1) { recomputation { agrees } findings { id } } }';

  test.each<[DemoCallerName | 'public', rule: string | undefined]>([
    ['analyst', undefined],
    ['tax-inspector', undefined],
    ['public', 'analysis-closed'],
    ['enterprise', 'analysis-closed'],
    ['leader', 'analysis-closed'],
  ])('%s is refused findings by the rule %s, and given what is published', async (name, rule) => {
    const { data, errors = [] } = await askAs(name, query);
    const rules = errors.map(({ extensions }) => (extensions as { rule?: string }).rule);
    expect([...new Set(rules)]).toEqual(rule === undefined ? [] : [rule]);
    expect(data).toMatchObject({
      findings: rule === undefined ? expect.any(Array) : null,
      analysisRules: expect.any(Array) as unknown,
      bulletinFigures: [{ recomputation: { agrees: true } }],
    });
  });
});

test('the analysis department is given single records only for what it is for', async () => {
  const dispatch = { ...(await feedNamed('enterprise-records')), name: 'curious', purpose: 'curiosity' };
  const create = 'mutation ($dispatch: DispatchInput!) { createDispatch(dispatch: $dispatch) { id } }';
  const created = (await askAs('analyst', create, { dispatch })).data!['createDispatch'] as { id: string };
  const { data } = await askAs(
    'analyst',
    'mutation ($id: ID!) { previewDispatch(id: $id) { rows refusals { rule } } deleteDispatch(id: $id) { id } }',
    created,
  );
  expect(data!['previewDispatch']).toEqual({
    rows: [],
    refusals: [
      { rule: expect.stringMatching(/^(market-personal|power-kwh|social-security-headcount|tax-amounts)$/) as string },
    ],
  });
});

test('a published figure that was altered by hand is reported as different from its records, with both numbers', async () => {
  const truly = enterprises.filter(({ status, industry }) => status === 'ACTIVE' && industry === 'C').length;
  const figureId = 'active-enterprises:C:2026-09-30';
  const database = await connectTo(network.databaseUrl);
  await database.query('update market.bulletin_figure set value = value + 12 where figure_id = $1', [figureId]);
  await database.close();
  await runDispatch('analysis-published-figures');
  await whenAnalysed();
  const readme = readFileSync(`${projectRoot}README.md`, 'utf8');
  const [, asked = ''] = /```graphql\n([^]*?)```/.exec(readme.slice(readme.indexOf('### Penetrate'))) ?? [];
  expect(await askAs('public', asked)).toEqual({
    data: {
      bulletinFigure: {
        name: 'Active enterprises',
        value: truly + 12,
        recomputation: { published: truly + 12, recomputed: truly, difference: -12, agrees: false, records: truly },
      },
    },
  });
  const down = `query ($figureId: ID!) { bulletinFigure(figureId: $figureId) { recomputation {
    terms { name sources { record { ... on Enterprise { industry status } } } }
  } } }`;
  const { data } = await askAs('public', down, { figureId });
  const { recomputation } = data!['bulletinFigure'] as { recomputation: { terms: FoundFinding['terms'] } };
  const records = recomputation.terms.find(({ name }) => name === 'recomputed')!.sources.map(({ record }) => record);
  expect(records).toEqual(Array.from({ length: 20 }, () => ({ industry: 'C', status: 'ACTIVE' })));
});
