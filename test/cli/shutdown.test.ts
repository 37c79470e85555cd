import { Agent, request, type IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { StartedProgram } from '../../network/process.ts';
import { serveBare, temporaryFolder } from '../kit/department.ts';
import { startGatewayProgram } from '../kit/gateway-program.ts';
import { keepRequesting } from '../kit/request-loop.ts';
import { serveFederation } from '../kit/served-federation.ts';

const PATIENCE = { timeout: 60_000, interval: 20 };
const SLOW = '{ slow }';

/** A gateway before one department that answers when it is told to. */
async function start(shutdownTimeoutMs: number) {
  const held = Promise.withResolvers<void>();
  let asked = 0;
  const department = await serveBare((_request, response) => {
    asked += 1;
    void held.promise.then(() =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"slow":"answered"}}'),
    );
  });
  onTestFinished(() => department.close());
  const subgraphs = { slow: { sdl: 'type Query { slow: String }', routingUrl: department.url } };
  const federation = await serveFederation(subgraphs, { graphiql: false });
  onTestFinished(() => federation.close());
  const folder = temporaryFolder();
  onTestFinished(() => folder.close());
  // A client that does not run for as long as it is told loses a request, and on a loaded machine half a second is soon over.
  const http = { shutdownTimeoutMs, shutdownAnnounceMs: 3_000, requestTimeoutMs: 3_600_000 };
  const allSubgraphs = { timeoutMs: 3_600_000 };
  const config = { supergraph: federation.supergraphFile, graphiql: false, operations: 'none', http, allSubgraphs };
  const program = await startGatewayProgram(folder.path, config);
  onTestFinished(() => program.kill());
  return { ...program, answerSlow: held.resolve, asked: () => asked };
}

/** Asks on the only connection of an agent. */
function askOn(agent: Agent, url: string, query: string): Promise<{ message: IncomingMessage; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}?query=${encodeURIComponent(query)}`, { agent }, (message) => {
      let text = '';
      message.on('data', (chunk: Buffer) => (text += chunk.toString()));
      message.on('end', () => resolve({ message, text }));
      message.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

function keptConnection(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
}

/** Tells it to stop, and waits until it takes no connection any more. */
async function stopTaking({ pid, url }: StartedProgram): Promise<void> {
  process.kill(pid, 'SIGTERM');
  await vi.waitFor(
    () => expect(fetch(url, { headers: { connection: 'close' } })).rejects.toThrow('fetch failed'),
    PATIENCE,
  );
}

test('who keeps a connection is answered on it after SIGTERM, and told that it is for the last time', async () => {
  const gateway = await start(60_000);
  const agent = keptConnection();
  const underWay = askOn(agent, gateway.url, SLOW);
  await vi.waitUntil(() => gateway.asked() === 1, PATIENCE);
  const next = askOn(agent, gateway.url, '{ __typename }');
  await stopTaking(gateway);
  gateway.answerSlow();
  expect((await underWay).text).toBe('{"data":{"slow":"answered"}}');
  const last = await next;
  expect(last.text).toBe('{"data":{"__typename":"Query"}}');
  expect(last.message.headers.connection).toBe('close');
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
}, 120_000);

test('SIGTERM under load loses no request', async () => {
  const gateway = await start(60_000);
  gateway.answerSlow();
  const isRight = (body: unknown): boolean => isDeepStrictEqual(body, { data: { slow: 'answered' } });
  const load = keepRequesting({ url: gateway.url, query: SLOW, isRight, atOnce: 8 });
  await load.answeredMore(100);
  process.kill(gateway.pid, 'SIGTERM');
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
  const counts = await load.end();
  console.log('SIGTERM under load:', counts);
  expect(counts).toMatchObject({ wrong: 0, lost: 0 });
}, 120_000);

test('a request that takes too long is given up when shutdownTimeoutMs is over', async () => {
  const gateway = await start(100);
  const underWay = askOn(keptConnection(), gateway.url, SLOW);
  const given = expect(underWay).rejects.toThrow(/hang up|ECONNRESET/);
  await vi.waitUntil(() => gateway.asked() === 1, PATIENCE);
  process.kill(gateway.pid, 'SIGTERM');
  await given;
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
}, 120_000);

test('a second signal ends it at once', async () => {
  const gateway = await start(3_600_000);
  const underWay = askOn(keptConnection(), gateway.url, SLOW);
  const given = expect(underWay).rejects.toThrow(/hang up|ECONNRESET/);
  await vi.waitUntil(() => gateway.asked() === 1, PATIENCE);
  await stopTaking(gateway);
  process.kill(gateway.pid, 'SIGTERM');
  await given;
  expect(await gateway.exited).toEqual({ code: null, signal: 'SIGTERM' });
}, 120_000);
