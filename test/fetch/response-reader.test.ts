import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Receiver } from '../../gateway/fetch/channel.ts';
import { ResponseReader, ResponseSyntaxError } from '../../gateway/fetch/response-reader.ts';

/** What a receiver was told. */
interface Told {
  status?: number;
  cacheControl?: string | undefined;
  body: string;
  isAscii: boolean;
}

function listen(): { receiver: Receiver; told: Told } {
  const told: Told = { body: '', isAscii: true };
  const receiver: Receiver = {
    isOver: false,
    endsAtMs: Infinity,
    onStart: () => undefined,
    onHead: (status, { cacheControl }) => Object.assign(told, { status, cacheControl }),
    onBytes(bytes, isAscii) {
      told.body += bytes;
      told.isAscii &&= isAscii;
    },
    onEnd: () => undefined,
    onError: () => undefined,
  };
  return { receiver, told };
}

/** Reads an answer that comes in these parts. */
function read(parts: readonly string[]): Told & { isWhole: boolean; keepAliveMs: number; endsWithConnection: boolean } {
  const reader = new ResponseReader();
  const { receiver, told } = listen();
  let isWhole = false;
  for (const part of parts) isWhole = reader.read(Buffer.from(part, 'latin1'), receiver);
  const { keepAliveMs, endsWithConnection } = reader;
  return { ...told, isWhole, keepAliveMs, endsWithConnection };
}

const ok = (fields: string, body: string): string => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`;

describe('an answer', () => {
  test('has as many bytes as its head says', () => {
    expect(read([ok('Content-Length: 7\r\nCache-Control: max-age=5\r\n', '{"a":1}')])).toEqual({
      status: 200,
      cacheControl: 'max-age=5',
      body: '{"a":1}',
      isAscii: true,
      isWhole: true,
      keepAliveMs: 4_000,
      endsWithConnection: false,
    });
  });

  test('may come in chunks, with extensions and trailers', () => {
    const text = ok(
      'Transfer-Encoding: Chunked\r\n',
      '3;x="y"\r\n{"a\r\nA \r\n":"234567"\r\n1\r\n}\r\n0\r\nDigest: x\r\n\r\n',
    );
    expect(read([text])).toMatchObject({ body: '{"a":"234567"}', isWhole: true });
  });

  test('may end with the connection, which is then not used again', () => {
    const told = read(['HTTP/1.0 200\r\n\r\n{"a"', ':1}']);
    expect(told).toMatchObject({ body: '{"a":1}', isWhole: false, endsWithConnection: true, keepAliveMs: 0 });
  });

  test('may have nothing in it', () => {
    expect(read([ok('content-length: 0\r\n', '')])).toMatchObject({ body: '', isWhole: true });
    expect(read(['HTTP/1.1 204 No Content\r\n\r\n'])).toMatchObject({ status: 204, body: '', isWhole: true });
  });

  test('comes after what is only informational', () => {
    const told = read([
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${ok('content-length: 1\r\n', '7')}`,
    ]);
    expect(told).toMatchObject({ status: 200, body: '7', isWhole: true });
  });

  test('keeps its bytes as they are, and says where they are more than ASCII', () => {
    const bytes = Buffer.from('"ä漢"').toString('latin1');
    expect(read([ok(`content-length: ${bytes.length}\r\n`, bytes)])).toMatchObject({ body: bytes, isAscii: false });
  });

  test('is the same in whatever parts it comes', () => {
    const answers = [
      ok('content-length: 12\r\nkeep-alive: timeout=5\r\n', '{"data":"ä"}'),
      ok('transfer-encoding: chunked\r\n', '2\r\n{}\r\nb\r\n[1,2,3,4,5]\r\n0\r\nx: y\r\n\r\n'),
      `HTTP/1.1 100 Continue\r\n\r\n${ok('content-length: 2\r\n', '{}')}`,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...answers), fc.array(fc.nat(200), { maxLength: 12 }), (text, cuts) => {
        const places = [0, ...new Set(cuts.filter((cut) => cut < text.length)), text.length].sort((a, b) => a - b);
        const parts = places.slice(1).map((place, index) => text.slice(places[index], place));
        expect(read(parts)).toEqual(read([text]));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a connection', () => {
  test.each([
    ['HTTP/1.1 200 OK\r\n', 4_000],
    ['HTTP/1.1 200 OK\r\nConnection: close\r\n', 0],
    ['HTTP/1.0 200 OK\r\n', 0],
    ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n', 4_000],
    ['HTTP/1.1 200 OK\r\nKeep-Alive: timeout=10, max=5\r\n', 8_000],
    ['HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\n', 0],
    ['HTTP/1.1 200 OK\r\nKeep-Alive: timeout=999999\r\n', 600_000],
  ])('after %j', (head, keepAliveMs) => {
    expect(read([`${head}content-length: 1\r\n\r\n7`]).keepAliveMs).toBe(keepAliveMs);
  });

  test('on which more came than was asked for is not used again', () => {
    expect(read([ok('content-length: 1\r\n', '77')])).toMatchObject({ body: '7', isWhole: true, keepAliveMs: 0 });
  });
});

test.each([
  ['nothing of HTTP', '<html>\r\n\r\n'],
  ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['a status that is none', 'HTTP/1.1 2x0 OK\r\n\r\n'],
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['two lengths', ok('content-length: 1\r\ncontent-length: 2\r\n', '77')],
  ['a length beside chunks', ok('content-length: 1\r\ntransfer-encoding: chunked\r\n', '')],
  ['another transfer coding', ok('transfer-encoding: gzip, chunked\r\n', '')],
  ['a length that is no number', ok('content-length: +1\r\n', '7')],
  ['a folded line', ok('x: y\r\n content-length: 1\r\n', '7')],
  ['a line that is no field', ok('content-length 1\r\n', '7')],
  ['a chunk without its size', ok('transfer-encoding: chunked\r\n', 'x\r\n')],
  ['a chunk longer than its size', ok('transfer-encoding: chunked\r\n', '1\r\n77\r\n')],
  ['a head without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`],
  ['a size without end', ok('transfer-encoding: chunked\r\n', '0'.repeat(2_000))],
])('%s is refused', (_what, text) => {
  expect(() => read([text])).toThrow(ResponseSyntaxError);
});

/** What comes of an answer: what was told, or that it was refused. */
function outcome(reader: ResponseReader, text: string): unknown {
  const { receiver, told } = listen();
  try {
    const isWhole = reader.read(Buffer.from(text, 'latin1'), receiver);
    return { ...told, isWhole, keepAliveMs: reader.keepAliveMs };
  } catch (error) {
    if (!(error instanceof ResponseSyntaxError)) throw error;
    return 'refused';
  }
}

test('one answer after the other on a connection is read as each would be by itself, however alike they are', () => {
  const line = fc.constantFrom(
    ...['Date: Sat, 28 Nov 2026 10:00:00 GMT', 'Date: Sat, 28 Nov 2026 10:00:01 GMT', 'Connection: close', 'X: 1'],
    ...['Cache-Control: max-age=5', 'Content-Length: 3', 'Transfer-Encoding: chunked', 'X-Content-Length: 9'],
  );
  const length = fc.constantFrom(
    '0',
    '1',
    '3',
    '03',
    ' 3',
    '3 ',
    '12',
    '-1',
    'x',
    '',
    '1\r\nX: 1',
    '3\r\nContent-Length: 1',
  );
  const answer = fc
    .tuple(fc.constantFrom('200 OK', '200 OK', '500 No', '204 Nothing'), fc.array(line, { maxLength: 2 }), length)
    .chain(([status, before, text]) =>
      fc.array(line, { maxLength: 1 }).map((after) => {
        const fields = [...before, `Content-Length: ${text}`, ...after].join('\r\n');
        return `HTTP/1.1 ${status}\r\n${fields}\r\n\r\n${'b'.repeat(Math.max(0, Number.parseInt(text, 10) || 0))}`;
      }),
    );
  const check = (answers: readonly string[]): void => {
    let reader = new ResponseReader();
    for (const text of answers) {
      const found = outcome(reader, text);
      expect(found, text).toEqual(outcome(new ResponseReader(), text));
      // After anything else the connection is closed.
      if (found === 'refused' || !(found as { isWhole: boolean }).isWhole) reader = new ResponseReader();
    }
  };
  fc.assert(fc.property(fc.array(answer, { maxLength: 8 }), check), { numRuns: 2_000 });
});
