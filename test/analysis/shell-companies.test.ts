import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cityMonths, citySeed } from '../../network/settings.ts';
import type { DemoCallerName } from '../../network/demo-callers.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { askWith, type Answer } from '../kit/ask.ts';
import { startNetwork, type TestNetwork } from '../kit/network.ts';
import { connectTo } from '../kit/postgres-client.ts';
import { askPages, feeds, upsertOf, type FeedTable } from './feeds.ts';

const ENTERPRISES = 1_000;
const { truth, enterprises } = generateCity({ seed: citySeed, enterprises: ENTERPRISES, months: cityMonths });

let network: TestNetwork;
let database: Awaited<ReturnType<typeof connectTo>>;

beforeAll(async () => {
  network = await startNetwork({ enterprises: ENTERPRISES });
  database = await connectTo(network.databaseUrl);
  await database.query('set search_path to analysis');
  await feed('enterprise_record');
  await feed('published_figure');
  await runAnalysis();
});
afterAll(async () => {
  await database.close();
  await network.stop();
});

function askAs(name: DemoCallerName | 'public', query: string, variables?: Record<string, unknown>): Promise<Answer> {
  return askWith(name === 'public' ? {} : { ...network.headers[name] }, network.gatewayUrl, query, variables);
}

async function feed(table: FeedTable): Promise<void> {
  const headers = { ...network.headers['analysis-feed'] };
  for await (const rows of askPages(feeds[table], network.gatewayUrl, headers)) {
    const { text, values } = upsertOf(table, rows);
    await database.query(text, values);
  }
}

async function runAnalysis(): Promise<unknown> {
  const { data, errors } = await askAs('analyst', 'mutation { runAnalysis { rule found opened superseded closed } }');
  expect(errors).toBeUndefined();
  return data!['runAnalysis'];
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
  const right = truth.shells.filter((uscc) => found.has(uscc)).length;
  expect({ precision: right / found.size, recall: right / truth.shells.length }).toEqual({ precision: 1, recall: 1 });
});

test('one query goes from a finding down to the rows of the departments, which say what it says', async () => {
  // An inspector sees the rows by the departments' own rules, and findings by the analysis department's.
  const query = `{
    findings(rule: "shell-companies", first: 500) {
      rule { version hash }
      subject { ... on Enterprise { uscc name } }
      terms {
        name value rows
        sources {
          system recordId asOf method confidence
          record {
            ... on PowerCustomer { usage(months: 6) { month kwh } }
            ... on InsuredUnit { headcounts(months: 12) { month insured } }
            ... on Enterprise { name status }
          }
        }
      }
    }
  }`;
  const { data, errors } = await askAs('tax-inspector', query);
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
    ['analysis-feed', 'analysis-closed'],
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

  test('the feed is given single records only for what it is for', async () => {
    const feedQuery = `{ enterprises(first: 1) {
      legalRepresentative { pid } taxpayer { invoices { amountCny } } insuredUnit { headcounts { insured } }
      powerCustomers { usage { kwh } connectionApplications { applicationNo } }
    } }`;
    expect((await askAs('analysis-feed', feedQuery)).errors).toBeUndefined();
    const headers = { ...network.headers['analysis-feed'], 'switchyard-purpose': 'curiosity' };
    const { errors = [] } = await askWith(headers, network.gatewayUrl, feedQuery);
    const rules = errors.map(({ extensions }) => (extensions as { rule?: string }).rule);
    expect(new Set(rules)).toEqual(
      new Set(['market-personal', 'power-kwh', 'social-security-headcount', 'tax-amounts']),
    );
  });
});

test('a published figure that was altered by hand is reported as different from its records, with both numbers', async () => {
  const truly = enterprises.filter(({ status, industry }) => status === 'ACTIVE' && industry === 'C').length;
  const figureId = 'active-enterprises:C:2026-09-30';
  await database.query('update market.bulletin_figure set value = value + 12 where figure_id = $1', [figureId]);
  await feed('published_figure');
  expect(await runAnalysis()).toMatchObject([
    { rule: 'bulletin-figures', found: 1, opened: 1 },
    { found: truth.shells.length },
  ]);
  const query = `query ($figureId: ID!) { bulletinFigure(figureId: $figureId) {
    name part value unit
    recomputation { published recomputed difference agrees records terms { name sources { record { ... on Enterprise { industry status } } } } }
  } }`;
  const { data, errors } = await askAs('public', query, { figureId });
  expect(errors).toBeUndefined();
  expect(data!['bulletinFigure']).toMatchObject({
    value: truly + 12,
    recomputation: { published: truly + 12, recomputed: truly, difference: -12, agrees: false, records: truly },
  });
  const { recomputation } = data!['bulletinFigure'] as { recomputation: { terms: FoundFinding['terms'] } };
  const records = recomputation.terms.find(({ name }) => name === 'recomputed')!.sources.map(({ record }) => record);
  expect(records).toEqual(Array.from({ length: 20 }, () => ({ industry: 'C', status: 'ACTIVE' })));
});
