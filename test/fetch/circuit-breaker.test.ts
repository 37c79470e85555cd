import { describe, expect, test, vi } from 'vitest';
import { CircuitBreaker, type CircuitState } from '../../gateway/fetch/circuit-breaker.ts';
import { Deadline } from '../../gateway/deadline.ts';
import { closingAfterEach, serveBare } from '../kit/department.ts';
import { askOne, watchAttempts } from '../kit/one-department.ts';

const opened = closingAfterEach();
const OPTIONS = { failureRatio: 0.5, minRequests: 10, windowMs: 10_000, openMs: 1_000 };

/** A breaker with its own clock, and what it told of itself. */
function breaker() {
  const told: CircuitState[] = [];
  const made = new CircuitBreaker(OPTIONS, (state) => told.push(state));
  const end = (kind: 'succeed' | 'fail', times: number, nowMs: number): void => {
    for (let nth = 0; nth < times; nth += 1) if (made.admit(nowMs)) made[kind](made.epoch, nowMs);
  };
  return { breaker: made, told, end };
}

describe('a circuit', () => {
  test('opens once half of enough requests failed, and not before', () => {
    const { breaker: circuit, end } = breaker();
    end('succeed', 5, 0);
    end('fail', 4, 1);
    expect(circuit.state).toBe('closed');
    end('fail', 1, 2);
    expect(circuit.state).toBe('open');
    expect(circuit.admit(1_001)).toBe(false);
  });

  test('forgets what was longer ago than its window', () => {
    const { breaker: circuit, end } = breaker();
    end('fail', 9, 0);
    expect(circuit.recentFailures(4_999)).toBe(9);
    expect(circuit.recentFailures(9_999)).toBe(9);
    end('fail', 9, 20_000);
    expect(circuit.state).toBe('closed');
    expect(circuit.recentFailures(40_000)).toBe(0);
  });

  test('lets one request try after its time, and closes when that is answered', () => {
    const { breaker: circuit, end, told } = breaker();
    end('fail', 10, 0);
    expect([circuit.isOpen(999), circuit.isOpen(1_000)]).toEqual([true, false]);
    expect([circuit.admit(1_000), circuit.admit(1_001)]).toEqual([true, false]);
    circuit.succeed(circuit.epoch, 1_002);
    expect(circuit.admit(1_003)).toBe(true);
    expect(told).toEqual(['open', 'half-open', 'closed']);
    expect(circuit.recentFailures(1_003)).toBe(0);
  });

  test('opens again when what was to try fails, for its time', () => {
    const { breaker: circuit, end, told } = breaker();
    end('fail', 10, 0);
    circuit.admit(1_000);
    circuit.fail(circuit.epoch, 1_500);
    expect([circuit.isOpen(2_499), circuit.isOpen(2_500)]).toEqual([true, false]);
    expect(told).toEqual(['open', 'half-open', 'open']);
  });

  test('lets another one try when the first one was given up', () => {
    const { breaker: circuit, end } = breaker();
    end('fail', 10, 0);
    circuit.admit(1_000);
    circuit.forget(circuit.epoch);
    expect(circuit.admit(1_001)).toBe(true);
  });

  test('does not go by requests that began before it opened', () => {
    const { breaker: circuit, end } = breaker();
    const before = circuit.epoch;
    end('fail', 10, 0);
    circuit.succeed(before, 1);
    expect(circuit.state).toBe('open');
    circuit.admit(1_000);
    circuit.fail(before, 1_001);
    circuit.succeed(before, 1_002);
    circuit.forget(before);
    expect(circuit.state).toBe('half-open');
    expect(circuit.admit(1_003)).toBe(false);
  });
});

/** A department that is well, or not. */
async function serveDepartment() {
  const desk = { requests: 0, behaviour: 'well' as 'well' | 'broken' | 'silent' | 'error in JSON' };
  const server = opened(
    await serveBare((request, response) => {
      desk.requests += 1;
      request.resume();
      if (desk.behaviour === 'well') response.end('{"data":{"a":1}}');
      else if (desk.behaviour === 'broken') response.writeHead(500).end('<html>');
      else if (desk.behaviour === 'error in JSON') response.writeHead(500).end('{"errors":[{"message":"no"}]}');
    }),
  );
  return { desk, url: server.url };
}

const QUICK = { failureRatio: 0.5, minRequests: 10, openMs: 100 };

test('a department that breaks is left alone, its callers are told at once, and one request finds that it is back', async () => {
  const { desk, url } = await serveDepartment();
  const department = opened(askOne(url, { allSubgraphs: { circuitBreaker: QUICK } }));
  desk.behaviour = 'broken';
  for (let asked = 0; asked < 10; asked += 1) expect(await department.ask()).toMatchObject({ httpStatus: 500 });
  expect(department.fetcher.state()['tax']).toMatchObject({ circuit: 'open', recentFailures: 10, inFlight: 0 });
  await expect(department.ask()).rejects.toMatchObject({ code: 'SUBREQUEST_CIRCUIT_OPEN' });
  expect(desk.requests).toBe(10);
  desk.behaviour = 'well';
  await vi.waitUntil(() =>
    department.ask().then(
      () => true,
      () => false,
    ),
  );
  expect(desk.requests).toBe(11);
  expect(department.fetcher.state()['tax']).toMatchObject({ circuit: 'closed', recentFailures: 0 });
});

test('a department that hangs is left alone, and tried again once a request had its time', async () => {
  const { desk, url } = await serveDepartment();
  const settings = { timeoutMs: 60, circuitBreaker: QUICK };
  const department = opened(askOne(url, { allSubgraphs: settings }));
  desk.behaviour = 'silent';
  const attempts = watchAttempts();
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => department.ask()));
  expect(answers.map(({ status }) => status)).not.toContain('fulfilled');
  expect(department.fetcher.state()['tax']).toMatchObject({ circuit: 'open' });
  const codeOf = (error: unknown): string => (error as { code: string }).code;
  await vi.waitUntil(async () => (await department.ask().catch(codeOf)) === 'SUBREQUEST_TIMEOUT');
  expect(attempts.map(({ outcome }) => outcome)).toEqual(Array(11).fill('failed'));
  expect(department.fetcher.state()['tax']).toMatchObject({ circuit: 'open' });
});

test('errors that a department tells in JSON, and callers who go, leave its circuit closed', async () => {
  const { desk, url } = await serveDepartment();
  const department = opened(askOne(url, { allSubgraphs: { circuitBreaker: QUICK } }));
  desk.behaviour = 'error in JSON';
  for (let asked = 0; asked < 20; asked += 1) await department.ask();
  desk.behaviour = 'silent';
  const gone = Array.from({ length: 40 }, async () => {
    const deadline = new Deadline(10_000);
    const asking = department.ask('query', deadline);
    deadline.leave();
    await expect(asking).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
  });
  await Promise.all(gone);
  expect(department.fetcher.state()['tax']).toMatchObject({ circuit: 'closed', recentFailures: 0, inFlight: 0 });
});

test('what a caller makes unsendable is nothing of the department', async () => {
  const { url } = await serveDepartment();
  const department = opened(askOne(url, { allSubgraphs: { circuitBreaker: QUICK } }));
  await department.close();
  for (let asked = 0; asked < 20; asked += 1)
    await expect(department.ask()).rejects.toMatchObject({ code: 'SUBREQUEST_HTTP_ERROR' });
  expect(department.fetcher.state()['tax']).toMatchObject({ circuit: 'closed', inFlight: 0 });
});

test('a circuit that is switched off never opens', async () => {
  const { desk, url } = await serveDepartment();
  const department = opened(
    askOne(url, { allSubgraphs: { circuitBreaker: QUICK }, subgraphs: { tax: { circuitBreaker: false } } }),
  );
  desk.behaviour = 'broken';
  for (let asked = 0; asked < 50; asked += 1) await department.ask();
  expect(desk.requests).toBe(50);
});
