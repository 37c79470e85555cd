import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';
import { receiverSchema } from '../../gateway/config/dispatch-receivers.ts';
import type { DeliveredValue } from '../../gateway/dispatch/delivery.ts';
import { openReceiver } from '../../gateway/dispatch/receivers/open-receiver.ts';
import { plainNumber } from '../../subgraphs/kit/manifest/conversions.ts';
import type { RecordSource } from '../../subgraphs/kit/record-source.ts';
import type { SourceContext } from '../../subgraphs/kit/source-kind.ts';
import { csvKind } from '../../subgraphs/kit/sources/csv.ts';
import { jsonKind } from '../../subgraphs/kit/sources/json.ts';
import { redisStreamsKind } from '../../subgraphs/kit/sources/redis-streams.ts';
import { xmlKind } from '../../subgraphs/kit/sources/xml.ts';
import { closingAfterEach, temporaryFolder } from '../kit/department.ts';
import { deliveryOf, unhurried } from './receiver-contract.ts';

const closing = closingAfterEach();

const ROWS: DeliveredValue[][] = [
  ['913502000123456789', '厦门 "港务", 有限\n公司', 12.5],
  ['0042', 'Ünï; <b>&amp;</b>', null],
  ['99', null, -7],
];
const DELIVERY = deliveryOf({
  columns: [
    { name: 'id', type: 'text' },
    { name: 'name', type: 'text' },
    { name: 'size', type: 'number' },
  ],
  key: ['id'],
  rows: ROWS,
});

/** How a department of the kit reads what a folder is given. */
const FORMATS = [
  {
    format: 'csv',
    pattern: '*.csv',
    open: (folder: string, context: SourceContext) => csvKind.open({ folder, quotes: true }, context),
  },
  {
    format: 'json',
    pattern: '*.json',
    open: (folder: string, context: SourceContext) => jsonKind.open({ folder }, context),
  },
  {
    format: 'json-lines',
    pattern: '*.jsonl',
    open: (folder: string, context: SourceContext) => jsonKind.open({ folder }, context),
  },
  {
    format: 'xml',
    pattern: '*.xml',
    open: (folder: string, context: SourceContext) => xmlKind.open({ folder, records: 'delivery/row' }, context),
  },
];

test.each(FORMATS)(
  'a department of the kit reads what is delivered to its folder as $format',
  async ({ format, pattern, open }) => {
    const folder = closing(temporaryFolder()).path;
    const settings = receiverSchema.parse({ kind: 'folder', folder, format });
    const receiver = closing(await openReceiver(settings, { signingKey: undefined }));
    // In two parts, as long ones come.
    await receiver.deliver({ ...DELIVERY, isLast: false, rows: ROWS.slice(0, 1) }, unhurried());
    const last = { ...DELIVERY, part: 2, idempotencyKey: 'd1:1:2', rows: ROWS.slice(1) };
    await receiver.deliver(last, unhurried());
    const source = closing(await open(folder, contextOf(pattern)));
    expect(await rowsOf(source, pattern)).toEqual(EXPECTED);
  },
);

test('a department of the kit reads what is delivered to its stream of Redis', async () => {
  const stream = `kit-${randomUUID()}`;
  const url = inject('redisUrl');
  const settings = receiverSchema.parse({ kind: 'redis-stream', redisUrl: url, stream });
  const receiver = closing(await openReceiver(settings, { signingKey: undefined }));
  await receiver.deliver(DELIVERY, unhurried());
  const given = { url, keep: 'latest' as const, payload: 'row', maxRows: 1_000 };
  const source = closing(await redisStreamsKind.open(given, contextOf(stream)));
  expect(await rowsOf(source, stream)).toEqual(EXPECTED);
  const redis = new Redis(url);
  await redis.del(stream, ...(await redis.keys(`{${stream}}*`)));
  redis.disconnect();
});

const EXPECTED = ROWS.toSorted(([one], [other]) => (one! < other! ? -1 : 1)).map(([id, name, size]) => ({
  id,
  name,
  size,
}));

function contextOf(collection: string): SourceContext {
  const columns = new Map([
    ['id', undefined],
    ['name', undefined],
    ['size', plainNumber],
  ]);
  const use = { columns, structures: new Map(), keys: [['id']], sought: [] };
  const context = { department: 'test', holds: 'test files', remedy: '', folder: '/', nameOf: String };
  return { ...context, collections: new Map([[collection, use]]) };
}

async function rowsOf(source: RecordSource, collection: string): Promise<unknown> {
  const asked = { collection, select: ['id', 'name', 'size'], where: [], after: null, first: 100 };
  const orderBy = [{ column: 'id', descending: false }];
  const rows = await source.page({ ...asked, orderBy }, { signal: unhurried() });
  return rows.map((row) => ({ ...row }));
}
