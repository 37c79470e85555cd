import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { ConfigInput } from '../../gateway/config/config.ts';
import { closingAfterEach } from '../kit/department.ts';
import { serveFederation } from '../kit/served-federation.ts';

const opened = closingAfterEach();

async function serve(overload: NonNullable<NonNullable<ConfigInput['http']>['overload']>) {
  const held: (() => void)[] = [];
  const resolvers = { Query: { quick: () => 1, slow: () => new Promise((resolve) => held.push(() => resolve(2))) } };
  const only = { sdl: 'type Query { quick: Int slow: Int }', resolvers };
  const config = { http: { overload, maxBodyBytes: 1_000 }, graphiql: false };
  const gateway = opened(await serveFederation({ only }, config));
  const ask = async (query: string) => {
    const body = JSON.stringify({ query });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(gateway.url, { method: 'POST', headers, body });
    const { data, errors } = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
    const { status } = response;
    return { status, data, code: errors?.[0]?.extensions.code, retryAfter: response.headers.get('retry-after') };
  };
  const ready = async () => {
    const response = await fetch(new URL('/ready', gateway.url));
    return { status: response.status, ...((await response.json()) as { load: Record<string, number> }) };
  };
  return { held, ask, ready };
}

test('requests beyond those that may be under way are refused before they are read, and /ready is answered', async () => {
  const { held, ask, ready } = await serve({ maxRequests: 2 });
  const underWay = [ask('{ slow }'), ask('{ slow }')];
  await vi.waitUntil(() => held.length === 2);
  const refused = await ask('{ quick }');
  expect(refused).toMatchObject({ status: 503, code: 'GATEWAY_OVERLOADED', data: undefined });
  expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1);
  // Not 413: nobody looked.
  expect(await ask(`{ quick } # ${'x'.repeat(2_000)}`)).toMatchObject({ status: 503, code: 'GATEWAY_OVERLOADED' });
  expect(await ready()).toMatchObject({ status: 200, load: { requests: 2, refused: 2 } });
  for (const answer of held) answer();
  expect((await Promise.all(underWay)).map(({ data }) => data)).toEqual([{ slow: 2 }, { slow: 2 }]);
  expect(await ask('{ quick }')).toMatchObject({ status: 200, data: { quick: 1 } });
  expect(await ready()).toMatchObject({ load: { requests: 0 } });
});

/** Keeps this thread, which is the gateway's too, from everything else. */
function block(forMs: number): void {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs);
}

test('a gateway that comes too late to everything refuses requests until it has caught up', async () => {
  const { ask } = await serve({ maxEventLoopDelayMs: 50 });
  expect(await ask('{ quick }')).toMatchObject({ status: 200 });
  const asking = ask('{ quick }');
  for (let blocked = 0; blocked < 10; blocked += 1) {
    block(200);
    await nextTurn();
  }
  expect(await asking).toMatchObject({ status: 503, code: 'GATEWAY_OVERLOADED' });
  await vi.waitUntil(async () => (await ask('{ quick }')).status === 200);
});
