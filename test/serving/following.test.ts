import { readFile, rm, writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ask } from '../kit/ask.ts';
import { keepAsking } from '../kit/asking-loop.ts';
import { serveBare } from '../kit/department.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';
import { NUMBERED_QUERY, numberedAnswer, numberIn, PEOPLE, putNumber, withNumber } from './numbered-supergraphs.ts';

/** So seldom that it is not in a test's time. */
const NEVER = { lookEveryMs: 3_600_000 };
const PATIENCE = { timeout: 15_000 };

async function serve(reload: { lookEveryMs: number } = NEVER): Promise<ServedFederation> {
  const federation = await serveFederation(PEOPLE, { graphiql: false, operations: 'none', reload });
  onTestFinished(() => federation.close());
  return federation;
}

async function readiness({ url }: ServedFederation): Promise<Record<string, unknown> & { following: object }> {
  const answer = await fetch(new URL('/ready', url));
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown> & { following: object };
}

function messages({ logged }: ServedFederation): string[] {
  return logged.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

test('five supergraphs as fast as they are taken, under load: no request fails, and none is answered by one replaced before it began', async () => {
  const federation = await serve();
  const loop = keepAsking(federation.url, NUMBERED_QUERY, 2);
  const taken: { number: number; atMs: number }[] = [];
  for (let number = 1; number <= 5; number += 1) {
    await putNumber(federation.supergraphFile, number);
    await federation.reload();
    taken.push({ number, atMs: performance.now() });
    expect(await ask(federation.url, NUMBERED_QUERY)).toEqual(numberedAnswer(number));
  }
  const answers = await loop.end();
  for (const { askedAtMs, answeredAtMs: _, ...answer } of answers) {
    const atLeast = taken.findLast(({ atMs }) => atMs <= askedAtMs)?.number ?? 0;
    expect(answer).toEqual(numberedAnswer(numberIn(answer)));
    expect(numberIn(answer)).toBeGreaterThanOrEqual(atLeast);
  }
  expect(new Set(answers.map(numberIn)).size).toBeGreaterThan(1);
  const told = federation.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
  const switches = told.filter(({ msg }) => msg === 'another supergraph is served from now on');
  expect(switches).toHaveLength(5);
  // What was asked for is planned before the switch.
  for (const each of switches) expect(each).toMatchObject({ unfit: 0, left: 0 });
  for (const { planned } of switches) expect(planned).toBeGreaterThanOrEqual(1);
  await vi.waitFor(
    () => expect(messages(federation).filter((text) => text.endsWith('is let go of'))).toHaveLength(5),
    PATIENCE,
  );
}, 120_000);

test('a changed file is taken by itself', async () => {
  const federation = await serve({ lookEveryMs: 5 });
  const hash = await putNumber(federation.supergraphFile, 1);
  await vi.waitFor(async () => expect(await ask(federation.url, NUMBERED_QUERY)).toEqual(numberedAnswer(1)), PATIENCE);
  expect(await readiness(federation)).toMatchObject({ supergraph: hash, following: { upToDate: true } });
});

test('a supergraph that cannot be served is refused with its reason, and the one before stays', async () => {
  const federation = await serve();
  const { supergraphFile: file } = federation;
  const good = await readFile(file, 'utf8');
  const before = await readiness(federation);
  const refusals: [string, RegExp][] = [
    ['type Query {', /cannot be served.*Syntax Error/s],
    ['type Query { a: Int }', /cannot be served/],
    [good.replace(/url: "http:[^"]+"/, 'url: "nowhere"'), /Subgraph \w+ cannot be asked at "nowhere"/],
    [good.replace(/url: "http:[^"]+"/, 'url: "switchyard:nothing"'), /cannot be served at "switchyard:nothing"/],
  ];
  for (const [text, reason] of refusals) {
    await writeFile(file, text);
    await federation.reload();
    const lastRefusal = { at: expect.any(String), reason: expect.stringMatching(reason) };
    expect(await readiness(federation)).toMatchObject({
      supergraph: before['supergraph'],
      following: { upToDate: false, lastRefusal },
    });
    expect(await ask(federation.url, NUMBERED_QUERY)).toEqual(numberedAnswer(0));
  }
  await rm(file);
  await federation.reload();
  expect(await readiness(federation)).toMatchObject({
    following: { upToDate: false, lastRefusal: { reason: expect.stringContaining('cannot be read') } },
  });
  expect(messages(federation).filter((text) => text.startsWith('the supergraph cannot be taken'))).toHaveLength(5);
  await writeFile(file, good);
  await federation.reload();
  expect(await readiness(federation)).toMatchObject({
    supergraph: before['supergraph'],
    following: { upToDate: true },
  });
});

test('a request that is under way ends on the supergraph it began with, which is let go of after that', async () => {
  const held = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const slow = await serveBare((_request, response) => {
    asked.resolve();
    void held.promise.then(() =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"slow":"answered"}}'),
    );
  });
  onTestFinished(() => slow.close());
  const subgraphs = { ...PEOPLE, slow: { sdl: 'type Query { slow: String }', routingUrl: slow.url } };
  const federation = await serveFederation(subgraphs, { graphiql: false, reload: NEVER });
  onTestFinished(() => federation.close());
  const underWay = ask(federation.url, '{ slow __type(name: "Person") { description } }');
  await asked.promise;
  await putNumber(federation.supergraphFile, 1);
  await federation.reload();
  expect(await ask(federation.url, NUMBERED_QUERY)).toEqual(numberedAnswer(1));
  expect(await readiness(federation)).toMatchObject({ following: { retiring: 1 } });
  held.resolve();
  expect(await underWay).toEqual({ data: { slow: 'answered', __type: { description: 'number 0' } } });
  await vi.waitFor(
    async () => expect(await readiness(federation)).toMatchObject({ following: { retiring: 0 } }),
    PATIENCE,
  );
});

test('of several supergraphs that come while one is made ready the newest is taken next, and the others are passed over', async () => {
  const federation = await serve();
  const first = await readFile(federation.supergraphFile, 'utf8');
  const reloads: Promise<void>[] = [];
  for (let number = 1; number <= 4; number += 1) {
    await writeFile(federation.supergraphFile, withNumber(first, number));
    reloads.push(federation.reload());
  }
  await Promise.all(reloads);
  await federation.reload();
  expect(await ask(federation.url, NUMBERED_QUERY)).toEqual(numberedAnswer(4));
  expect(messages(federation).filter((text) => text.startsWith('another supergraph')).length).toBeLessThan(4);
});
