import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  DeliveryError,
  type DeliveredValue,
  type Delivery,
  type DeliveryColumn,
  type Receipt,
  type Receiver,
} from '../../gateway/dispatch/delivery.ts';

/** Records by the names of their columns. */
export type ReceivedRow = Record<string, DeliveredValue>;

/** A kind of receiver, with what it delivers to. */
export interface ReceiverUnderTest {
  /** As the settings have it, opened anew: as by a gateway that was started again, or by another one. */
  open(): Receiver | Promise<Receiver>;
  /** The same, where there is nobody to take anything. */
  openDown(): Receiver | Promise<Receiver>;
  /** What the recipient has after all that was delivered of a dispatch, in any order. */
  state(dispatch: string): Promise<ReceivedRow[]>;
  /** Whatever changes with any effect, be it one that leaves the rows as they are. */
  snapshot(): Promise<unknown>;
  /** Makes it not answer until what this returns is called; absent where nothing does. */
  stall?(): Promise<() => Promise<void>>;
  /** Whether a receipt says when it was taken first, and another delivery under a known key is told from a faulty one. Default: true */
  remembers?: boolean;
  /** What may be read nowhere. */
  secrets: readonly string[];
  close(): Promise<void>;
}

const COLUMNS: readonly DeliveryColumn[] = [
  { name: 'uscc', type: 'text' },
  { name: 'name', type: 'text' },
  { name: 'headcount', type: 'number' },
  { name: 'isActive', type: 'boolean' },
  { name: 'tags', type: 'json' },
];

/** A delivery of one part and no rows, with the columns of the contract, but for what is given. */
export function deliveryOf(more: Partial<Delivery>): Delivery {
  const { dispatch = 'd1', run = 1, part = 1 } = more;
  return {
    ...{ dispatch, run, part, isLast: true, idempotencyKey: `${dispatch}:${run}:${part}`, queryGroupId: `g-${run}` },
    ...{ content: 'full', columns: COLUMNS, key: ['uscc'], rows: [], removed: [], ...more },
  };
}

/** A signal that does not fire while a test runs. */
export const unhurried = (): AbortSignal => AbortSignal.timeout(15_000);

/** The rows as records of the contract's columns. */
function recordsOf(rows: Delivery['rows']): ReceivedRow[] {
  return rows.map((row) => Object.fromEntries(COLUMNS.map(({ name }, at) => [name, row[at]!])));
}

/** Keys differ between dispatches: they may share a table. */
const row = (uscc: string, name: string, headcount: number | null = 1): DeliveredValue[] => [
  uscc,
  name,
  headcount,
  true,
  '[]',
];

/** What holds for every kind of receiver. */
export function receiverContractOf(name: string, start: () => Promise<ReceiverUnderTest>): void {
  describe(`${name}, as every receiver,`, () => {
    let tested: ReceiverUnderTest;
    let receiver: Receiver;
    beforeAll(async () => {
      tested = await start();
      receiver = await tested.open();
    });
    afterAll(async () => {
      await receiver.close();
      await tested.close();
    });
    const held = async (dispatch: string): Promise<ReceivedRow[]> =>
      (await tested.state(dispatch)).toSorted((one, other) => (String(one['uscc']) < String(other['uscc']) ? -1 : 1));
    const again = (receipt: Receipt): Receipt =>
      tested.remembers === false ? { ...receipt, takenAt: expect.any(String) as string } : receipt;
    const parts: Parts = { tested: () => tested, receiver: () => receiver, held, again };
    describeTaking(parts);
    describeRuns(parts);
    describeFaults(parts);
  });
}

interface Parts {
  tested(): ReceiverUnderTest;
  receiver(): Receiver;
  held(dispatch: string): Promise<ReceivedRow[]>;
  /** The receipt, as it is for the same delivery again. */
  again(receipt: Receipt): Receipt;
}

function describeTaking({ tested, receiver, held, again }: Parts): void {
  test('takes rows and answers with a receipt for them', async () => {
    const before = Date.now();
    const delivery = deliveryOf({ dispatch: 'taken', rows: [row('t1', 'one'), row('t2', 'two')] });
    const receipt = await receiver().deliver(delivery, unhurried());
    expect(receipt).toMatchObject({ idempotencyKey: 'taken:1:1', rows: 2, digest: plainDigest(delivery) });
    expect(Date.parse(receipt.takenAt)).toBeGreaterThanOrEqual(before - 1_000);
    expect(await held('taken')).toEqual(recordsOf(delivery.rows));
  });

  test('hands on every value as it is', async () => {
    const texts = [
      ...[
        '',
        ' ',
        ' padded ',
        '0123',
        '913502000123456789',
        '99999999999999999999.10',
        '1e5',
        'null',
        'true',
        '"',
        "'",
        '""',
      ],
      ...[
        'a,b;c\td',
        'line\nline',
        'line\r\nline\r',
        '<a b="c">&amp;</a>',
        ']]>',
        '\\n\\',
        '=1+1',
        '+86',
        '-1',
        '@x',
        "'=x",
      ],
      ...['厦门市思明区', '🏭𠮷', 'Ünïcödé', '$1 {} %s', "Robert'); DROP TABLE x;--", 'x'.repeat(10_000)],
    ];
    const rows: DeliveredValue[][] = texts.map((text, at) => [
      `k${String(at).padStart(2, '0')}`,
      text,
      at,
      at % 2 === 0,
      JSON.stringify([text]),
    ]);
    rows.push(['n0', null, null, null, null], ['n1', 'x', 9_007_199_254_740_991, false, '{"a":{"b":[1,null]}}']);
    rows.push(['n2', 'x', -0.1, false, '[12345678901234567890.5]'], ['n3', 'x', 1e-7, false, '"x"']);
    await receiver().deliver(deliveryOf({ dispatch: 'values', rows }), unhurried());
    expect(await held('values')).toEqual(recordsOf(rows));
  });

  test('takes the same again without any effect and answers as the first time, also to a gateway started again', async () => {
    const delivery = deliveryOf({ dispatch: 'again', rows: [row('a1', 'one')] });
    const receipt = await receiver().deliver(delivery, unhurried());
    const before = await tested().snapshot();
    const other = await tested().open();
    try {
      expect(await receiver().deliver(delivery, unhurried())).toEqual(again(receipt));
      expect(await other.deliver(structuredClone(delivery), unhurried())).toEqual(again(receipt));
    } finally {
      await other.close();
    }
    expect(await tested().snapshot()).toEqual(before);
  });

  test('takes nothing else under a key that it knows', async () => {
    const delivery = deliveryOf({ dispatch: 'conflict', rows: [row('c1', 'one')] });
    await receiver().deliver(delivery, unhurried());
    const before = await tested().snapshot();
    const fault = faultOf(receiver().deliver({ ...delivery, rows: [row('c1', 'other')] }, unhurried()));
    const code = tested().remembers === false ? 'RECEIVER_REFUSED' : 'DELIVERY_CONFLICT';
    expect(await fault).toMatchObject({ code, isLasting: true });
    expect(await tested().snapshot()).toEqual(before);
  });
}

function describeRuns({ tested, receiver, held, again }: Parts): void {
  test('has of changes the new, the changed and no more the removed rows', async () => {
    const first = deliveryOf({ dispatch: 'changes', rows: [row('h1', 'one'), row('h2', 'two'), row('h3', 'three')] });
    await receiver().deliver(first, unhurried());
    const changes = deliveryOf({
      ...{ dispatch: 'changes', run: 2, content: 'changes' },
      ...{ rows: [row('h2', 'TWO', null), row('h4', 'four')], removed: [['h1'], ['h9']] },
    });
    const receipt = await receiver().deliver(changes, unhurried());
    expect(receipt.rows).toBe(4);
    expect(await held('changes')).toEqual(recordsOf([row('h2', 'TWO', null), row('h3', 'three'), row('h4', 'four')]));
    await receiver().deliver(
      deliveryOf({ dispatch: 'changes', run: 3, content: 'changes', removed: [['h2']] }),
      unhurried(),
    );
    expect(await held('changes')).toEqual(recordsOf([row('h3', 'three'), row('h4', 'four')]));
  });

  test('has of a full run in parts all rows of it, and none of the run before that are not in it', async () => {
    await receiver().deliver(
      deliveryOf({ dispatch: 'parts', rows: [row('p0', 'old'), row('p1', 'old')] }),
      unhurried(),
    );
    const run = [[row('p1', 'one'), row('p2', 'two')], [row('p3', 'three')], []].map((rows, at) =>
      deliveryOf({ dispatch: 'parts', run: 2, part: at + 1, isLast: at === 2, rows }),
    );
    const receipts = [];
    for (const part of run)
      receipts.push(await receiver().deliver(part, unhurried()), await receiver().deliver(part, unhurried()));
    expect(receipts.map(({ idempotencyKey }) => idempotencyKey)).toEqual(
      [1, 1, 2, 2, 3, 3].map((part) => `parts:2:${part}`),
    );
    const before = await tested().snapshot();
    expect(await receiver().deliver(run[0]!, unhurried())).toEqual(again(receipts[0]!));
    expect(await tested().snapshot()).toEqual(before);
    expect(await held('parts')).toEqual(recordsOf([row('p1', 'one'), row('p2', 'two'), row('p3', 'three')]));
  });

  test('keeps dispatches apart whose names differ in what files, tables and streams cannot be called', async () => {
    for (const dispatch of ['a/b', 'a:b', '../a b'])
      await receiver().deliver(deliveryOf({ dispatch, rows: [row(dispatch, 'x')] }), unhurried());
    for (const dispatch of ['a/b', 'a:b', '../a b'])
      expect(await held(dispatch)).toEqual(recordsOf([row(dispatch, 'x')]));
  });
}

function describeFaults({ tested, receiver, held }: Parts): void {
  test('says where nobody is there to take it, without secrets, and that it may be tried again', async () => {
    const down = await tested().openDown();
    try {
      const fault = await faultOf(
        down.deliver(deliveryOf({ dispatch: 'down', rows: [row('d1', 'one')] }), unhurried()),
      );
      expect(fault).toMatchObject({ code: 'RECEIVER_UNAVAILABLE', isLasting: false });
      const told = `${down.description} ${fault.message} ${fault.detail} ${JSON.stringify(fault)} ${receiver().description}`;
      for (const secret of tested().secrets) expect(told).not.toContain(secret);
    } finally {
      await down.close();
    }
  });

  test('is waited for as long as the signal says, and takes it once when it can again', async () => {
    const delivery = deliveryOf({ dispatch: 'slow', rows: [row('s1', 'one')] });
    const go = await tested().stall?.();
    const signal = go ? AbortSignal.timeout(300) : AbortSignal.abort();
    const fault = await faultOf(receiver().deliver(delivery, signal));
    await go?.();
    expect(fault).toMatchObject({ code: 'RECEIVER_TIMEOUT', isLasting: false });
    await receiver().deliver(delivery, unhurried());
    expect(await held('slow')).toEqual(recordsOf(delivery.rows));
  });
}

/** The error of a delivery that goes wrong. */
export async function faultOf(delivering: Promise<unknown>): Promise<DeliveryError> {
  const fault = await delivering.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(DeliveryError);
  return fault as DeliveryError;
}

/** RFC 8785, in a way of its own. */
function plainDigest(delivery: Delivery): string {
  const sorted = JSON.stringify(delivery, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted, 'utf8').digest('hex');
}
