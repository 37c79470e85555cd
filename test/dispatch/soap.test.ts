import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { receiverSchema } from '../../gateway/config/dispatch-receivers.ts';
import type { Receiver } from '../../gateway/dispatch/delivery.ts';
import { openReceiver } from '../../gateway/dispatch/receivers/open-receiver.ts';
import { closingAfterEach, serveBare, temporaryFolder } from '../kit/department.ts';
import { deliveryOf, faultOf, receiverContractOf, unhurried } from './receiver-contract.ts';
import { answer, FAULT, REGISTER_WSDL, serveRegister, serveSingly } from './soap-register.ts';

const HEAD = { 'head.id': '$idempotencyKey', 'head.of': '$dispatch', 'head.run': '$run' };
const TAKE = {
  operation: 'Take',
  rowElement: 'entry',
  removedElement: 'gone',
  elements: { ...HEAD, 'head.isLast': '$isLast', 'head.content': '$content', labels: 'tags' },
};

function open(wsdl: string, more: object): Promise<Receiver> {
  return openReceiver(receiverSchema.parse({ kind: 'soap', wsdl, ...more }), { signingKey: undefined });
}

receiverContractOf('a SOAP service', async () => {
  const folder = temporaryFolder();
  const register = await serveRegister();
  const wsdl = folder.file('register.wsdl');
  writeFileSync(wsdl, REGISTER_WSDL(register.url));
  return {
    open: () => open(wsdl, TAKE),
    openDown: () => open(wsdl, { ...TAKE, url: 'http://127.0.0.1:1/register?token=hunter2' }),
    state: async (dispatch) => register.rowsOf(dispatch),
    snapshot: async () => register.snapshot(),
    async stall() {
      register.inTheWay.before = (request) => void request.resume();
      return async () => void delete register.inTheWay.before;
    },
    remembers: false,
    secrets: ['hunter2'],
    async close() {
      await register.close();
      folder.close();
    },
  };
});

const ROWS = deliveryOf({
  columns: [
    { name: 'id', type: 'text' },
    { name: 'NAME', type: 'text' },
  ],
  key: ['id'],
  content: 'changes',
  rows: [
    ['1', '厦门 <&>'],
    ['2', 'two'],
  ],
  removed: [['3']],
});

/** Of its rows the second one has what no element is for. */
const WIDE = {
  columns: [...ROWS.columns, { name: 'extra', type: 'text' as const }],
  rows: [
    ['1', 'one', null],
    ['2', 'two', 'more'],
  ],
};

describe('A SOAP service that is told of one row at a time', () => {
  const closing = closingAfterEach();
  const settings = { operation: 'TakeOne', removalOperation: 'Forget', elements: { USCC: 'id', uscc: 'id' } };
  const opened = async (more: object = {}) => {
    const folder = closing(temporaryFolder());
    const service = closing(await serveSingly());
    writeFileSync(folder.file('register.wsdl'), REGISTER_WSDL(service.url));
    return {
      service,
      wsdl: folder.file('register.wsdl'),
      open: async () => closing(await open(folder.file('register.wsdl'), { ...settings, ...more })),
    };
  };

  test('gets a call for each row and each that is no more, each again with the same id where one failed', async () => {
    const { service, open: openIt } = await opened({ elements: { USCC: 'id' } });
    const receiver = await openIt();
    const removals = { ...ROWS, columns: [{ name: 'uscc', type: 'text' as const }, ROWS.columns[1]!], key: ['uscc'] };
    service.failOnce();
    const mapped = await faultOf(receiver.deliver({ ...removals, rows: [] }, unhurried()));
    expect(mapped).toMatchObject({ code: 'RECEIVER_FAILED', isLasting: false });
    const receipt = await receiver.deliver({ ...removals, rows: [] }, unhurried());
    expect(receipt).toMatchObject({ idempotencyKey: 'd1:1:1', rows: 1 });
    const taking = { ...ROWS, removed: [] };
    await receiver.deliver(taking, unhurried());
    await receiver.deliver(taking, unhurried());
    const rows = [
      { call: 'TakeOne', told: { USCC: '1', NAME: '厦门 <&>' }, messageId: 'switchyard:d1:1:1:1' },
      { call: 'TakeOne', told: { USCC: '2', NAME: 'two' }, messageId: 'switchyard:d1:1:1:2' },
    ];
    const gone = { call: 'Forget', told: { uscc: '3' }, messageId: 'switchyard:d1:1:1:removed:1' };
    expect(service.calls).toEqual([gone, ...rows, ...rows]);
  });

  test.each([
    ['an element that needs a value and has none', { rows: [['1', null]] }, {}, 'The message needs NAME'],
    ['a column without an element', WIDE, {}, 'has no element extra'],
    [
      'rows that are no more, and nothing to tell it by',
      { rows: [] },
      { removalOperation: undefined },
      'no removalOperation',
    ],
    ['a character that XML cannot hold', { rows: [['1', '\u0001']] }, {}, 'of the column NAME has a character'],
  ])('gets nothing where there is %s', async (_, change, more, text) => {
    const { service, open: openIt } = await opened({ elements: { USCC: 'id' }, ...more });
    const delivery = { ...ROWS, removed: [], ...change, ...(text.includes('removal') && { removed: [['3']] }) };
    const fault = await faultOf((await openIt()).deliver(delivery, unhurried()));
    expect(fault).toMatchObject({ code: 'DELIVERY_UNFIT', isLasting: true });
    expect(fault.message).toContain(text);
    expect(service.calls).toEqual([]);
  });

  test('is known by its WSDL alone: what that has not is told at the start', async () => {
    const { wsdl } = await opened();
    await expect(open(wsdl, { operation: 'Tell' })).rejects.toThrow(
      'has no operation Tell (there is Take, TakeOne, Forget)',
    );
    await expect(open('missing.wsdl', { operation: 'Take' })).rejects.toThrow('cannot be used: ENOENT');
    writeFileSync(wsdl, REGISTER_WSDL('http://register.example/'));
    await expect(open(wsdl, { operation: 'Take' })).rejects.toThrow("set the receiver's url");
  });
});

describe('What a SOAP service answers', () => {
  const closing = closingAfterEach();

  test.each<[string, (response: ServerResponse) => void, object]>([
    [
      'a fault of the message',
      (response) => answer(response, FAULT('Client'), 500),
      { code: 'RECEIVER_REFUSED', isLasting: true },
    ],
    [
      'a fault of the service',
      (response) => answer(response, FAULT('Server'), 500),
      { code: 'RECEIVER_FAILED', isLasting: false },
    ],
    ['another element', (response) => answer(response, '<Other/>'), { code: 'RECEIPT_MALFORMED' }],
    ['no envelope', (response) => void response.end('hunter2'), { code: 'RECEIPT_MALFORMED' }],
    ['a page of a proxy', (response) => void response.writeHead(502).end('hunter2'), { code: 'RECEIVER_FAILED' }],
    [
      'a redirection',
      (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      { code: 'RECEIVER_REDIRECTED' },
    ],
    [
      'entities without end',
      (response) => void response.end('<!DOCTYPE a [<!ENTITY b "hunter2">]><a>&b;</a>'),
      { code: 'RECEIPT_MALFORMED' },
    ],
    [
      'more than an answer can be',
      (response) => void response.end('x'.repeat(300_000)),
      { code: 'RECEIVER_ANSWER_TOO_LARGE' },
    ],
  ])('is taken for what it is: %s', async (_, respond, expected) => {
    const folder = closing(temporaryFolder());
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      request.resume().on('end', () => respond(response));
    };
    const { url } = closing(await serveBare(listener));
    writeFileSync(folder.file('w'), REGISTER_WSDL(url));
    const receiver = closing(await open(folder.file('w'), TAKE));
    const fault = await faultOf(receiver.deliver(deliveryOf({}), unhurried()));
    expect(fault).toMatchObject(expected);
    expect(fault.message).not.toContain('hunter2');
  });
});
