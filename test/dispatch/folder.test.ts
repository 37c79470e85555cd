import { inspect } from 'node:util';
import { hash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { receiverSchema, type ReceiverConfigOf } from '../../gateway/config/dispatch-receivers.ts';
import type { DeliveredValue } from '../../gateway/dispatch/delivery.ts';
import { openFolder } from '../../gateway/dispatch/receivers/folder.ts';
import { openReceiver } from '../../gateway/dispatch/receivers/open-receiver.ts';
import { closingAfterEach, temporaryFolder } from '../kit/department.ts';
import { keepDigits } from './json-digits.ts';
import { deliveryOf, faultOf, receiverContractOf, unhurried, type ReceivedRow } from './receiver-contract.ts';

type Format = ReceiverConfigOf<'folder'>['format'];

function settingsOf(folder: string, format: Format, more: object = {}): ReceiverConfigOf<'folder'> {
  return receiverSchema.parse({ kind: 'folder', folder, format, ...more }) as ReceiverConfigOf<'folder'>;
}

const ENDINGS: Readonly<Record<Format, string>> = { csv: 'csv', json: 'json', 'json-lines': 'jsonl', xml: 'xml' };

/** The file of the first run of `d1`. */
const FIRST = `d1-000001-${hash('sha256', 'd1:1').slice(0, 8)}`;

/** A record of a file, and whether it says that it is no more. */
interface FileRecord {
  change: string | undefined;
  row: ReceivedRow;
}

const READERS: Readonly<Record<Format, (text: string) => FileRecord[]>> = {
  csv: readCsv,
  json: (text) => (JSON.parse(text, keepDigits) as ReceivedRow[]).map(fromJson),
  'json-lines': (text) =>
    text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => fromJson(JSON.parse(line, keepDigits) as ReceivedRow)),
  xml: readXml,
};

for (const format of Object.keys(READERS) as Format[])
  receiverContractOf(`a folder of ${format}`, async () => {
    const home = temporaryFolder();
    const folder = home.file('in');
    writeFileSync(home.file('a-file'), '');
    return {
      open: () => openReceiver(settingsOf(folder, format), { signingKey: undefined }),
      openDown: () => openReceiver(settingsOf(home.file('a-file/in'), format), { signingKey: undefined }),
      state: async (dispatch) => stateOf(folder, format, dispatch),
      snapshot: async () => filesOf(folder),
      secrets: [],
      close: async () => home.close(),
    };
  });

describe('A folder', () => {
  const closing = closingAfterEach();
  const opened = (format: Format, more: object = {}) => {
    const home = closing(temporaryFolder());
    return { home, folder: home.path, receiver: closing(openFolder(settingsOf(home.path, format, more))) };
  };

  test('holds one file for a run of several parts, and nothing of it before the last has come', async () => {
    const { folder, receiver } = opened('csv');
    const part = (number: number) =>
      deliveryOf({
        part: number,
        isLast: number === 2,
        columns: [{ name: 'id', type: 'text' }],
        key: ['id'],
        rows: [[`${number}`]],
      });
    await receiver.deliver(part(1), unhurried());
    expect(visible(folder)).toEqual([]);
    await receiver.deliver(part(2), unhurried());
    expect(visible(folder)).toEqual([`${FIRST}.csv`]);
    expect(readFileSync(join(folder, `${FIRST}.csv`), 'utf8')).toBe('id\r\n"1"\r\n"2"\r\n');
  });

  test('does not get a file again that its reader has taken away', async () => {
    const { folder, receiver } = opened('json');
    await receiver.deliver(deliveryOf({}), unhurried());
    rmSync(join(folder, `${FIRST}.json`));
    await receiver.deliver(deliveryOf({}), unhurried());
    expect(visible(folder)).toEqual([]);
  });

  test('has files of its own for a dispatch that has the name of one that is gone', async () => {
    const { folder, receiver } = opened('json');
    await receiver.deliver(deliveryOf({}), unhurried());
    await receiver.deliver(deliveryOf({ idempotencyKey: 'other:1:1' }), unhurried());
    expect(visible(folder)).toHaveLength(2);
  });

  test('gets the file that a gateway had made and not yet put in place when it was killed', async () => {
    const { home, folder, receiver } = opened('json');
    const receipt = await receiver.deliver(deliveryOf({}), unhurried());
    renameSync(join(folder, `${FIRST}.json`), home.file(`.switchyard/${FIRST}.json.whole`));
    expect(await receiver.deliver(deliveryOf({}), unhurried())).toEqual(receipt);
    expect(visible(folder)).toEqual([`${FIRST}.json`]);
  });

  test('takes no part whose part before is missing, no more than it may keep, and no other columns than before', async () => {
    const { receiver } = opened('csv', { maxRunBytes: 20 });
    const columns = [{ name: 'id', type: 'text' }] as const;
    const part = (number: number, rows: DeliveredValue[][]) =>
      deliveryOf({ part: number, isLast: false, columns, key: ['id'], rows });
    expect(await faultOf(receiver.deliver(part(2, []), unhurried()))).toMatchObject({ code: 'DELIVERY_INCOMPLETE' });
    await receiver.deliver(part(1, [['0123456789']]), unhurried());
    const large = await faultOf(receiver.deliver(part(2, [['0123456789']]), unhurried()));
    expect(large).toMatchObject({ code: 'DELIVERY_TOO_LARGE', isLasting: true });
    const other = { ...part(2, []), columns: [{ name: 'other', type: 'text' as const }] };
    expect(await faultOf(receiver.deliver(other, unhurried()))).toMatchObject({ code: 'DELIVERY_UNFIT' });
  });

  test('keeps what it knows of a run for as long as it is told', async () => {
    const { home, receiver } = opened('json', { keepDays: 2 });
    await receiver.deliver(deliveryOf({ dispatch: 'old' }), unhurried());
    await receiver.deliver(deliveryOf({ dispatch: 'young' }), unhurried());
    const aside = (): string[] => readdirSync(home.file('.switchyard'));
    const receiptsOf = (dispatch: string): string =>
      home.file(`.switchyard/${aside().find((name) => name.startsWith(dispatch))!}`);
    const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
    utimesSync(receiptsOf('old'), daysAgo(3), daysAgo(3));
    utimesSync(receiptsOf('young'), daysAgo(1), daysAgo(1));
    await receiver.deliver(deliveryOf({ dispatch: 'new' }), unhurried());
    expect(new Set(aside().map((name) => name.split('-')[0]))).toEqual(new Set(['new', 'young']));
  });

  test('gets nothing that its form cannot hold, and is told what', async () => {
    const xml = opened('xml').receiver;
    const bell = deliveryOf({ columns: [{ name: 'id', type: 'text' }], key: ['id'], rows: [['\u0007']] });
    expect((await faultOf(xml.deliver(bell, unhurried()))).message).toContain('column id has a character');
    const blank = { ...bell, columns: [{ name: 'a b', type: 'text' as const }] };
    expect((await faultOf(xml.deliver(blank, unhurried()))).message).toContain('"a b" can be no element');
    const json = opened('json').receiver;
    const broken = deliveryOf({ columns: [{ name: 'id', type: 'json' }], key: ['id'], rows: [['{secret']] });
    const fault = await faultOf(json.deliver(broken, unhurried()));
    expect(fault).toMatchObject({ code: 'DELIVERY_UNFIT', isLasting: true });
    expect(inspect(fault, { depth: 10 })).not.toContain('{secret');
  });

  test('gets formulas as they are where it is said that only programs read', async () => {
    const { folder, receiver } = opened('csv', { escapesFormulas: false });
    await receiver.deliver(
      deliveryOf({ columns: [{ name: 'id', type: 'text' }], key: ['id'], rows: [['=1+1'], ["'"]] }),
      unhurried(),
    );
    expect(readFileSync(join(folder, `${FIRST}.csv`), 'utf8')).toBe('id\r\n"=1+1"\r\n"\'"\r\n');
  });
});

function visible(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .toSorted();
}

function filesOf(folder: string): unknown {
  return visible(folder).map((name) => {
    const { ino, mtimeMs, size } = statSync(join(folder, name));
    return { name, ino, mtimeMs, size };
  });
}

/** What a reader has that takes the files in their order. */
function stateOf(folder: string, format: Format, dispatch: string): ReceivedRow[] {
  const rows = new Map<DeliveredValue, ReceivedRow>();
  // Runs come as they are numbered; other dispatches' are told by what the contract has as their keys.
  const isOf = (name: string): boolean =>
    [1, 2, 3].some((run) =>
      name.endsWith(`-00000${run}-${hash('sha256', `${dispatch}:${run}`).slice(0, 8)}.${ENDINGS[format]}`),
    );
  for (const name of visible(folder).filter(isOf)) {
    const records = READERS[format](readFileSync(join(folder, name), 'utf8'));
    if (records.every(({ change }) => change === undefined)) rows.clear();
    for (const { change, row } of records)
      if (change === 'REMOVED') rows.delete(row['uscc']!);
      else rows.set(row['uscc']!, row);
  }
  return [...rows.values()];
}

function fromJson({ _change: change, ...row }: ReceivedRow): FileRecord {
  const tags = row['tags'] ?? null;
  const told = 'tags' in row ? { ...row, tags: tags === null ? null : JSON.stringify(tags) } : row;
  return { change: change as string | undefined, row: told };
}

/** Null is told from an empty text by its quotes; texts that would be formulas are taken back. */
function readCsv(text: string): FileRecord[] {
  const records: (string | null)[][] = parse(text, {
    cast: (value, { quoting }) => (value === '' && !quoting ? null : value.replace(/^'/, '')),
  });
  const [names, ...rows] = records as [string[], ...(string | null)[][]];
  return rows.map((values) => {
    const { _change: change, ...row } = Object.fromEntries(names.map((name, at) => [name, values[at] ?? null]));
    return { change: change ?? undefined, row: typed(row) };
  });
}

function readXml(text: string): FileRecord[] {
  const records: FileRecord[] = [];
  const nothing = { name: null, headcount: null, isActive: null, tags: null };
  const parser = new SaxesParser();
  let value = '';
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'row') records.push({ change: attributes['change'], row: { ...nothing } });
    value = '';
  });
  parser.on('text', (more) => (value += more));
  parser.on('closetag', ({ name }) => {
    if (name !== 'row' && name !== 'delivery') records.at(-1)!.row[name] = value;
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(text).close();
  return records.map(({ change, row }) => ({ change, row: typed(row) }));
}

function typed(row: ReceivedRow): ReceivedRow {
  const { headcount = null, isActive = null } = row;
  return {
    ...row,
    headcount: headcount === null ? null : Number(headcount),
    isActive: isActive === null ? null : isActive === 'true',
  };
}
