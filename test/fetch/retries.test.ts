import type { ServerResponse } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { Deadline } from '../../gateway/deadline.ts';
import { bodyText } from '../../gateway/execute/fetcher.ts';
import { closingAfterEach, freePort, serveBare } from '../kit/department.ts';
import { askOne, watchAttempts } from '../kit/one-department.ts';

const opened = closingAfterEach();
const ANSWER = '{"data":{"a":1}}';

type Behaviour = (response: ServerResponse) => void;
const answer: Behaviour = (response) => response.end(ANSWER);
const reset: Behaviour = (response) => response.socket!.resetAndDestroy();
const halfABody: Behaviour = (response) => {
  response.writeHead(200, { 'content-length': ANSWER.length });
  response.write(ANSWER.slice(0, 5), () => response.socket!.destroy());
};
const status =
  (code: number, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(code, headers).end('<html>');

/** A department that behaves in these ways, one request after the other, and then as in the last. */
async function serveBehaving(...behaviours: Behaviour[]) {
  let requests = 0;
  const server = opened(
    await serveBare((request, response) => {
      const behave = behaviours[Math.min(requests, behaviours.length - 1)]!;
      requests += 1;
      request.resume().on('end', () => behave(response));
    }),
  );
  return { url: server.url, requests: () => requests };
}

const QUICK = { allSubgraphs: { retryDelayMs: 5 } };

describe('a query is asked again', () => {
  test.each<[string, Behaviour]>([
    ['resets the connection', reset],
    ['cuts its answer off', halfABody],
    ['answers 502', status(502)],
    ['answers 503', status(503)],
    ['answers 504', status(504)],
  ])('of a department that %s', async (_name, behaviour) => {
    const attempts = watchAttempts();
    const { url, requests } = await serveBehaving(behaviour, behaviour, answer);
    const department = opened(askOne(url, QUICK));
    const given = await department.ask();
    expect(bodyText(given.body)).toBe(ANSWER);
    expect(requests()).toBe(3);
    expect(department.fetcher.state()['tax']!.askedAgain).toEqual({ retried: 2, hedged: 0, refused: 0 });
    expect(attempts.map(({ nth, outcome }) => [nth, outcome])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'answered'],
    ]);
    expect(attempts[2]).toMatchObject({ subgraph: 'tax', httpStatus: 200 });
  });

  test('no more often than is allowed, and then what was said last is the answer', async () => {
    const { url, requests } = await serveBehaving(status(503));
    expect(await opened(askOne(url, QUICK)).ask()).toMatchObject({ httpStatus: 503 });
    expect(requests()).toBe(3);
    await opened(askOne(url, { ...QUICK, subgraphs: { tax: { maxRetries: 0 } } })).ask();
    expect(requests()).toBe(4);
  });

  test('after the time that the department wants', async () => {
    const { url } = await serveBehaving(status(503, { 'retry-after': '1' }), answer);
    const attempts = watchAttempts();
    await opened(askOne(url, QUICK)).ask();
    expect(attempts).toHaveLength(2);
    expect(attempts[1]!.startedAtMs - attempts[0]!.startedAtMs).toBeGreaterThan(990);
  });

  test('not where it would be too late: then it is answered at once', async () => {
    const { url, requests } = await serveBehaving(status(503, { 'retry-after': '5' }), answer);
    const department = opened(askOne(url, QUICK));
    const askedAtMs = performance.now();
    expect(await department.ask('query', new Deadline(4_000))).toMatchObject({ httpStatus: 503 });
    expect(performance.now() - askedAtMs).toBeLessThan(3_000);
    expect(requests()).toBe(1);
  });

  test('not where its caller has gone meanwhile', async () => {
    const { url, requests } = await serveBehaving(status(503, { 'retry-after': '2' }), answer);
    const attempts = watchAttempts();
    const deadline = new Deadline(10_000);
    const asking = opened(askOne(url, QUICK)).ask('query', deadline);
    const gone = expect(asking).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
    await vi.waitUntil(() => attempts.length === 1);
    deadline.leave();
    await gone;
    expect(requests()).toBe(1);
  });

  test('not for what it said: an error of its own, or rubbish', async () => {
    const { url, requests } = await serveBehaving(status(500), status(404), status(200));
    const department = opened(askOne(url, QUICK));
    for (const httpStatus of [500, 404, 200]) expect(await department.ask()).toMatchObject({ httpStatus });
    expect(requests()).toBe(3);
  });
});

describe('a mutation is asked', () => {
  test.each<[string, Behaviour]>([
    ['resets the connection', reset],
    ['cuts its answer off', halfABody],
  ])('once of a department that %s', async (_name, behaviour) => {
    const { url, requests } = await serveBehaving(behaviour, answer);
    const asking = opened(askOne(url, QUICK)).ask('mutation');
    await expect(asking).rejects.toMatchObject({ code: 'SUBREQUEST_HTTP_ERROR' });
    expect(requests()).toBe(1);
  });

  test('once of a department that answers 503', async () => {
    const { url, requests } = await serveBehaving(status(503), answer);
    expect(await opened(askOne(url, QUICK)).ask('mutation')).toMatchObject({ httpStatus: 503 });
    expect(requests()).toBe(1);
  });

  test('again where nobody took the connection: nothing was sent', async () => {
    const attempts = watchAttempts();
    const port = await freePort();
    const settings = { allSubgraphs: { retryDelayMs: 5, maxRetries: 10 } };
    const asking = opened(askOne(`http://127.0.0.1:${port}`, settings)).ask('mutation');
    await vi.waitUntil(() => attempts.length > 0, { interval: 1 });
    opened(await serveBare((request, response) => request.resume().on('end', () => answer(response)), port));
    expect(bodyText((await asking).body)).toBe(ANSWER);
    expect(attempts.map(({ outcome }) => outcome)).toEqual([...attempts.slice(1).map(() => 'failed'), 'answered']);
  });
});

test('all requests together are made again within one budget', async () => {
  const { url, requests } = await serveBehaving(status(503));
  const department = opened(
    askOne(url, {
      allSubgraphs: { retryDelayMs: 5, circuitBreaker: false },
      retryBudget: { ratio: 0.1, minPerSecond: 0 },
    }),
  );
  for (let asked = 0; asked < 200; asked += 1) await department.ask();
  const again = requests() - 200;
  // A tenth of 200, and what of a tenth cannot be written in binary.
  expect(again).toBeGreaterThanOrEqual(18);
  expect(again).toBeLessThanOrEqual(20);
  // Each request that was not asked again, and those that were and might have been once more.
  const { retried, refused } = department.fetcher.state()['tax']!.askedAgain;
  expect(retried).toBe(again);
  expect(refused).toBeGreaterThanOrEqual(200 - again);
});

test('a gateway that is asked little makes some again all the same', async () => {
  const { url, requests } = await serveBehaving(status(503));
  const department = opened(askOne(url, { ...QUICK, retryBudget: { ratio: 0, minPerSecond: 2 } }));
  await department.ask();
  expect(requests()).toBe(3);
});
