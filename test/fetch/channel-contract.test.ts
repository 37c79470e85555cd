import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import type { Channel, ChannelOptions, ExtraHeaders, Receiver, Underway } from '../../gateway/fetch/channel.ts';
import { openHttp1Channel } from '../../gateway/fetch/http1-channel.ts';
import { openUndiciChannel } from '../../gateway/fetch/undici-channel.ts';
import { closingAfterEach } from '../kit/department.ts';

const opened = closingAfterEach();

/** One request on its way, as its receiver sees it. */
class Asked implements Receiver {
  isOver = false;
  endsAtMs = performance.now() + 60_000;
  underway: Underway | undefined;
  status: number | undefined;
  bytes = '';
  readonly #ended = Promise.withResolvers<string>();
  readonly body = this.#ended.promise;

  onStart(underway: Underway): void {
    this.underway = underway;
  }

  onHead(status: number): void {
    this.status = status;
  }

  onBytes(bytes: string): void {
    this.bytes += bytes;
  }

  onEnd(): void {
    this.#ended.resolve(this.bytes);
  }

  onError(error: Error): void {
    this.#ended.reject(error);
  }
}

function send(channel: Channel, body = '{"query":"{a}"}', headers?: ExtraHeaders): Asked {
  const asked = new Asked();
  channel.send(body, asked, headers);
  return asked;
}

/** A server below HTTP: it says what came over each connection, and answers what it is told to. */
class RawServer {
  readonly connections: Socket[] = [];
  readonly received: string[] = [];
  readonly #server: Server;

  constructor(answer: (socket: Socket, request: string, nth: number) => void) {
    this.#server = createServer((socket) => {
      this.connections.push(socket);
      socket.on('error', () => undefined);
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? NaN);
        const head = text.indexOf('\r\n\r\n') + 4;
        if (head < 4 || text.length < head + length) return;
        this.received.push(text);
        text = '';
        answer(socket, this.received.at(-1)!, this.received.length - 1);
      });
    });
  }

  async listen(host = '127.0.0.1'): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, host, resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.connections) socket.destroy();
    this.#server.close();
  }
}

const answerText = (body: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

describe.each([
  ['http1', openHttp1Channel],
  ['undici', openUndiciChannel],
])('a channel of %s', (_name, open: (options: ChannelOptions) => Channel) => {
  async function serve(
    answer: (socket: Socket, request: string, nth: number) => void,
    maxConnections = 2,
  ): Promise<{ server: RawServer; channel: Channel }> {
    const server = opened(new RawServer(answer));
    const url = new URL(`http://127.0.0.1:${await server.listen()}/a/graphql?x=1`);
    return { server, channel: opened(open({ url, maxConnections })) };
  }

  test('sends a POST with all that HTTP asks for, in UTF-8', async () => {
    const { server, channel } = await serve((socket) => socket.write(answerText('{"data":null}')));
    expect(await send(channel, '{"query":"{ä漢}"}').body).toBe('{"data":null}');
    const [request = ''] = server.received;
    const [head = '', body = ''] = request.split('\r\n\r\n');
    const [start, ...fields] = head.split('\r\n');
    expect(start).toBe('POST /a/graphql?x=1 HTTP/1.1');
    expect(fields.map((field) => field.toLowerCase()).sort()).toEqual([
      'accept: application/graphql-response+json, application/json',
      'connection: keep-alive',
      'content-length: 19',
      'content-type: application/json',
      expect.stringMatching(/^host: 127\.0\.0\.1:\d+$/),
    ]);
    expect(Buffer.from(body, 'latin1').toString('utf8')).toBe('{"query":"{ä漢}"}');
  });

  test('sends headers of one request with it, and not with the next', async () => {
    const { server, channel } = await serve((socket) => socket.write(answerText('1')));
    const headers = { 'x-purpose': 'a "b" %c \\', signature: 'a=:YQ==:' };
    expect(await send(channel, '{"query":"{漢}"}', headers).body).toBe('1');
    expect(await send(channel).body).toBe('1');
    const [first, second] = server.received.map((request) => request.split('\r\n\r\n')[0]!.split('\r\n'));
    expect(first).toEqual(expect.arrayContaining(Object.entries(headers).map((field) => field.join(': '))));
    expect(first).toHaveLength(second!.length + 2);
    expect(server.received[0]).toMatch(/\r\n\r\n\{"query":"\{[^}]{3}\}"\}$/);
  });

  test('sends headers of a request that had to wait', async () => {
    const waiting: Socket[] = [];
    const { server, channel } = await serve((socket) => waiting.push(socket), 1);
    const asked = ['1', '2'].map((nth) => send(channel, nth, { 'x-nth': nth }));
    for (let answered = 0; answered < 2; answered += 1) {
      await vi.waitFor(() => expect(waiting).toHaveLength(1));
      waiting.pop()!.write(answerText('1'));
    }
    await Promise.all(asked.map(({ body }) => body));
    expect(server.received.map((request) => /x-nth: (\d)\r\n/.exec(request)?.[1])).toEqual(['1', '2']);
    expect(server.received.map((request) => request.at(-1))).toEqual(['1', '2']);
  });

  test.each<[string, ExtraHeaders]>([
    ['a line of its own', { 'x-a': '1\r\nx-b: 2' }],
    ['the end of the head', { 'x-a': '1\r\n\r\nPOST / HTTP/1.1' }],
    ['a bare carriage return', { 'x-a': '1\r2' }],
    ['a bare line feed', { 'x-a': '1\n2' }],
    ['a zero', { 'x-a': '1\0' }],
    ['a character of latin1', { 'x-a': 'ä' }],
    ['a character beyond latin1, whose low byte is a line feed', { 'x-a': '\u010a' }],
    ['a line in a name', { 'x-a: 1\r\nx-b': '2' }],
    ['no name', { '': '2' }],
    ['a second length', { 'content-length': '0' }],
    ['another way to say the length', { 'transfer-encoding': 'chunked' }],
    ['a second host', { host: 'other' }],
    ['another content type', { 'content-type': 'text/plain' }],
    ['a length in capitals', { 'Content-Length': '0' }],
  ])('refuses headers with %s, and sends nothing', async (_what, headers) => {
    const { server, channel } = await serve((socket) => socket.write(answerText('1')));
    await expect(send(channel, '"wrong"', headers).body).rejects.toThrow(/header/);
    expect(await send(channel).body).toBe('1');
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).not.toContain('wrong');
  });

  test('uses a connection again', async () => {
    const { server, channel } = await serve((socket) => socket.write(answerText('1')));
    for (let nth = 0; nth < 9; nth += 1) expect(await send(channel).body).toBe('1');
    // Undici may find its connection not yet free again.
    expect(server.connections.length).toBeLessThan(3);
  });

  test('opens no more connections than it may; the rest waits', async () => {
    const waiting: Socket[] = [];
    const { server, channel } = await serve((socket) => waiting.push(socket));
    const asked = Array.from({ length: 6 }, () => send(channel));
    for (let answered = 0; answered < 6; answered += 2) {
      await vi.waitFor(() => expect(waiting).toHaveLength(2));
      for (const socket of waiting.splice(0)) socket.write(answerText('2'));
    }
    expect(await Promise.all(asked.map(({ body }) => body))).toEqual(Array.from({ length: 6 }, () => '2'));
    expect(server.connections).toHaveLength(2);
  });

  test('does not send what is given up while it waits', async () => {
    const waiting: Socket[] = [];
    const { server, channel } = await serve((socket) => waiting.push(socket), 1);
    const [first, second, third] = [send(channel), send(channel, '"second"'), send(channel, '"third"')];
    second.isOver = true;
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting.pop()!.write(answerText('1'));
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting.pop()!.write(answerText('3'));
    expect(await Promise.all([first.body, third.body])).toEqual(['1', '3']);
    expect(server.received.filter((request) => request.includes('second'))).toEqual([]);
  });

  test('closes the connection of what is given up, and goes on with another', async () => {
    const { server, channel } = await serve((socket, request) => {
      if (!request.includes('silent')) socket.write(answerText('2'));
    }, 1);
    const silent = send(channel, '"silent"');
    const next = send(channel);
    await vi.waitFor(() => expect(server.received).toHaveLength(1));
    silent.underway!.abort();
    expect(await next.body).toBe('2');
    await vi.waitFor(() => expect(server.connections[0]!.destroyed).toBe(true));
    expect(server.connections).toHaveLength(2);
  });

  test('opens another connection where the server has closed the last one', async () => {
    const { server, channel } = await serve((socket) => socket.write(answerText('1')));
    expect(await send(channel).body).toBe('1');
    const [socket] = server.connections;
    const gone = new Promise((resolve) => socket!.once('close', resolve));
    socket!.end();
    await gone;
    expect(await send(channel).body).toBe('1');
    expect(server.connections).toHaveLength(2);
  });

  test('does not use a connection again that the server will not keep', async () => {
    const { server, channel } = await serve((socket) =>
      socket.write(answerText('1').replace('\r\n', '\r\nconnection: close\r\n')),
    );
    expect(await send(channel).body).toBe('1');
    expect(await send(channel).body).toBe('1');
    expect(server.connections).toHaveLength(2);
  });

  test('hands an answer on that ends with its connection', async () => {
    const { channel } = await serve((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n{"data":1}'));
    expect(await send(channel).body).toBe('{"data":1}');
  });

  test.each([
    ['cuts the connection', (socket: Socket) => socket.destroy()],
    ['stops in the middle of an answer', (socket: Socket) => socket.end(answerText('1234').slice(0, -2))],
    ['answers what is not HTTP', (socket: Socket) => socket.write('<html>\r\n\r\n')],
    [
      'gives two lengths',
      (socket: Socket) => socket.write(answerText('1').replace('\r\n', '\r\ncontent-length: 3\r\n')),
    ],
  ])('says so where the server %s, and goes on', async (_what, misbehave) => {
    const { channel } = await serve((socket, _request, nth) =>
      nth === 0 ? misbehave(socket) : socket.write(answerText('2')),
    );
    await expect(send(channel).body).rejects.toBeInstanceOf(Error);
    expect(await send(channel).body).toBe('2');
  });

  test('says so where nobody listens', async () => {
    const server = new RawServer(() => undefined);
    const port = await server.listen();
    server.close();
    const channel = opened(open({ url: new URL(`http://127.0.0.1:${port}/`), maxConnections: 1 }));
    const asked = [send(channel), send(channel)];
    for (const { body } of asked) await expect(body).rejects.toThrow(/ECONNREFUSED/);
  });

  test('reaches an IPv6 address', async ({ skip }) => {
    const server = opened(new RawServer((socket) => socket.write(answerText('6'))));
    const port = await server.listen('::1').catch(() => skip('this machine has no IPv6'));
    const channel = opened(open({ url: new URL(`http://[::1]:${port}/`), maxConnections: 1 }));
    expect(await send(channel).body).toBe('6');
  });

  test('ends what is under way before it closes, and takes nothing after that', async () => {
    const waiting: Socket[] = [];
    const { server, channel } = await serve((socket) => waiting.push(socket), 1);
    const asked = [send(channel), send(channel)];
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    const closing = channel.close();
    await expect(send(channel).body).rejects.toThrow(/closed|destroyed/);
    for (let answered = 0; answered < 2; answered += 1) {
      await vi.waitFor(() => expect(waiting).toHaveLength(1));
      waiting.pop()!.write(answerText('1'));
    }
    expect(await Promise.all(asked.map(({ body }) => body))).toEqual(['1', '1']);
    await closing;
    await vi.waitFor(() => expect(server.connections.every(({ destroyed }) => destroyed)).toBe(true));
  });
});

test('a channel of http1 does not use a connection that has been idle for as long as the server keeps it', async () => {
  const server = opened(
    new RawServer((socket) => socket.write(answerText('1').replace('\r\n', '\r\nkeep-alive: timeout=3\r\n'))),
  );
  const url = new URL(`http://127.0.0.1:${await server.listen()}/`);
  const channel = opened(openHttp1Channel({ url, maxConnections: 2 }));
  await send(channel).body;
  await send(channel).body;
  expect(server.connections).toHaveLength(1);
  // One second is left of three: it is closed by itself then.
  await vi.waitFor(() => expect(server.connections[0]!.destroyed).toBe(true), 5_000);
  await send(channel).body;
  expect(server.connections).toHaveLength(2);
});
