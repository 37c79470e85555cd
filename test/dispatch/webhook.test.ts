import { sign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dispatchSchema } from '../../gateway/config/dispatch.ts';
import { receiverSchema } from '../../gateway/config/dispatch-receivers.ts';
import { canonicalText, digestOf, type Receiver } from '../../gateway/dispatch/delivery.ts';
import { openDispatching } from '../../gateway/dispatch/open-dispatching.ts';
import { openReceiver } from '../../gateway/dispatch/receivers/open-receiver.ts';
import { signRequests } from '../../gateway/fetch/signing.ts';
import { closingAfterEach, serveBare, temporaryFolder } from '../kit/department.ts';
import { SIGNING_KEY } from '../kit/signed-request.ts';
import { openWebhook, startDepartment } from './department.ts';
import { deliveryOf, faultOf, receiverContractOf, unhurried } from './receiver-contract.ts';
import { writeFileSync } from 'node:fs';

receiverContractOf('a webhook to a department of the kit', async () => {
  const department = await startDepartment();
  const { url, receiptKeyFile, between } = department;
  return {
    open: () => openWebhook(url, { receiptKeyFile }),
    openDown: () => openWebhook('http://127.0.0.1:1/deliveries?token=hunter2', { receiptKeyFile }),
    state: async (dispatch) => department.held(dispatch),
    snapshot: async () => department.snapshot(),
    async stall() {
      between.before = (request) => void request.resume();
      return async () => void delete between.before;
    },
    secrets: ['hunter2'],
    close: () => department.close(),
  };
});

const DELIVERY = deliveryOf({
  columns: [{ name: 'id', type: 'text' }],
  key: ['id'],
  rows: [['1']],
});

describe('A department that takes deliveries by the kit', () => {
  let department: Awaited<ReturnType<typeof startDepartment>>;
  let receiver: Receiver;
  beforeAll(async () => {
    department = await startDepartment();
    receiver = await openWebhook(department.url, { receiptKeyFile: department.receiptKeyFile });
  });
  afterAll(async () => {
    await receiver.close();
    await department.close();
  });
  afterEach(() => {
    delete department.between.around;
    department.faults.splice(0);
  });

  test('that breaks after it has applied one applies it once, and gives the receipt of then', async () => {
    const delivery = { ...DELIVERY, idempotencyKey: 'broken:1:1' };
    let isBroken = false;
    department.between.around = (response) => {
      const { writeHead } = response;
      response.writeHead = ((...given: Parameters<typeof writeHead>) => {
        isBroken = given[0] === 200;
        return writeHead.call(response, 500);
      }) as typeof writeHead;
    };
    const fault = await faultOf(receiver.deliver(delivery, unhurried()));
    expect([fault.code, fault.isLasting, isBroken]).toEqual(['RECEIVER_FAILED', false, true]);
    delete department.between.around;
    const receipt = await receiver.deliver(delivery, unhurried());
    expect(receipt).toMatchObject({ receiver: 'analysis', idempotencyKey: 'broken:1:1', rows: 1 });
    expect(department.applied().filter((key) => key === 'broken:1:1')).toHaveLength(1);
  });

  test('applies once what many bring at the same time', async () => {
    const delivery = { ...DELIVERY, idempotencyKey: 'many:1:1' };
    const receipts = await Promise.all(Array.from({ length: 8 }, () => receiver.deliver(delivery, unhurried())));
    expect(new Set(receipts.map(({ signature }) => signature)).size).toBe(1);
    expect(department.applied().filter((key) => key === 'many:1:1')).toHaveLength(1);
  });

  test('remembers nothing of a delivery that it cannot apply, and takes it later', async () => {
    const delivery = { ...DELIVERY, idempotencyKey: 'later:1:1', rows: [['1', '2']] };
    const malformed = await faultOf(receiver.deliver(delivery, unhurried()));
    expect(malformed).toMatchObject({ code: 'RECEIVER_REFUSED', isLasting: true });
    await receiver.deliver({ ...delivery, rows: [['1']] }, unhurried());
    expect(department.applied()).toContain('later:1:1');
  });

  test('says of what it never takes that it is not to come again, and reads no more than it is told', async () => {
    const unwanted = await faultOf(receiver.deliver(deliveryOf({ dispatch: 'unwanted' }), unhurried()));
    expect(unwanted).toMatchObject({ code: 'RECEIVER_REFUSED', isLasting: true });
    const large = { ...DELIVERY, idempotencyKey: 'large:1:1', rows: [['x'.repeat(1_000_001)]] };
    const refused = await faultOf(receiver.deliver(large, unhurried()));
    expect(['RECEIVER_REFUSED', 'RECEIVER_UNAVAILABLE']).toContain(refused.code);
    expect(department.applied()).not.toContain('large:1:1');
  });

  test('takes nothing that is sent again, changed, or by who is no gateway of its', async () => {
    const body = canonicalText({ ...DELIVERY, idempotencyKey: 'sent:1:1' });
    const more = { 'idempotency-key': '"sent:1:1"' };
    const headersOf = (key = SIGNING_KEY) => ({
      'content-type': 'application/json',
      ...signRequests(key, new URL(department.url))(body, undefined, more),
    });
    const post = async (headers: Record<string, string>, text = body): Promise<unknown> => {
      const response = await fetch(department.url, { method: 'POST', headers, body: text });
      const answer = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      return `${response.status} ${answer.errors?.[0]?.extensions.code ?? ''}`;
    };
    const headers = headersOf();
    const privateKey = generateKeyPairSync('ed25519').privateKey;
    expect(await post(headers)).toBe('200 ');
    expect(await post(headers)).toBe('401 SIGNATURE_REPLAYED');
    expect(await post(headersOf(), body.replace('"1"', '"2"'))).toBe('401 SIGNATURE_DIGEST_MISMATCH');
    expect(await post({ ...headersOf(), 'idempotency-key': '"other:1:1"' })).toBe('401 SIGNATURE_INVALID');
    expect(await post(headersOf({ ...SIGNING_KEY, privateKey }))).toBe('401 SIGNATURE_INVALID');
    expect(await post(headersOf({ keyId: 'another', privateKey }))).toBe('401 SIGNATURE_KEY_UNKNOWN');
    expect(await post({ 'content-type': 'application/json' })).toBe('401 SIGNATURE_MISSING');
    expect(department.applied().filter((key) => key === 'sent:1:1')).toHaveLength(1);
  });
});

/** What a receiver was sent. */
interface Sent {
  headers: IncomingHttpHeaders;
  address: string | undefined;
  body: string;
}

describe('A webhook', () => {
  const closing = closingAfterEach();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const receiptFor = (more: object = {}, key: KeyObject = privateKey): string => {
    const whole = {
      digest: digestOf(DELIVERY),
      idempotencyKey: 'd1:1:1',
      receiver: 'x',
      rows: 1,
      takenAt: '2026-01-01T00:00:00Z',
      ...more,
    };
    return JSON.stringify({ ...whole, signature: signatureOf(whole, key) });
  };
  /** What becomes of a delivery to who answers so. */
  const deliverTo = async (
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    signal = unhurried(),
  ) => {
    const folder = closing(temporaryFolder());
    writeFileSync(folder.file('key.pub'), publicKey.export({ format: 'pem', type: 'spki' }));
    const { url } = closing(await serveBare(answer));
    const receiver = closing(await openWebhook(`${url}/d`, { receiptKeyFile: folder.file('key.pub') }));
    return receiver.deliver(DELIVERY, signal);
  };
  const answering =
    (status: number, text = '', headers = {}) =>
    (request: IncomingMessage, response: ServerResponse) => {
      request.resume();
      response.writeHead(status, headers).end(text);
    };

  test('takes a receipt that its receiver has signed', async () => {
    const receipt = await deliverTo(answering(201, receiptFor()));
    expect(receipt).toMatchObject({ receiver: 'x', takenAt: '2026-01-01T00:00:00Z' });
  });

  test.each([
    ['that is no JSON', '<html>', 'RECEIPT_MALFORMED', false],
    ['that is nothing', '', 'RECEIPT_MALFORMED', false],
    ['that is another thing', '{"ok":true}', 'RECEIPT_MALFORMED', false],
    ['for other rows', receiptFor({ rows: 2 }), 'RECEIPT_MALFORMED', false],
    ['for another key', receiptFor({ idempotencyKey: 'd1:1:2' }), 'RECEIPT_OF_ANOTHER', true],
    ['for other content', receiptFor({ digest: 'f'.repeat(64) }), 'RECEIPT_DIGEST_MISMATCH', true],
    ['signed by another', receiptFor({}, generateKeyPairSync('ed25519').privateKey), 'RECEIPT_SIGNATURE_INVALID', true],
    ['changed after it was signed', receiptFor().replace('"x"', '"y"'), 'RECEIPT_SIGNATURE_INVALID', true],
    ['signed by nobody', receiptFor().replace(/,"signature":"[0-9a-f]*"/, ''), 'RECEIPT_SIGNATURE_INVALID', true],
  ])('takes no receipt %s', async (_, text, code, isLasting) => {
    expect(await faultOf(deliverTo(answering(200, text)))).toMatchObject({ code, isLasting });
  });

  test.each([
    [301, {}, 'RECEIVER_REDIRECTED', true, 0],
    [307, {}, 'RECEIVER_REDIRECTED', true, 0],
    [400, {}, 'RECEIVER_REFUSED', true, 0],
    [404, {}, 'RECEIVER_REFUSED', true, 0],
    [422, {}, 'RECEIVER_REFUSED', true, 0],
    [408, {}, 'RECEIVER_BUSY', false, 0],
    [409, {}, 'RECEIVER_BUSY', false, 0],
    [429, { 'retry-after': '7' }, 'RECEIVER_BUSY', false, 7_000],
    [503, { 'retry-after': '99999999' }, 'RECEIVER_BUSY', false, 3_600_000],
    [500, {}, 'RECEIVER_FAILED', false, 0],
  ])(
    'tells status %i for what it is, with nothing of the text beside it',
    async (status, headers, code, isLasting, retryAfterMs) => {
      let asked = 0;
      const elsewhere = closing(await serveBare(() => (asked += 1)));
      const fault = await faultOf(deliverTo(answering(status, 'hunter2', { ...headers, location: elsewhere.url })));
      expect(fault).toMatchObject({ code, isLasting, retryAfterMs });
      expect(fault.message).not.toContain('hunter2');
      expect(asked).toBe(0);
    },
  );

  const JSON_TYPE = { 'content-type': 'application/json' };

  test.each([
    ['a GraphQL error', JSON_TYPE, '{"errors":[{"message":"Not wanted."}],"detail":"x"}', 'Not wanted.'],
    ['the detail of a problem', { 'content-type': 'application/problem+json' }, '{"title":"T","detail":"D"}', 'D'],
    ['the message of some JSON', JSON_TYPE, '{"status":422,"message":"M","title":"T"}', 'M'],
    ['other JSON as it is', JSON_TYPE, '{ "reason": "x" }', '{"reason":"x"}'],
    ['a text', { 'content-type': 'text/plain; charset=utf-8' }, 'Zeile\r\n eins', 'Zeile eins'],
    ['what calls itself JSON and is none', JSON_TYPE, 'not now', 'not now'],
    ['no more than 200 characters', JSON_TYPE, `{"detail":"${'𠮷'.repeat(300)}"}`, '𠮷'.repeat(200)],
    ['nothing that a terminal obeys', JSON_TYPE, '{"detail":"a\\u001b[2Jb\\u0000\\u202ec\\u009bd"}', 'a [2Jb c d'],
    ['nothing of a page', { 'content-type': 'text/html' }, '<p>hunter2</p>', undefined],
    ['nothing of what does not say what it is', {}, 'hunter2', undefined],
    ['nothing of what is empty', JSON_TYPE, '', undefined],
    ['JSON that is nested too deeply as a text', JSON_TYPE, '['.repeat(99_999) + ']'.repeat(99_999), '['.repeat(200)],
  ])('tells what its receiver said: %s', async (_, headers, text, said) => {
    const fault = await faultOf(deliverTo(answering(422, text, headers)));
    expect(fault).toMatchObject({ code: 'RECEIVER_REFUSED', said });
    // The message goes into logs.
    expect(fault.message).toBe('The receiver refuses the delivery. It answered with status 422.');
  });

  test.each([301, 409, 429, 500])('tells it with status %i too, and with 200 never', async (status) => {
    const detail = { detail: 'said' };
    const fault = await faultOf(deliverTo(answering(status, JSON.stringify(detail), JSON_TYPE)));
    expect(fault.said).toBe('said');
    const taken = await faultOf(deliverTo(answering(200, JSON.stringify(detail), JSON_TYPE)));
    expect(taken).toMatchObject({ code: 'RECEIPT_MALFORMED', said: undefined });
  });

  test.each([
    ['the signature', ({ headers }: Sent) => headers['signature']],
    ['its bytes alone', ({ headers }: Sent) => /:(.+):/.exec(String(headers['signature']))![1]],
    ['the idempotency key', ({ headers }: Sent) => headers['idempotency-key']],
    ['the authorization', ({ headers }: Sent) => headers['authorization']],
    ['the credential alone', () => 'hun"ter2'],
    ['its address', ({ address }: Sent) => address],
    ['a value of its address', () => 'two & three'],
    ['the delivery', ({ body }: Sent) => body],
  ])('tells nothing where its receiver gives back %s', async (_, secret) => {
    const folder = closing(temporaryFolder());
    writeFileSync(folder.file('authorization'), 'Bearer hun"ter2\n');
    const inWords = (sent: Sent): string => `${'x'.repeat(190)} ${String(secret(sent))}`;
    const answers: ((sent: Sent) => [type: string, text: string])[] = [
      (sent) => ['text/plain', inWords(sent)],
      (sent) => ['application/json', JSON.stringify({ detail: 'x', sent: inWords(sent) })],
      (sent) => ['application/json', JSON.stringify({ detail: inWords(sent) }).replaceAll('/', '\\/')],
    ];
    const given: Sent[] = [];
    const { url } = closing(
      await serveBare((request, response) => {
        void text(request).then((body) => {
          given.push({ headers: request.headers, address: request.url, body });
          const [type, said] = answers[given.length - 1]!(given.at(-1)!);
          response.writeHead(422, { 'content-type': type }).end(said);
        });
      }),
    );
    const receiver = closing(
      await openWebhook(`${url}/d?token=two%20%26%20three`, { authorizationFile: folder.file('authorization') }),
    );
    for (const _each of answers)
      expect(await faultOf(receiver.deliver(DELIVERY, unhurried()))).toMatchObject({
        code: 'RECEIVER_REFUSED',
        said: undefined,
      });
    expect(given.map((sent) => typeof secret(sent))).toEqual(answers.map(() => 'string'));
  });

  test('reads no more of an answer than a receipt can be, and waits for none that does not end', async () => {
    const endless = (size: number) => (request: IncomingMessage, response: ServerResponse) => {
      request.resume();
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(size)));
      };
      response.on('drain', more);
      more();
    };
    expect(await faultOf(deliverTo(endless(65_536)))).toMatchObject({ code: 'RECEIVER_ANSWER_TOO_LARGE' });
    const begun = (request: IncomingMessage, response: ServerResponse) => {
      request.resume();
      response.writeHead(200).write('{');
    };
    expect(await faultOf(deliverTo(begun, AbortSignal.timeout(100)))).toMatchObject({ code: 'RECEIVER_TIMEOUT' });
    const gone = (request: IncomingMessage): void => void request.socket.destroy();
    expect(await faultOf(deliverTo(gone))).toMatchObject({ code: 'RECEIVER_UNAVAILABLE' });
  });

  test('is for https, or this machine, and needs a key to sign with', async () => {
    const settings = (url: string) => receiverSchema.safeParse({ kind: 'webhook', url });
    expect(settings('http://analysis.example/').success).toBe(false);
    expect(settings('https://user:word@analysis.example/').success).toBe(false);
    expect(settings('https://analysis.example/').success).toBe(true);
    const opening = openReceiver(settings('https://analysis.example/').data!, { signingKey: undefined });
    await expect(opening).rejects.toThrow('set it as signing.keyFile');
    const receiver = { kind: 'webhook', url: 'https://analysis.example/' };
    const dispatch = {
      store: closing(temporaryFolder()).file('d.sqlite'),
      recipients: { a: { department: 'a', receiver } },
    };
    const starting = openDispatching(dispatchSchema.parse(dispatch), { signingKey: undefined, onProblem() {} });
    await expect(starting).rejects.toThrow('dispatch.recipients.a.receiver: A webhook needs a key');
  });
});

function signatureOf(receipt: Record<string, unknown>, key: KeyObject): string {
  const { digest, idempotencyKey, receiver, rows, takenAt } = receipt;
  const text = JSON.stringify({ digest, idempotencyKey, receiver, rows, takenAt });
  return sign(null, Buffer.from(`switchyard receipt\n${text}`), key).toString('hex');
}
