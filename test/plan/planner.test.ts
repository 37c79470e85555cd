import { afterEach, describe, expect, test } from 'vitest';
import { startPlanner, type Planner } from '../../gateway/plan/planner.ts';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';

/** Every type leads to every other in each of several subgraphs: planning doubles with every level and alias. */
function tangledSupergraph(): string {
  const types = ['A', 'B', 'C'];
  const sources = ['one', 'two', 'three', 'four', 'five'].map((name, index) => ({
    name,
    routingUrl: `http://${name}.test`,
    origin: name,
    sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
      type Query { a: A @shareable }
      ${types.map((type) => `type ${type} @key(fields: "id") { id: ID! @shareable ${types.map((other) => `to${other}: ${other} @shareable`).join(' ')} own${type}${index}: Int }`).join('\n')}`,
  }));
  const composed = composeSubgraphs(sources);
  if (!composed.ok) throw new Error(composed.problems.map(({ message }) => message).join('\n'));
  return composed.sdl;
}

const sdl = tangledSupergraph();
const nasty = `{ a { ${Array.from({ length: 1_500 }, (_, n) => `x${n}: toB { toC { toA { toB { ownB0 ownB1 ownB2 ownB3 ownB4 toC { ownC0 ownC4 } } } } }`).join(' ')} } }`;

let planner: Planner;
afterEach(() => planner.close());

describe('the planner’s thread', () => {
  test('plans, and says why where it cannot', async () => {
    planner = startPlanner(sdl, { timeoutMs: 10_000, maxQueue: 10 });
    expect((await planner.plan('{ a { ownA1 } }', undefined)).node?.kind).toBe('Fetch');
    await expect(planner.plan('{ a { nothing } }', undefined)).rejects.toMatchObject({
      code: 'PLANNING_FAILED',
      detail: expect.stringMatching(/^[^\n]*nothing[^\n]*$/),
      cause: { stack: expect.stringContaining('synchronous-planner') },
    });
  });

  test('is ended when an operation takes too long, and plans the next ones', async () => {
    planner = startPlanner(sdl, { timeoutMs: 1_500, maxQueue: 10 });
    await planner.ready();
    const [slow, quick] = await Promise.allSettled([
      planner.plan(nasty, undefined),
      planner.plan('{ a { ownA1 } }', undefined),
    ]);
    expect(slow).toMatchObject({ status: 'rejected', reason: { code: 'PLANNING_TIMEOUT' } });
    expect(quick).toMatchObject({ status: 'fulfilled' });
  });

  test('lets no more wait than its bound', async () => {
    planner = startPlanner(sdl, { timeoutMs: 10_000, maxQueue: 2 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => planner.plan('{ a { ownA1 } }', undefined)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(outcomes[4]).toMatchObject({ reason: { code: 'PLANNING_OVERLOADED' } });
  });

  test('that cannot start rejects what waits, instead of starting again for ever', async () => {
    planner = startPlanner('type Query { a: Int }', { timeoutMs: 10_000, maxQueue: 10 });
    await expect(planner.ready()).rejects.toThrow(/cannot be served/);
    await expect(planner.plan('{ a { id } }', undefined)).rejects.toMatchObject({ code: 'PLANNING_FAILED' });
  });

  test('rejects what waits when it is closed', async () => {
    planner = startPlanner(sdl, { timeoutMs: 10_000, maxQueue: 10 });
    const waiting = expect(planner.plan('{ a { id } }', undefined)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await planner.close();
    await waiting;
  });
});
