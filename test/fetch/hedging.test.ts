import { expect, test, vi } from 'vitest';
import { bodyText } from '../../gateway/execute/fetcher.ts';
import { closingAfterEach, serveBare } from '../kit/department.ts';
import { askOne, watchAttempts } from '../kit/one-department.ts';

const opened = closingAfterEach();
const SAMPLES = 30;

/** A department of which one request, once it is warm, is never answered. */
async function serveOneSlow() {
  let requests = 0;
  const cut: number[] = [];
  const server = opened(
    await serveBare((request, response) => {
      const nth = (requests += 1);
      request.resume();
      response.on('close', () => void (response.writableFinished || cut.push(nth)));
      if (nth !== SAMPLES + 1) response.end(`{"data":{"a":${nth}}}`);
    }),
  );
  const warm = async (department: { ask(): Promise<unknown> }): Promise<void> => {
    for (let asked = 0; asked < SAMPLES; asked += 1) await department.ask();
  };
  return { url: server.url, requests: () => requests, cut, warm };
}

test('a query that takes longer than usual is asked a second time, and what is not needed is given up', async () => {
  const { url, cut, warm } = await serveOneSlow();
  const department = opened(askOne(url, { allSubgraphs: { hedge: {} } }));
  await warm(department);
  const attempts = watchAttempts();
  expect(bodyText((await department.ask()).body)).toBe(`{"data":{"a":${SAMPLES + 2}}}`);
  await vi.waitUntil(() => cut.length > 0);
  expect(cut).toEqual([SAMPLES + 1]);
  expect(attempts.map(({ nth, outcome }) => [nth, outcome])).toEqual([
    [2, 'answered'],
    [1, 'given up'],
  ]);
  expect(department.fetcher.state()['tax']).toMatchObject({
    ...{ inFlight: 0, recentFailures: 0, circuit: 'closed' },
    askedAgain: { retried: 0, hedged: 1, refused: 0 },
  });
});

test.each([
  ['a mutation', 'mutation', { hedge: {} }, 1],
  ['a query where nothing is left of the budget', 'query', { hedge: {} }, 0],
  ['a query where that is not asked for', 'query', {}, 1],
] as const)('%s is not', async (_name, kind, settings, ratio) => {
  const { url, requests, warm } = await serveOneSlow();
  const retryBudget = { ratio, minPerSecond: 0 };
  const department = opened(askOne(url, { allSubgraphs: { ...settings, timeoutMs: 300 }, retryBudget }));
  await warm(department);
  await expect(department.ask(kind)).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
  expect(requests()).toBe(SAMPLES + 1);
});
