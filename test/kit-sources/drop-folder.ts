import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { StatementSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { plainNumber } from '../../subgraphs/kit/manifest/conversions.ts';
import type { RecordSource, SourceRow, SourceValue } from '../../subgraphs/kit/record-source.ts';
import type { CollectionUse, SourceContext } from '../../subgraphs/kit/source-kind.ts';
import { closingAfterEach, temporaryFolder } from '../kit/department.ts';
import { contractOf } from './contract.ts';
import { COUNTS, STATIONS } from './stations.ts';

/** A kind of files that land in a folder. */
export interface DropFormat {
  /** What its files are, in test names. */
  name: string;
  /** How their names end. */
  ending: string;
  open(folder: string, context: SourceContext): Promise<RecordSource>;
  /** A file of these records, each in lines of its own. */
  write(records: readonly SourceRow[]): Content | Promise<Content>;
  /** The line that a record of the file begins on, counted from 0, or is said to be on. */
  lineOf(record: number): number;
  /** A file of these records that breaks off in the last one. Absent where nobody can tell. */
  cut?(records: readonly SourceRow[]): Content | Promise<Content>;
}

type Content = string | Buffer;

const inTime = { signal: new AbortController().signal };
/** A file lands or changes. */
const SOON = { timeout: 10_000, interval: 50 };

/** What holds for every kind of files: the port's contract, and what becomes of files. */
export function dropFolderContractOf(format: DropFormat): void {
  stationsIn(format);
  describe(`A folder of ${format.name}`, () => {
    const one = oneFileOf(format);
    describeRows(format, one);
    describeFiles(format, one);
  });
}

function stationsIn({ name, ending, open, write }: DropFormat): void {
  contractOf(name, async () => {
    const folder = temporaryFolder();
    writeFileSync(folder.file(`stations.${ending}`), await write(STATIONS));
    writeFileSync(folder.file(`counted-1.${ending}`), await write(COUNTS.slice(0, 2)));
    writeFileSync(folder.file(`counted-2.${ending}`), await write(COUNTS.slice(2)));
    writeFileSync(folder.file(`copied.${ending}`), await write([...STATIONS, ...STATIONS]));
    const station = { id: undefined, name: undefined, district: undefined, lines: plainNumber, opened: undefined };
    const counted = { station: undefined, day: undefined, passengers: plainNumber };
    const names = { station: `stations.${ending}`, counted: `counted-*.${ending}`, copied: `copied.${ending}` };
    const source = await open(
      folder.path,
      contextOf({
        [names.station]: use(station, [['id']]),
        [names.counted]: use(counted, [['station', 'day']]),
        [names.copied]: use(station, []),
      }),
    );
    const statements = vi.spyOn(StatementSync.prototype, 'all');
    return {
      source,
      names,
      asked: () => statements.mock.calls.length,
      remove() {
        statements.mockRestore();
        folder.close();
      },
    };
  });
}

type OneFile = ReturnType<typeof oneFileOf>;

function describeRows({ write, lineOf }: DropFormat, one: OneFile): void {
  test('rows that cannot be kept are put aside with line and reason, and the others are kept', async () => {
    const records = [
      { id: '1', name: 'one', size: '1.5' },
      { id: null, name: 'none', size: '1' },
      { id: '1', name: 'again', size: '1' },
      { id: '3', name: 'thrée 北京', size: null },
    ];
    const { source, aside } = await one(await write(records));
    expect(await aside()).toEqual([
      { line: lineOf(1), reason: 'id is empty, and is the key', isKept: 0 },
      { line: lineOf(2), reason: 'another row has the same id', isKept: 0 },
    ]);
    expect((await rowsOf(source)).map((row) => [row['id'], row['name'], row['size'], row['$line']])).toEqual([
      ['1', 'one', 1.5, lineOf(0)],
      ['3', 'thrée 北京', null, lineOf(3)],
    ]);
  });

  test('a value that does not fit is told with its line, and its row is kept', async () => {
    const { source, aside } = await one(
      await write([
        { id: '1', name: 'one', size: 'many' },
        { id: '2', name: 'two', size: '2' },
      ]),
    );
    expect(await aside()).toEqual([{ line: lineOf(0), reason: 'size must be a number such as 1234.56', isKept: 1 }]);
    const rows = await rowsOf(source);
    expect(rows.map((row) => row['name'])).toEqual(['one', 'two']);
    expect(rows[0]?.['size']).toBeInstanceOf(Uint8Array);
  });
}

function describeFiles({ ending, write, cut }: DropFormat, one: OneFile): void {
  test('a file that no type is read from is named, and a thousand rows put aside are listed and the rest counted', async () => {
    const { source, folder, aside } = await one(
      await write(Array.from({ length: 1_500 }, () => ({ id: null, name: 'x', size: null }))),
    );
    writeFileSync(folder.file('notes.txt'), 'a');
    const files = [
      { file: `a.${ending}`, rowsAside: 1_500 },
      { file: 'notes.txt', fault: `no type is read from it; files are *.${ending}` },
    ];
    await expect.poll(() => source.stats?.(), SOON).toMatchObject({ files });
    expect(await aside()).toHaveLength(1_000);
  });

  test('a file that is replaced counts whole from then on, one taken away is forgotten, and rows that stood behind others come forth', async () => {
    const { source, folder } = await one(await write(named({ 1: 'one', 2: 'two' })));
    const land = async (file: string, names: Record<string, string>): Promise<void> => {
      writeFileSync(folder.file(`${file}.part`), await write(named(names)));
      renameSync(folder.file(`${file}.part`), folder.file(file));
    };
    await land(`b.${ending}`, { 2: 'other two', 3: 'three' });
    await expect.poll(() => namesIn(source), SOON).toEqual(['one', 'two', 'three']);
    await land(`a.${ending}`, { 1: 'uno' });
    await expect.poll(() => namesIn(source), SOON).toEqual(['uno', 'other two', 'three']);
    rmSync(folder.file(`b.${ending}`));
    await expect.poll(() => namesIn(source), SOON).toEqual(['uno']);
  });

  test('of a file that is replaced while it is read nothing is taken but what it is in the end', async () => {
    const { source, folder } = await one(await write(named({ 1: 'one' })));
    const file = folder.file(`a.${ending}`);
    const run = StatementSync.prototype.run as (...values: unknown[]) => unknown;
    const [first, last] = [await write(named({ 1: 'first', 3: 'three' })), await write(named({ 1: 'last', 2: 'two' }))];
    let isReplaced = false;
    const spy = vi.spyOn(StatementSync.prototype, 'run').mockImplementation(function (this: StatementSync, ...values) {
      if (!isReplaced && values.includes('first')) {
        isReplaced = true;
        writeFileSync(`${file}.part`, last);
        renameSync(`${file}.part`, file);
      }
      return run.apply(this, values) as ReturnType<StatementSync['run']>;
    });
    const seen = new Set<string>();
    try {
      writeFileSync(`${file}.part`, first);
      renameSync(`${file}.part`, file);
      const look = async (): Promise<unknown> => {
        const names = await namesIn(source);
        seen.add(JSON.stringify(names));
        return names;
      };
      await expect.poll(look, SOON).toEqual(['last', 'two']);
    } finally {
      spy.mockRestore();
    }
    expect([isReplaced, [...seen]]).toEqual([true, ['["one"]', '["last","two"]']]);
  });

  test.skipIf(!cut)(
    'of a file that is half there what it held before stands, and of a new one what is good',
    async () => {
      const { source, folder } = await one(await write(named({ 1: 'one', 2: 'two' })));
      writeFileSync(folder.file(`a.${ending}`), await cut!(named({ 1: 'uno', 2: 'due' })));
      writeFileSync(folder.file(`b.${ending}`), await cut!(named({ 7: 'seven', 8: 'eight' })));
      const fault = expect.stringMatching(/ends before|broken off/) as string;
      await expect
        .poll(() => source.stats?.(), SOON)
        .toMatchObject({
          files: [
            { file: `a.${ending}`, rowsKept: 2, fault },
            { file: `b.${ending}`, fault },
          ],
        });
      expect((await namesIn(source)).slice(0, 2)).toEqual(['one', 'two']);
      writeFileSync(folder.file(`a.${ending}`), await write(named({ 1: 'uno', 2: 'due' })));
      await expect.poll(() => namesIn(source).then((names) => names.slice(0, 2)), SOON).toEqual(['uno', 'due']);
    },
  );

  test('what was read is kept nowhere when the source is closed', async () => {
    const { source } = await one(await write(named({ 1: 'one' })), { isClosedHere: true });
    const own = (): string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith(`switchyard-import-${process.pid}-`));
    const before = own();
    await source.close();
    expect(own()).toHaveLength(before.length - 1);
  });
}

function named(names: Record<string, string>): SourceRow[] {
  return Object.entries(names).map(([id, name]) => ({ id, name, size: null }));
}

/** A folder with one file, `a`, whose rows have `id`, `name` and `size`; closed when the test ends. */
export function oneFileOf({ ending, open }: Pick<DropFormat, 'ending' | 'open'>, more: Partial<CollectionUse> = {}) {
  const closing = closingAfterEach();
  return async (content: string | Buffer, { isClosedHere = false } = {}) => {
    const folder = closing(temporaryFolder());
    writeFileSync(folder.file(`a.${ending}`), content);
    const columns = { id: undefined, name: undefined, size: plainNumber };
    const own = { ...use(columns, [['id']]), ...more };
    const source = await open(folder.path, contextOf({ [`*.${ending}`]: own }));
    if (!isClosedHere) closing(source);
    const page = { collection: '$aside', select: ['line', 'reason', 'isKept'], where: [], after: null, first: 2_000 };
    const orderBy = [{ column: 'line', descending: false }];
    const aside = async (): Promise<SourceRow[]> =>
      (await source.page({ ...page, orderBy }, inTime)).map((row) => ({ ...row }));
    return { source, folder, aside };
  };
}

function contextOf(collections: Record<string, CollectionUse>): SourceContext {
  const context = { department: 'test', holds: 'test files', remedy: '', folder: '/', nameOf: String };
  return { ...context, collections: new Map(Object.entries(collections)) };
}

function use(columns: Record<string, typeof plainNumber | undefined>, keys: string[][]): CollectionUse {
  return { columns: new Map(Object.entries(columns)), structures: new Map(), keys, sought: [] };
}

/** The rows of the one collection of {@link oneFileOf}. */
export async function rowsOf(source: RecordSource, select = ['id', 'name', 'size', '$line']): Promise<SourceRow[]> {
  const [collection] = (source.stats!() as { files: { collection: string | null }[] }).files.flatMap((file) =>
    file.collection === null ? [] : [file.collection],
  );
  const orderBy = [{ column: 'id', descending: false }];
  return source.page({ collection: collection!, select, where: [], orderBy, after: null, first: 100 }, inTime);
}

async function namesIn(source: RecordSource): Promise<(SourceValue | undefined)[]> {
  return (await rowsOf(source)).map((row) => row['name']);
}
