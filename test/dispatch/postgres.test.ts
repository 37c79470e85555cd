import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receiverSchema } from '../../gateway/config/dispatch-receivers.ts';
import type { Receiver } from '../../gateway/dispatch/delivery.ts';
import { openReceiver } from '../../gateway/dispatch/receivers/open-receiver.ts';
import { closingAfterEach, temporaryFolder } from '../kit/department.ts';
import { connectTo, emptyDatabase } from '../kit/postgres-client.ts';
import { writeFileSync } from 'node:fs';
import { plainJson } from './json-digits.ts';
import { deliveryOf, faultOf, receiverContractOf, unhurried, type ReceivedRow } from './receiver-contract.ts';

const NO_KEYS = { signingKey: undefined };
const DOWN = 'postgres://switchyard:hunter2@127.0.0.1:1/nowhere';

function open(url: string, more: object): Promise<Receiver> {
  return openReceiver(receiverSchema.parse({ kind: 'postgres', url, ...more }), NO_KEYS);
}

/** How a table tells rows that are no more: it has them not, or it has a time for them. */
const TABLES = [
  { name: 'a table', more: { table: 'enterprise', createsTable: true }, where: '' },
  {
    name: 'a table of a schema that keeps removed rows',
    more: { table: 'fed.Enterprise "x"', createsTable: true, removedColumn: 'removed at' },
    where: 'AND "removed at" IS NULL',
  },
];

for (const { name, more, where } of TABLES)
  receiverContractOf(name, async () => {
    const database = await emptyDatabase();
    const client = await connectTo(database.url);
    await client.query('CREATE SCHEMA fed');
    const [schema, table] = more.table.includes('.') ? ['fed.', 'fed."Enterprise ""x"""'] : ['', more.table];
    return {
      open: () => open(database.url, more),
      openDown: () => open(DOWN, more),
      async state(dispatch) {
        const { rows } = await client.query<ReceivedRow & { tags: string | null }>(
          `SELECT uscc, name, headcount::float8, "isActive", tags::text FROM ${table}
            JOIN ${schema}switchyard_rows AS known ON known.key::json ->> 'uscc' = uscc WHERE dispatch = $1 ${where}`,
          [dispatch],
        );
        return rows.map(({ tags, ...row }): ReceivedRow => ({ ...row, tags: tags === null ? null : plainJson(tags) }));
      },
      async snapshot() {
        const tables = [table, `${schema}switchyard_rows`, `${schema}switchyard_deliveries`];
        const found: unknown[] = [];
        for (const each of tables)
          found.push((await client.query<object>(`SELECT xmin, ctid, * FROM ${each} ORDER BY ctid`)).rows);
        return found;
      },
      async stall() {
        await client.query('BEGIN');
        await client.query(`LOCK TABLE ${table}`);
        return async () => void (await client.query('COMMIT'));
      },
      secrets: ['hunter2', new URL(database.url).password].filter((secret) => secret !== ''),
      async close() {
        await client.close();
        await database.close();
      },
    };
  });

describe('A table of PostgreSQL', () => {
  const closing = closingAfterEach();
  let database: Awaited<ReturnType<typeof emptyDatabase>>;
  let client: Awaited<ReturnType<typeof connectTo>>;
  beforeAll(async () => {
    database = await emptyDatabase();
    client = await connectTo(database.url);
  });
  afterAll(async () => {
    await client.close();
    await database.close();
  });
  const columns = [
    { name: 'id', type: 'text' },
    { name: 'since', type: 'text' },
  ] as const;
  const delivery = (dispatch: string, rows: string[][], more: object = {}) =>
    deliveryOf({ dispatch, columns, key: ['id'], rows, ...more });
  const idsIn = async (table: string): Promise<unknown[]> =>
    (await client.query<{ id: unknown }>(`SELECT id FROM ${table} ORDER BY id`)).rows.map(({ id }) => id);

  test('reads values by its own types, and keeps rows that it has of others', async () => {
    await client.query('CREATE TABLE own (id bigint PRIMARY KEY, since date, note text)');
    await client.query("INSERT INTO own VALUES (1, '2020-01-01', 'ours'), (2, '2020-01-01', 'ours')");
    const receiver = closing(await open(database.url, { table: 'own' }));
    const rows = [
      ['2', '2024-02-29'],
      ['9007199254740993', '2024-03-01'],
    ];
    await receiver.deliver(delivery('own', rows), unhurried());
    const found = await client.query('SELECT id, since::text, note FROM own ORDER BY id');
    expect(found.rows).toEqual([
      { id: '1', since: '2020-01-01', note: 'ours' },
      { id: '2', since: '2024-02-29', note: 'ours' },
      { id: '9007199254740993', since: '2024-03-01', note: null },
    ]);
    await receiver.deliver(delivery('own', [['2', '2024-02-29']], { run: 2 }), unhurried());
    expect(await idsIn('own')).toEqual(['1', '2']);
    // Another dispatch that has the name of one that is gone goes on from what that one delivered.
    await receiver.deliver(
      delivery('own', [['3', '2024-02-29']], { run: 1, idempotencyKey: 'other:1:1' }),
      unhurried(),
    );
    expect(await idsIn('own')).toEqual(['1', '3']);
  });

  test('takes nothing of a delivery of which a row does not fit, and says what without the value', async () => {
    await client.query('CREATE TABLE typed (id text PRIMARY KEY, since date)');
    const receiver = closing(await open(database.url, { table: 'typed' }));
    const rows = [
      ['1', '2024-01-01'],
      ['2', 'soon'],
    ];
    const fault = await faultOf(receiver.deliver(delivery('typed', rows), unhurried()));
    expect(fault).toMatchObject({ code: 'DELIVERY_UNFIT', isLasting: true });
    expect(fault.message).toContain('invalid input syntax for type date');
    expect(inspect(fault, { depth: 10 })).not.toContain('soon');
    expect(await idsIn('typed')).toEqual([]);
    await receiver.deliver(delivery('typed', [['1', '2024-01-01']]), unhurried());
    expect(await idsIn('typed')).toEqual(['1']);
  });

  test.each([
    ['no table missing; make it, or set createsTable', 'missing', ''],
    ['has no column since', 'narrow', 'CREATE TABLE narrow (id text PRIMARY KEY)'],
    ['no unique or exclusion constraint', 'keyless', 'CREATE TABLE keyless (id text, since text)'],
  ])('says what it lacks: %s', async (text, table, statement) => {
    if (statement) await client.query(statement);
    const receiver = closing(await open(database.url, { table }));
    const fault = await faultOf(receiver.deliver(delivery(table, [['1', 'x']]), unhurried()));
    expect(fault).toMatchObject({ code: 'DELIVERY_UNFIT', isLasting: true });
    expect(fault.message).toContain(text);
  });

  test('takes what two gateways bring at the same time once', async () => {
    await client.query('CREATE TABLE twice (id text PRIMARY KEY, since text)');
    const receiver = closing(await open(database.url, { table: 'twice' }));
    const same = delivery('twice', [['1', 'x']]);
    const receipts = await Promise.all(Array.from({ length: 6 }, () => receiver.deliver(same, unhurried())));
    expect(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size).toBe(1);
    const taken = await client.query("SELECT 1 FROM switchyard_deliveries WHERE idempotency_key = 'twice:1:1'");
    expect(taken.rows).toHaveLength(1);
  });

  test('is reached with the password that its file has', async () => {
    const folder = closing(temporaryFolder());
    writeFileSync(folder.file('password'), 'of the file\n');
    const role = `role_${process.pid}`;
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'of the file'`);
    const url = new URL(database.url);
    url.username = role;
    url.password = '';
    const receiver = closing(await open(url.href, { table: 'twice', passwordFile: folder.file('password') }));
    const fault = await faultOf(receiver.deliver(delivery('refused', []), unhurried()));
    expect(fault).toMatchObject({ code: 'RECEIVER_REFUSED', isLasting: true });
    expect(fault.message).toContain('permission denied');
    await client.query(`DROP ROLE ${role}`);
  });
});
