import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  AskOptions,
  Comparison,
  PageQuestion,
  QuestionShape,
  RecordSource,
  SourceRow,
} from '../../subgraphs/kit/record-source.ts';
import { STATIONS } from './stations.ts';

/** A source of one kind that holds `STATIONS` as `station` and `COUNTS` as `counted`, and all stations twice as `copied`. */
export interface Fixture {
  source: RecordSource;
  /** What the collections are called, where that is not their name. */
  names?: { station: string; counted: string; copied: string };
  /** How many questions the system was asked, so far. */
  asked(): number;
  /** What it may refuse to be asked, and why that system cannot answer it: then the refusal is what is tested. */
  mayRefuse?: Partial<Record<QuestionShape['kind'], string>>;
  /** Takes away what the fixture made; the source is closed by the suite. */
  remove(): unknown;
}

/** What holds for every kind of source: its port says so. */
export function contractOf(kind: string, open: () => Promise<Fixture>): void {
  describe(`A source of records in ${kind}`, () => {
    let fixture: Fixture;
    let source: RecordSource;
    let names: NonNullable<Fixture['names']>;
    beforeAll(async () => {
      fixture = await open();
      ({ source } = fixture);
      names = fixture.names ?? { station: 'station', counted: 'counted', copied: 'copied' };
      for (const name of Object.values(names)) await source.describe(name);
    });
    afterAll(async () => {
      await fixture.source.close();
      await fixture.remove();
    });
    describeShape(() => ({ source, names }));
    describeKeys(() => ({ source, names, fixture }));
    describeRelated(() => ({ source, names, fixture }));
    describePages(() => ({ source, names, fixture }));
    describeFaults(() => ({ source, names }));
  });
}

interface Opened {
  source: RecordSource;
  names: NonNullable<Fixture['names']>;
}

const inTime: AskOptions = { signal: new AbortController().signal };
const SELECT = ['id', 'name', 'district', 'lines', 'opened'];
const byId = [{ column: 'id', descending: false }];

/** Whether a source refuses a question, as its system makes it. */
function isRefused({ source, fixture }: { source: RecordSource; fixture: Fixture }, shape: QuestionShape): boolean {
  const refusal = source.refusalOf(shape);
  if (refusal === undefined) return false;
  expect(fixture.mayRefuse?.[shape.kind], refusal).toBeDefined();
  expect(refusal).not.toBe('');
  return true;
}

function describeShape(opened: () => Opened): void {
  test('says its columns, or that it does not know them', async () => {
    const { source, names } = opened();
    const { columns } = await source.describe(names.station);
    expect(columns?.map(({ name }) => name) ?? SELECT).toEqual(expect.arrayContaining(SELECT));
  });

  test('refuses a collection that is not there', async () => {
    const { source } = opened();
    await expect(source.describe('no_such_collection')).rejects.toThrow(/no_such_collection/);
  });
}

function describeKeys(opened: () => Opened & { fixture: Fixture }): void {
  test('gives the rows of keys in the order asked, with null for what it does not have, for one question', async () => {
    const { source, names, fixture } = opened();
    const before = fixture.asked();
    const keys = ['S5', 'S9', 'S1', 'S3', 's1', '', '\u0000', "' OR 1=1 --", 'x'.repeat(10_000), 7, true].map((key) => [
      key,
    ]);
    const question = { collection: names.station, select: SELECT, keyColumns: ['id'], keys };
    const rows = await source.byKeys(question, inTime);
    expect(rows).toHaveLength(keys.length);
    expect(rows.map((row) => row && wanted(row as SourceRow))).toEqual([
      STATIONS[4],
      null,
      STATIONS[0],
      STATIONS[2],
      ...Array.from({ length: 7 }, () => null),
    ]);
    expect(fixture.asked() - before).toBe(1);
  });

  test('gives the rows of keys of several columns', async () => {
    const { source, names } = opened();
    const keys = [
      ['S2', '2026-01-02'],
      ['S1', '2026-01-04'],
      ['S2', '2026-01-01'],
      ['S1', '2026-01-02'],
    ];
    const question = { collection: names.counted, select: ['passengers'], keyColumns: ['station', 'day'], keys };
    const rows = await source.byKeys(question, inTime);
    expect(rows.map((row) => row && Number((row as SourceRow)['passengers']))).toEqual([
      0,
      null,
      9007199254740991,
      80.5,
    ]);
  });

  test('gives an error for a key that several rows have, and the rows of the others', async () => {
    const { source, names } = opened();
    const question = { collection: names.copied, select: ['name'], keyColumns: ['id'], keys: [['S1'], ['S9'], ['S2']] };
    const rows = await source.byKeys(question, inTime);
    expect(rows.map((row) => (row instanceof GraphQLError ? row.extensions['code'] : row))).toEqual([
      'SYSTEM_BAD_ANSWER',
      null,
      'SYSTEM_BAD_ANSWER',
    ]);
  });
}

function describeRelated(opened: () => Opened & { fixture: Fixture }): void {
  test('gives the first rows of each key, in their order, for one question', async () => {
    const { source, names, fixture } = opened();
    const before = fixture.asked();
    const rows = await source.related(
      {
        collection: names.counted,
        select: ['day'],
        keyColumns: ['station'],
        keys: [['S2'], ['S9'], ['S1']],
        where: [],
        orderBy: [{ column: 'day', descending: true }],
        first: 2,
      },
      inTime,
    );
    expect(rows.map((each) => (each as SourceRow[]).map((row) => row['day']))).toEqual([
      ['2026-01-02', '2026-01-01'],
      [],
      ['2026-01-03', '2026-01-02'],
    ]);
    expect(fixture.asked() - before).toBe(1);
  });

  test('narrows related rows before it takes the first', async () => {
    const { source, names } = opened();
    const question = { collection: names.counted, select: ['day'], keyColumns: ['station'], keys: [['S1'], ['S2']] };
    const where = [
      { column: 'passengers', is: 'atLeast' as const, value: 100 },
      { column: 'day', is: 'atMost' as const, value: '2026-01-02' },
    ];
    const orderBy = [{ column: 'day', descending: true }];
    const rows = await source.related({ ...question, where, orderBy, first: 1 }, inTime);
    expect(rows.map((each) => (each as SourceRow[]).map((row) => row['day']))).toEqual([
      ['2026-01-01'],
      ['2026-01-01'],
    ]);
  });

  test('puts nulls last among related rows, whichever the direction', async () => {
    const { source, names } = opened();
    for (const descending of [false, true]) {
      const orderBy = [{ column: 'lines', descending }, ...byId];
      const question = {
        collection: names.station,
        select: ['id'],
        keyColumns: ['district'],
        keys: [['north']],
        orderBy,
      };
      const [rows] = await source.related({ ...question, where: [], first: 10 }, inTime);
      expect((rows as SourceRow[]).map((row) => row['id'])).toEqual(
        descending ? ['S5', 'S1', 'S6'] : ['S1', 'S5', 'S6'],
      );
    }
  });
}

function describePages(opened: () => Opened & { fixture: Fixture }): void {
  test.each([
    ['lines up', [{ column: 'lines', descending: false }, ...byId], ['S4', 'S1', 'S2', 'S5', 'S3', 'S6']],
    ['lines down', [{ column: 'lines', descending: true }, ...byId], ['S2', 'S5', 'S1', 'S4', 'S3', 'S6']],
    ['the key', byId, ['S1', 'S2', 'S3', 'S4', 'S5', 'S6']],
    ['the key down', [{ column: 'id', descending: true }], ['S6', 'S5', 'S4', 'S3', 'S2', 'S1']],
  ])('goes through all rows page by page, by %s', async (_, orderBy, expected) => {
    const { source, names, fixture } = opened();
    const shape = { collection: names.station, where: [], orderBy, hasAfter: true };
    if (isRefused({ source, fixture }, { kind: 'page', ...shape })) return;
    for (const first of [1, 2, 4]) {
      const seen: unknown[] = [];
      for (let after: PageQuestion['after'] = null; ;) {
        const question = { collection: names.station, select: ['id'], where: [], orderBy, after, first };
        const page: SourceRow[] = await source.page(question, inTime);
        seen.push(...page.map((row) => row['id']));
        const last = page.at(-1);
        if (!last || seen.length > 10) break;
        after = orderBy.map(({ column }) => last[column] ?? null);
      }
      expect(seen).toEqual(expected);
    }
  });

  test.each<[string, Comparison, string | number, string[]]>([
    ['district', 'equals', 'north', ['S1', 'S5', 'S6']],
    ['district', 'equals', 'North', []],
    ['lines', 'equals', 7, ['S2', 'S5']],
    ['lines', 'atLeast', 3, ['S1', 'S2', 'S5']],
    ['lines', 'atMost', 3, ['S1', 'S4']],
    ['opened', 'atLeast', '2008-08-01', ['S4', 'S5']],
    ['name', 'contains', 'HARBOUR', ['S1', 'S6']],
    ['name', 'startsWith', 'h', ['S1', 'S2', 'S6']],
    ['name', 'contains', '%', ['S3']],
    ['name', 'contains', '_', ['S3']],
    ['name', 'contains', '\\', ['S4']],
    ['name', 'startsWith', "o'", ['S4']],
    ['name', 'contains', '南', ['S5']],
    ['name', 'contains', '\u0000', []],
    ['name', 'equals', "x' OR '1'='1", []],
  ])('narrows rows: %s %s %j', async (column, is, value, expected) => {
    const { source, names, fixture } = opened();
    const shape = { collection: names.station, where: [{ column, is }], orderBy: byId, hasAfter: false };
    if (isRefused({ source, fixture }, { kind: 'page', ...shape })) return;
    const question = { collection: names.station, select: ['id'], where: [{ column, is, value }], orderBy: byId };
    const rows = await source.page({ ...question, after: null, first: 10 }, inTime);
    expect(rows.map((row) => row['id'])).toEqual(expected);
  });
}

function describeFaults(opened: () => Opened): void {
  test('does not ask when there is no time left', async () => {
    const { source, names } = opened();
    const over = { signal: AbortSignal.abort() };
    const collection = names.station;
    const keys = { collection, select: ['id'], keyColumns: ['id'], keys: [['S1']] };
    const page = { collection, select: ['id'], where: [], orderBy: byId, after: null, first: 1 };
    const expected = { extensions: { code: 'SYSTEM_UNAVAILABLE' } };
    await expect(source.byKeys(keys, over)).rejects.toMatchObject(expected);
    await expect(source.related({ ...keys, where: [], orderBy: [], first: 1 }, over)).rejects.toMatchObject(expected);
    await expect(source.page(page, over)).rejects.toMatchObject(expected);
  });
}

/** The columns asked for; a source may give more. Numbers as numbers, however the source writes them. */
function wanted(row: SourceRow): SourceRow {
  const lines = row['lines'] ?? null;
  return {
    ...Object.fromEntries(SELECT.map((column) => [column, row[column] ?? null])),
    lines: lines === null ? null : Number(lines),
  };
}
