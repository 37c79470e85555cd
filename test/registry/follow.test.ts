import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import { createLog } from '../../gateway/observe/log.ts';
import type { SignedSupergraph } from '../../gateway/registry/version.ts';
import { UsageReporter } from '../../gateway/registry/usage-reporter.ts';
import { startGateway, type RunningGateway } from '../../gateway/start.ts';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import { ask, askWith } from '../kit/ask.ts';
import { serveBare } from '../kit/department.ts';
import { withLink } from '../kit/federation.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';
import { openRegistry, type TestRegistry } from './registry-kit.ts';

const PATIENCE = { timeout: 10_000, interval: 5 };
const TAX = 'type Query { rate: Int! old: Int! }';

let folder: TestFolder;
let registry: TestRegistry;
let department: Awaited<ReturnType<typeof serveDepartment>>;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await makeFolder('switchyard-follow-');
  registry = await openRegistry(folder.path);
  const schema = join(folder.path, 'tax.graphql');
  await writeFile(schema, withLink('type Query { rate: Int! old: Int! added: Int! }'));
  const opened = {
    resolvers: { Query: { rate: () => 19, old: () => 16, added: () => 7 } },
    createContext: () => ({}),
    close: () => Promise.resolve(),
  };
  department = await serveDepartment(
    { name: 'tax', port: 0, schemaFile: pathToFileURL(schema), open: () => Promise.resolve(opened) },
    { PORT: '0' },
  );
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await department.close();
  await registry.close();
  await folder.remove();
});

/** @param url where it gets its supergraph. Default: at the registry */
async function follow(url = registry.url, more: ConfigInput = {}): Promise<RunningGateway & { logged: string[] }> {
  const logged: string[] = [];
  const config = resolveConfig(
    {
      ...more,
      supergraph: `${url}/supergraph`,
      http: { port: 0 },
      reload: {
        publicKeyFile: registry.publicKeyFile,
        headers: { 'x-api-key': 'gateway' },
        lastGoodFile: join(folder.path, 'last-good.json'),
        reportUsageEveryMs: 20,
      },
    },
    {},
  );
  const gateway = await startGateway(config, createLog({ write: (line) => logged.push(line) }));
  closing.push(() => gateway.close());
  return { ...gateway, logged };
}

const publish = (sdl: string): ReturnType<TestRegistry['publish']> =>
  registry.publish('tax', 'tax', sdl, department.url);

test('a gateway serves what is published, a moment after it is', async () => {
  await publish(TAX);
  const { url } = await follow();
  expect(await ask(url, '{ rate }')).toEqual({ data: { rate: 19 } });
  expect(await publish('type Query { rate: Int! old: Int! added: Int! }')).toMatchObject({ version: 2 });
  await vi.waitFor(async () => expect(await ask(url, '{ added }')).toEqual({ data: { added: 7 } }), PATIENCE);
});

test('what clients ask a gateway for is known to the registry, and not taken from them', async () => {
  await publish(TAX);
  const { url } = await follow();
  await askWith({ 'graphql-client-name': 'archive', 'graphql-client-version': '3' }, url, '{ old }');
  await vi.waitFor(
    async () =>
      expect(await publish('type Query { rate: Int! }')).toMatchObject({
        ok: false,
        changes: [{ path: 'Query.old', usedBy: [{ client: 'archive', version: '3', requests: 1 }] }],
      }),
    PATIENCE,
  );
  expect(await publish('type Query { old: Int! }')).toMatchObject({ ok: true, version: 2 });
});

test('a gateway goes on while the registry is away, and starts with what it had last', async () => {
  await publish(TAX);
  const first = await follow();
  await registry.close();
  await first.reload();
  expect(await ask(first.url, '{ rate }')).toEqual({ data: { rate: 19 } });
  const ready = (await (await fetch(new URL('/ready', first.url))).json()) as object;
  expect(ready).toMatchObject({ ready: true, following: { upToDate: false } });
  await first.close();
  const second = await follow();
  expect(await ask(second.url, '{ rate }')).toEqual({ data: { rate: 19 } });
});

test('a gateway whose registry does not answer stops after its last report had two seconds', async () => {
  let came = 0;
  const silent = await serveBare(() => (came += 1));
  closing.push(silent.close);
  const problems: unknown[] = [];
  const reporter = new UsageReporter({
    supergraphUrl: `${silent.url}/supergraph`,
    headers: {},
    everyMs: 3_600_000,
    timeoutMs: 60_000,
    read: () => ({ since: new Date().toISOString(), fields: {} }),
    onProblem: (problem) => problems.push(problem),
  });
  const beganMs = performance.now();
  await reporter.close();
  expect(performance.now() - beganMs).toBeLessThan(10_000);
  expect({ came, problems }).toMatchObject({ came: 1, problems: [{ name: 'TimeoutError' }] });
});

/** Stands where the registry does, and gives what it is told to. */
async function standIn(): Promise<{ url: string; give(signed: unknown): void }> {
  let given: unknown;
  const { url, close } = await serveBare((_request, response) => response.end(JSON.stringify(given)));
  closing.push(close);
  return { url, give: (signed) => (given = signed) };
}

const signedOf = async (from: TestRegistry): Promise<SignedSupergraph> =>
  (await from.ask('gateway', 'GET', 'supergraph')).body as SignedSupergraph;

test('a supergraph that is altered, forged or older than one before is refused, and the one before stays', async () => {
  await publish(TAX);
  const first = await signedOf(registry);
  await publish('type Query { rate: Int! old: Int! added: Int! }');
  const second = await signedOf(registry);
  const place = await standIn();
  place.give(second);
  const { url, reload, logged } = await follow(place.url);
  const forger = await makeFolder('switchyard-forger-');
  closing.push(() => forger.remove());
  const others = await openRegistry(forger.path);
  closing.push(() => others.close());
  await others.publish('tax', 'tax', 'type Query { rate: Int! }', department.url);
  const forged = await signedOf(others);
  const [changed, statement] = [second.supergraph.replace('added', 'adding'), second.statement];
  for (const [given, problem] of [
    [{ ...second, supergraph: changed }, 'it is not the supergraph that was signed as version 2'],
    [
      { ...second, statement: { ...statement, text: statement.text.replace('"version":2', '"version":3') } },
      'wrong signature',
    ],
    [forged, 'a key that is not trusted here'],
    [
      { ...forged, announcements: [...second.announcements, ...forged.announcements] },
      'a key that is not trusted here',
    ],
    [first, 'version 1 was given after 2'],
    [{ supergraph: second.supergraph }, 'it is not what a registry gives'],
  ] as const) {
    place.give(given);
    await reload();
    expect(logged.at(-1)).toContain(problem);
    expect(await ask(url, '{ added }')).toEqual({ data: { added: 7 } });
  }
});

test('a last good supergraph that was altered is not served either', async () => {
  await publish(TAX);
  await (await follow()).close();
  await registry.close();
  const file = join(folder.path, 'last-good.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('rate', 'rant'));
  await expect(follow()).rejects.toThrow('cannot be had');
});

test('rules that are published with a schema hold a moment later, and not where they were altered', async () => {
  const CLASSED = `directive @access(class: String!) on FIELD_DEFINITION
    type Query { rate: Int! @access(class: "rates") old: Int! }`;
  const rules = (outcome: string): string => `department: tax
rules:
  - { id: tax-open, text: Open., outcome: ALLOW, classes: unclassified }
  - { id: tax-rates, text: Rates., outcome: ${outcome}, classes: rates }
`;
  const change = (text: string) =>
    registry.change('tax', {
      kind: 'publish',
      name: 'tax',
      sdl: withLink(CLASSED),
      routingUrl: department.url,
      origin: 'tax.graphql',
      rules: text,
    });
  await change(rules('DENY'));
  const { url } = await follow(registry.url, { authorisation: { rules: 'registry', readEveryMs: 20 } });
  expect(await ask(url, '{ old rate }')).toMatchObject({ errors: [{ extensions: { rule: 'tax-rates' } }] });
  expect(await change(rules('ALLOW'))).toMatchObject({ version: 2 });
  await vi.waitFor(async () => expect(await ask(url, '{ rate }')).toEqual({ data: { rate: 19 } }), PATIENCE);
  const signed = await signedOf(registry);
  const place = await standIn();
  place.give({ ...signed, rules: [{ subgraph: 'tax', text: rules('DENY') }] });
  await rm(join(folder.path, 'last-good.json'));
  await expect(follow(place.url)).rejects.toThrow('these are not the rules that were signed with version 2');
});
