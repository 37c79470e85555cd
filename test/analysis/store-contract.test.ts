import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Analysis } from '../../subgraphs/analysis/analysis.ts';
import { openDuckDbStore } from '../../subgraphs/analysis/duckdb-store.ts';
import { examine, type Examined } from '../../subgraphs/analysis/examine.ts';
import { findChecks, listFindings, type Finding } from '../../subgraphs/analysis/findings.ts';
import { openPostgresStore } from '../../subgraphs/analysis/postgres-store.ts';
import { listRules } from '../../subgraphs/analysis/publish-rules.ts';
import { parseRule, readRules, type AnalysisRule } from '../../subgraphs/analysis/rule-file.ts';
import type { AnalysisStore } from '../../subgraphs/analysis/store.ts';
import { emptyDatabase } from '../kit/postgres-client.ts';
import { upsertOf, type FeedRow, type FeedTable } from './feeds.ts';
import { fuseCity } from './fused-city.ts';

const fused = fuseCity({ seed: 21, enterprises: 750 });
const rules = readRules(fileURLToPath(new URL('../../subgraphs/analysis/rules', import.meta.url)));
const shells = rules.find(({ id }) => id === 'shell-companies')!;

async function take(store: AnalysisStore, table: FeedTable, rows: readonly FeedRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 250) {
    const { text, values } = upsertOf(table, rows.slice(at, at + 250));
    await store.query(text, values);
  }
}

const found = new Map<string, Examined[]>();

describe.each<[string, () => Promise<{ store: AnalysisStore; close(): Promise<void> }>]>([
  [
    'PostgreSQL',
    async () => {
      const { url, close } = await emptyDatabase();
      const store = await openPostgresStore({ databaseUrl: url, timeoutMs: 5_000, ruleTimeoutMs: 10_000 });
      return { store, close: () => store.close().then(close) };
    },
  ],
  [
    'DuckDB',
    async () => {
      const store = await openDuckDbStore({ file: ':memory:' });
      return { store, close: () => store.close() };
    },
  ],
])('%s', (name, open) => {
  let opened: Awaited<ReturnType<typeof open>>;
  let store: AnalysisStore;
  let analysis: Analysis;

  beforeAll(async () => {
    opened = await open();
    ({ store } = opened);
    await take(store, 'enterprise_record', fused.enterprises);
    await take(store, 'published_figure', fused.figures);
    analysis = await Analysis.open(store, rules);
  });
  afterAll(() => opened.close());

  const open750 = (rule: string, state: Finding['state'] = 'OPEN'): Promise<Finding[]> =>
    listFindings(store.query, { rule, state, first: 500 });

  test('finds the shell companies that the city has, and none of what only looks like one', async () => {
    expect(await analysis.run()).toMatchObject([
      { rule: 'bulletin-figures', found: 0 },
      { rule: 'shell-companies', found: fused.city.truth.shells.length, opened: fused.city.truth.shells.length },
    ]);
    const subjects = (await open750('shell-companies')).map(({ subjectKey }) => subjectKey);
    expect(subjects.toSorted()).toEqual(fused.city.truth.shells.toSorted());
    found.set(name, await examine(shells, store.query));
  });

  test('leads each term to the rows that it comes from', async () => {
    const row = new Map(fused.enterprises.map((each) => [each['uscc'], each]));
    for (const { subjectKey, terms } of await open750('shell-companies')) {
      for (const { sources, rows } of terms)
        expect([sources.length > 0, sources.length <= rows || rows === 0]).toEqual([true, true]);
      const invoiced = terms.find((term) => term.name === 'invoiced')!;
      const invoices = JSON.parse(String(row.get(subjectKey)!['invoices'])) as { month: string; amountCny: number }[];
      expect(invoiced.sources.map(({ asOf }) => asOf)).toEqual(invoices.map(({ month }) => month).toReversed());
      expect(invoiced.value).toBeCloseTo(
        invoices.reduce((sum, { amountCny }) => sum + amountCny, 0),
        2,
      );
    }
  });

  test('keeps findings as they are while nothing changes', async () => {
    const before = await open750('shell-companies');
    expect((await analysis.run('shell-companies'))[0]).toMatchObject({ opened: 0, superseded: 0, closed: 0 });
    expect(await open750('shell-companies')).toEqual(before);
  });

  test('supersedes a finding by what newer records say, and closes it when it holds no longer', async () => {
    const [first] = await open750('shell-companies');
    const record = fused.enterprises.find(({ uscc }) => uscc === first!.subjectKey)!;
    await take(store, 'enterprise_record', [{ ...record, declared_headcount: 9 }]);
    expect((await analysis.run('shell-companies'))[0]).toMatchObject({ opened: 0, superseded: 1, closed: 0 });
    const [old] = await open750('shell-companies', 'SUPERSEDED');
    const newer = (await open750('shell-companies')).find(({ subjectKey }) => subjectKey === first!.subjectKey)!;
    expect(old).toMatchObject({ id: first!.id, supersededBy: newer.id });
    expect(newer.terms.find((term) => term.name === 'declared-headcount')?.value).toBe(9);

    await take(store, 'enterprise_record', [{ ...record, status: 'REVOKED' }]);
    expect((await analysis.run('shell-companies'))[0]).toMatchObject({ opened: 0, superseded: 0, closed: 1 });
    expect(await open750('shell-companies', 'CLOSED')).toMatchObject([
      { id: newer.id, endedAt: expect.any(String) as string },
    ]);
    await take(store, 'enterprise_record', [record]);
    expect((await analysis.run('shell-companies'))[0]).toMatchObject({ opened: 1, superseded: 0, closed: 0 });
  });

  test('says of a figure that was altered what was published, and what its records come to', async () => {
    const [figure] = fused.figures;
    await take(store, 'published_figure', [{ ...figure!, value: Number(figure!['value']) + 3 }]);
    await analysis.run('bulletin-figures');
    const [finding] = await open750('bulletin-figures');
    expect(finding).toMatchObject({ subjectType: 'BulletinFigure', subjectKey: figure!['figure_id'] });
    expect(finding!.terms).toMatchObject([
      { name: 'published', value: Number(figure!['value']) + 3, rows: 1 },
      { name: 'recomputed', value: figure!['value'], rows: figure!['value'] },
    ]);
    const checks = await findChecks(
      store.query,
      'BulletinFigure',
      fused.figures.map((each) => String(each['figure_id'])),
    );
    expect(checks.filter(({ holds }) => holds)).toMatchObject([{ subjectKey: figure!['figure_id'] }]);
    expect(checks).toHaveLength(fused.figures.length);
  });

  test('takes a changed rule only as another version, and its findings supersede those of the one before', async () => {
    const changed = {
      ...shells,
      hash: 'another',
      parameters: { ...shells.parameters, invoiced_cny: { value: 1, unit: 'CNY', text: '' } },
    };
    await expect(Analysis.open(store, [changed])).rejects.toThrow('version 1 was published with another text');
    const second: AnalysisRule = { ...changed, version: 2 };
    const [run] = await (await Analysis.open(store, [second])).run();
    expect(run).toMatchObject({ version: 2, opened: 0, superseded: fused.city.truth.shells.length });
    expect((await listRules(store.query)).map(({ id, version }) => `${id} ${version}`)).toEqual([
      'bulletin-figures 1',
      'shell-companies 2',
      'shell-companies 1',
    ]);
    await expect(Analysis.open(store, rules)).rejects.toThrow('version 2 was published, and this is 1');
  });

  test('does what fails not at all', async () => {
    const broken = store.alone(async (query) => {
      await query('delete from finding');
      await query('select no_such_column from finding');
    });
    await expect(broken).rejects.toMatchObject({ extensions: { code: 'SYSTEM_UNAVAILABLE' } });
    expect((await open750('shell-companies')).length).toBeGreaterThan(0);
  });
});

test('both stores find the same, term by term and row by row', () => {
  expect(found.get('DuckDB')).toEqual(found.get('PostgreSQL'));
});

describe('a rule', () => {
  test.each([
    ['select 1', 'a rule begins with /*'],
    ['/*\nid: [\n*/\nselect 1', 'x.sql: Flow'],
    ['/*\nid: a\nversion: 1\ntitle: A\ntext: A\n*/\nselect 1', 'finds: '],
    [
      '/*\nid: a\nversion: 1\ntitle: A\ntext: A\nfinds: Enterprise\n*/\nselect $many',
      'the parameter $many is not said',
    ],
  ])('that is none is refused with its file: %s', (text, message) => {
    expect(() => parseRule(text, 'x.sql')).toThrow(message);
  });
});
