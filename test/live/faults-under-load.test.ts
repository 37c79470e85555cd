import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { StartedProgram } from '../../network/process.ts';
import { ask, type Answer } from '../kit/ask.ts';
import { serveBare } from '../kit/department.ts';
import { composeSmall } from '../kit/federation.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';
import { startGatewayProgram } from '../kit/gateway-program.ts';
import { keepLoading, printTally, type Load, type Verdict } from '../kit/load.ts';

const LANES = 16;
const TIMEOUT_MS = 500;
const REQUEST_TIMEOUT_MS = 2_000;
/** A machine that does much else at the time is late to all this. */
const SLACK_MS = 1_000;
const QUERY = '{ orders { id customer { name } } }';
const ORDERS = [1, 2, 3];

type Behaviour = (response: ServerResponse, body: string) => void;
const well: Behaviour = (response, body) => response.end(body);

/** A department over real HTTP, which behaves as it is told to. */
class Desk {
  behaviour: Behaviour = well;
  requests = 0;
  #server: Awaited<ReturnType<typeof serveBare>> | undefined;
  readonly #answer: (variables: Variables) => object;

  constructor(answer: (variables: Variables) => object) {
    this.#answer = answer;
  }

  get url(): string {
    return this.#server!.url;
  }

  /** On any free port, and later on the one that it had. */
  async open(): Promise<void> {
    const port = this.#server?.port ?? 0;
    this.#server = await serveBare((request, response) => void this.#serve(request, response), port);
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    let text = '';
    request.on('error', () => undefined);
    for await (const chunk of request) text += String(chunk);
    const { variables } = JSON.parse(text) as { variables: Variables };
    this.behaviour(response, JSON.stringify({ data: this.#answer(variables) }));
  }
}

interface Variables {
  representations: { id: number }[];
}

const orders = new Desk(() => ({
  orders: ORDERS.map((id) => ({ __typename: 'Order', id, customer: { __typename: 'Customer', id } })),
}));
const customers = new Desk(({ representations }) => ({
  _entities: representations.map(({ id }) => ({ name: `Customer ${id}` })),
}));

let folder: TestFolder;
let supergraphFile: string;
let gateway: StartedProgram;

async function startGateway(port = 0): Promise<StartedProgram> {
  const config = {
    supergraph: supergraphFile,
    cache: { enabled: false },
    http: { requestTimeoutMs: REQUEST_TIMEOUT_MS },
    allSubgraphs: { timeoutMs: TIMEOUT_MS, circuitBreaker: { openMs: 200 } },
    subgraphs: { orders: { routingUrl: orders.url }, customers: { routingUrl: customers.url } },
  };
  return startGatewayProgram(folder.path, config, { PORT: String(port) });
}

beforeAll(async () => {
  folder = await makeFolder('switchyard-faults-');
  await Promise.all([orders.open(), customers.open()]);
  supergraphFile = `${folder.path}/supergraph.graphql`;
  const sdl = composeSmall({
    orders: {
      sdl: `type Query { orders: [Order!]! } type Order { id: Int! customer: Customer }
        type Customer @key(fields: "id", resolvable: false) { id: Int! }`,
    },
    customers: { sdl: 'type Customer @key(fields: "id") { id: Int! name: String }' },
  });
  await writeFile(supergraphFile, sdl);
  gateway = await startGateway();
  // The operation is planned once for all.
  await ask(gateway.url, QUERY);
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([orders.close(), customers.close()]);
  await folder.remove();
});

/** What is there is true; what is not has an error of the gateway's that says why, at its place. */
function judge({ data, errors = [] }: Answer): Verdict {
  if (!errors.every(({ extensions }) => /^(SUBREQUEST|GATEWAY)_[A-Z_]+$/.test(extensions?.code ?? ''))) return 'wrong';
  const given = data?.['orders'] as { id: number; customer: { name: string | null } | null }[] | null | undefined;
  if (!given) return errors.length > 0 ? 'refused' : 'wrong';
  const isTrue = given.every(({ id, customer }, index) => {
    if (id !== ORDERS[index]) return false;
    const name = customer?.name ?? null;
    return name === `Customer ${id}` || (name === null && errors.some(({ path }) => path?.[1] === index));
  });
  if (!isTrue || given.length !== ORDERS.length) return 'wrong';
  return errors.length > 0 ? 'refused' : 'answered';
}

function load(lanes = LANES): Load {
  return keepLoading({ url: gateway.url, query: QUERY, lanes, judge });
}

interface Fault {
  name: string;
  begin(): unknown;
  end(): unknown;
  /** Codes of which at least one is told. */
  codes: readonly string[];
}

const behaving = (behaviour: Behaviour) => ({
  begin: () => void (customers.behaviour = behaviour),
  end: () => void (customers.behaviour = well),
});

const FAULTS: readonly Fault[] = [
  { name: 'killed', begin: () => customers.close(), end: () => customers.open(), codes: ['SUBREQUEST_HTTP_ERROR'] },
  { name: 'hung', ...behaving(() => undefined), codes: ['SUBREQUEST_TIMEOUT'] },
  {
    name: 'answering 500',
    ...behaving((response) => response.writeHead(500).end('<html>')),
    codes: ['SUBREQUEST_HTTP_ERROR'],
  },
  {
    name: 'answering half a body',
    ...behaving((response, body) => {
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
    }),
    codes: ['SUBREQUEST_HTTP_ERROR'],
  },
  {
    name: 'resetting connections',
    ...behaving((response) => response.socket?.resetAndDestroy()),
    codes: ['SUBREQUEST_HTTP_ERROR'],
  },
];

describe.each(FAULTS)('a department $name under load', ({ name, begin, end, codes }) => {
  test('is a named gap, soon told at once; nothing is lost, and it closes by itself', { timeout: 60_000 }, async () => {
    const running = load();
    await running.pass(200);
    await begin();
    await vi.waitUntil(() => running.tally.refused['SUBREQUEST_CIRCUIT_OPEN'] !== undefined, { timeout: 20_000 });
    const asked = customers.requests;
    await running.pass(500);
    // Left alone but for those that try, and what was under way.
    const askedMeanwhile = customers.requests - asked;
    await end();
    await running.answered();
    const refusedBefore = { ...running.tally.refused };
    await running.pass(200);
    const tally = await running.end();
    printTally(`A department ${name}`, tally);
    expect(askedMeanwhile).toBeLessThan(100);
    for (const code of codes) expect(tally.refused).toHaveProperty(code);
    expect(tally).toMatchObject({ wrong: 0, unsent: 0, lost: 0 });
    expect(tally.longestMs).toBeLessThan(REQUEST_TIMEOUT_MS + SLACK_MS);
    expect(sum(tally.refused) - sum(refusedBefore)).toBeLessThanOrEqual(LANES);
  });
});

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

test('a department that is slowed makes answers late, and takes none away', { timeout: 60_000 }, async () => {
  const running = load();
  await running.pass(100);
  customers.behaviour = (response, body) => void pause(TIMEOUT_MS / 3).then(() => response.end(body));
  await running.pass(200);
  customers.behaviour = well;
  await running.pass(100);
  const tally = await running.end();
  printTally('A department slowed', tally);
  expect(tally).toMatchObject({ wrong: 0, unsent: 0, lost: 0 });
  expect(tally.longestMs).toBeLessThan(REQUEST_TIMEOUT_MS + SLACK_MS);
});

test(
  'all departments slow at once: every request ends in time, and the gateway says how it is',
  { timeout: 60_000 },
  async () => {
    const running = load(100);
    await running.pass(400);
    const slow: Behaviour = (response, body) => void pause(TIMEOUT_MS * 0.6).then(() => response.end(body));
    orders.behaviour = customers.behaviour = slow;
    await running.pass(600);
    const askedAtMs = performance.now();
    const ready = await fetch(new URL('/ready', gateway.url));
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ departments: { orders: { inFlight: expect.any(Number) as number } } });
    const readyMs = performance.now() - askedAtMs;
    orders.behaviour = customers.behaviour = well;
    await running.answered();
    await running.pass(400);
    const tally = await running.end();
    printTally(`All departments slow (/ready in ${Math.round(readyMs)} ms)`, tally);
    expect(tally).toMatchObject({ wrong: 0, unsent: 0, lost: 0 });
    expect(tally.longestMs).toBeLessThan(REQUEST_TIMEOUT_MS + SLACK_MS);
  },
);

test(
  'a gateway that is killed gives no wrong answer, and serves again once it is started',
  { timeout: 60_000 },
  async () => {
    const running = load();
    await running.pass(200);
    expect(running.tally).toMatchObject({ lost: 0, unsent: 0 });
    const { port } = new URL(gateway.url);
    await gateway.kill();
    await vi.waitUntil(() => running.tally.unsent > 0);
    gateway = await startGateway(Number(port));
    await running.answered();
    const { lost } = running.tally;
    await running.pass(200);
    const tally = await running.end();
    printTally('A gateway killed with -9', tally);
    // What was under way, and what was written to a connection whose end had not been seen.
    expect(lost).toBeLessThanOrEqual(4 * LANES);
    expect(tally).toMatchObject({ wrong: 0, lost });
  },
);

test('a gateway that is told to stop answers what it took, and loses nothing', { timeout: 60_000 }, async () => {
  customers.behaviour = (response, body) => void pause(50).then(() => response.end(body));
  const running = keepLoading({ url: gateway.url, query: QUERY, lanes: LANES, judge, leavesWhenTold: true });
  await running.pass(200);
  const stopped = gateway.stop();
  await Promise.all([running.left(), stopped]);
  await expect(fetch(gateway.url)).rejects.toThrow('fetch failed');
  customers.behaviour = well;
  printTally('SIGTERM', running.tally);
  expect(running.tally).toMatchObject({ wrong: 0, unsent: 0, lost: 0, refused: {} });
  expect(running.tally.answered).toBe(running.tally.sent);
});
