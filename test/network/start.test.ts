import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ask } from '../kit/ask.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';
import { killAll, npmStart, whenNoneIsLeft, type NpmStart } from './npm-start.ts';

const READY_MS = 60_000;
const programs = [
  'postgres',
  'aviation-system',
  'tax-system',
  'social-security-system',
  'credit-registry-system',
  'territory',
  'aviation',
  'municipal',
  'labour',
  'market',
  'identity',
  'tax',
  'social-security',
  'power',
  'courts',
  'public-security',
  'city-operations',
  'planning',
  'fire',
  'claims',
  'credit-registry',
  'analysis',
  'gateway',
];

let folder: TestFolder;
let running: NpmStart;

/** The operation that a start with --all writes: everything that 37 departments know of a place. */
async function askEverything(gatewayUrl: string): Promise<void> {
  const query = readFileSync(join(folder.path, 'data', 'economies', 'everything.graphql'), 'utf8');
  const { data, errors } = await ask(gatewayUrl, query);
  expect(errors).toBeUndefined();
  const { name, ...rest } = (data as { place: Record<string, unknown> }).place;
  expect(name).toBe('France');
  const figures = Object.entries(rest).filter(([field]) => field.endsWith('Figures'));
  expect(figures).toHaveLength(33);
  expect(await askFacts(gatewayUrl)).toEqual(['CONFLICT', 'AGREE', 'DIFFERENT_DEFINITION', 'CONFLICT']);
  expect(figures.flatMap(([, indicators]) => Object.keys(indicators as object))).toHaveLength(216);
}

/** What becomes of the claims about population, area, literacy and life expectancy in Equatorial Guinea. */
async function askFacts(gatewayUrl: string): Promise<string[]> {
  const query = readFileSync(join(folder.path, 'data', 'economies', 'place-facts.graphql'), 'utf8');
  const { data, errors } = await ask(gatewayUrl, query);
  expect(errors).toBeUndefined();
  const { name: _, ...facts } = (data as { place: Record<string, { agreement: string }> }).place;
  return Object.values(facts).map(({ agreement }) => agreement);
}

/** Indicators that the catalogue finds by a word, each with its department. */
async function findIndicators(gatewayUrl: string, text: string): Promise<string[]> {
  const query = `query ($text: String!) { catalogue { search(text: $text, first: 100, kinds: [INDICATOR]) { name departments } } }`;
  const { data, errors } = await ask(gatewayUrl, query, { text });
  expect(errors).toBeUndefined();
  const { search } = (data as { catalogue: { search: { name: string; departments: string[] }[] } }).catalogue;
  return search.map(({ name, departments }) => `${departments.join()} ${name}`);
}

function start(...args: string[]): NpmStart {
  running = npmStart({
    args: ['--ports', 'free', '--enterprises', '120', '--data', join(folder.path, 'data'), ...args],
  });
  return running;
}

beforeAll(async () => {
  folder = await makeFolder('switchyard-start-');
});
afterEach(() => killAll(running));
afterAll(() => folder.remove());

// One folder, in this order: each start finds what the one before it left.

test(
  'a first start makes the data, brings up every program, answers, and Ctrl-C leaves no process',
  async () => {
    const first = start();
    const { gatewayUrl } = await first.next('up');
    const ready = first.events.flatMap((event) => (event.event === 'ready' && event.pid ? [event.name] : []));
    expect(ready.toSorted()).toEqual(programs.toSorted());
    expect(first.events).toContainEqual(expect.objectContaining({ event: 'left-out', name: 'customs' }));
    expect(first.events).toContainEqual(expect.objectContaining({ event: 'ready', name: 'data', detail: 'made' }));
    expect(await ask(gatewayUrl, '{ enterprises(first: 2) { uscc synthetic } place(iso: "FR") { name } }')).toEqual({
      data: {
        enterprises: [
          { uscc: expect.stringMatching(/^[0-9A-Z]{18}$/) as string, synthetic: true },
          { uscc: expect.stringMatching(/^[0-9A-Z]{18}$/) as string, synthetic: true },
        ],
        place: { name: 'France' },
      },
    });
    expect(first.processes().length).toBeGreaterThanOrEqual(programs.length);

    first.signal('SIGINT', 'group');
    expect(await first.exited).toMatchObject({ code: 0 });
    expect(first.processes()).toEqual([]);
  },
  READY_MS,
);

test(
  'a second start keeps data and supergraph; a killed program comes back; kill -9 of the parent leaves no process',
  async () => {
    const second = start();
    await second.next('up');
    const kept = second.events.flatMap((event) =>
      event.event === 'ready' && event.detail?.startsWith('kept') ? [event.name] : [],
    );
    expect(kept.toSorted()).toEqual(['data', 'supergraph']);
    expect(second.events.filter(({ event }) => event === 'made')).toEqual([]);

    const labour = await second.next('ready', ({ name }) => name === 'labour');
    process.kill(labour.pid as number, 'SIGKILL');
    await second.next('ended', ({ name }) => name === 'labour');
    const back = await second.next('restarted', ({ name }) => name === 'labour');
    expect(back.url).toBe(labour.url);
    expect(back.pid).not.toBe(labour.pid);

    second.signal('SIGKILL');
    await whenNoneIsLeft(second);
  },
  READY_MS,
);

test(
  'npm start that is told to stop leaves no process, although npm does not tell it',
  async () => {
    running = npmStart({
      args: ['--ports', 'free', '--enterprises', '120', '--data', join(folder.path, 'data')],
      throughNpm: true,
    });
    await running.next('up');
    running.signal('SIGTERM');
    await whenNoneIsLeft(running);
  },
  READY_MS,
);

test(
  'a start after kill -9 of every process, the database server too, finds its data whole; with --all it has all departments',
  async () => {
    const killed = start();
    await killed.next('up');
    killAll(killed);
    await whenNoneIsLeft(killed);

    const next = start('--all');
    const { gatewayUrl } = await next.next('up');
    expect(next.events).toContainEqual(
      expect.objectContaining({ event: 'ready', name: 'data', detail: expect.stringContaining('kept') as string }),
    );
    await askEverything(gatewayUrl);
    for (const electricity of ['electricity', '电力'])
      expect(await findIndicators(gatewayUrl, electricity)).toEqual(
        expect.arrayContaining(['electricity electricity-production', 'electricity capacity-share-nuclear']),
      );
    expect(await findIndicators(gatewayUrl, '天然气')).toContain('natural-gas natural-gas-reserves');
    const other = npmStart({ args: ['--ports', 'free', '--data', join(folder.path, 'data')] });
    expect(await other.exited).toMatchObject({ code: 1 });
    expect(other.events).toEqual([
      expect.objectContaining({
        event: 'failed',
        reason: `another npm start is running on ${join(folder.path, 'data')}; stop it, or choose another folder with --data`,
      }),
    ]);
    next.signal('SIGTERM');
    expect(await next.exited).toMatchObject({ code: 0 });
    expect(next.processes()).toEqual([]);
  },
  READY_MS,
);

test(
  'Ctrl-C while the network is coming up stops what was started',
  async () => {
    const cut = start('--enterprises', '121');
    await cut.next('ready', ({ name }) => name === 'postgres');
    cut.signal('SIGINT');
    expect(await cut.exited).toMatchObject({ code: 0 });
    expect(cut.events.some(({ event }) => event === 'failed')).toBe(false);
    expect(cut.processes()).toEqual([]);
  },
  READY_MS,
);

test(
  'kill -9 of the parent while the network is coming up leaves no process',
  async () => {
    const cut = start('--enterprises', '122');
    await cut.next('starting', ({ name }) => name === 'labour');
    cut.signal('SIGKILL');
    await whenNoneIsLeft(cut, 20_000);
  },
  READY_MS,
);
