import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { resolveConfig } from '../../gateway/config/config.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { startGateway } from '../../gateway/start.ts';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import { projectRoot } from '../../network/settings.ts';
import { ask, askWith } from '../kit/ask.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';
import { openRegistry, type TestRegistry } from './registry-kit.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag"])';
const TAX = `${LINK}
  type Query { rate: Int @tag(name: "public") office: Office @tag(name: "public") audits: Int }
  type Office @tag(name: "public") { name: String phone: String }`;
const PUBLIC = { kind: 'set-contract', contract: 'public', include: ['public'], exclude: ['internal'] } as const;
const PATIENCE = { timeout: 10_000, interval: 5 };

let folder: TestFolder;
let registry: TestRegistry;
let department: Awaited<ReturnType<typeof serveDepartment>>;

beforeAll(async () => {
  folder = await makeFolder('switchyard-contracts-');
  registry = await openRegistry(folder.path);
  const schema = join(folder.path, 'tax.graphql');
  await writeFile(schema, TAX);
  const resolvers = { Query: { rate: () => 19, audits: () => 3, office: () => ({ name: 'North', phone: '1' }) } };
  const opened = { resolvers, createContext: () => ({}), close: () => Promise.resolve() };
  department = await serveDepartment(
    { name: 'tax', port: 0, schemaFile: pathToFileURL(schema), open: () => Promise.resolve(opened) },
    { PORT: '0' },
  );
});
afterAll(async () => {
  await department.close();
  await registry.close();
  await folder.remove();
});

const publish = (sdl: string): ReturnType<TestRegistry['publish']> =>
  registry.publish('tax', 'tax', sdl, department.url);

const WEBSITE = { client: 'website', requests: 1 };

async function check(as: string, change: object): Promise<unknown> {
  return (await registry.ask(as, 'POST', 'checks', change)).body;
}

async function cli(...args: string[]): Promise<{ code: number; said: string }> {
  const program = join(projectRoot, 'bin/switchyard.js');
  const env = { ...process.env, NO_COLOR: '1', SWITCHYARD_REGISTRY_KEY: 'admin', SWITCHYARD_REGISTRY: registry.url };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

test('a contract is an administrator\u2019s, kept as a version, and served by gateways at a path of its own a moment later', async () => {
  expect(await registry.ask('admin', 'POST', 'changes', PUBLIC)).toMatchObject({ status: 404 });
  await publish(TAX);
  expect(await registry.ask('tax', 'POST', 'changes', PUBLIC)).toMatchObject({
    status: 403,
    body: { errors: [{ extensions: { code: 'ADMINISTRATORS_ONLY' } }] },
  });
  const config = resolveConfig(
    {
      supergraph: `${registry.url}/supergraph`,
      contracts: 'registry',
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
  await using opened = new AsyncDisposableStack();
  const { url } = opened.adopt(await startGateway(config, createLog({ write: () => {} })), (each) => each.close());
  const status = async (): Promise<number> => (await fetch(`${url}/public?query={rate}`)).status;
  expect(await status()).toBe(404);
  expect(await registry.change('admin', PUBLIC)).toMatchObject({
    ok: true,
    version: 2,
    changes: [{ level: 'safe', contract: 'public' }],
  });
  await vi.waitFor(
    async () => expect(await ask(`${url}/public`, '{ rate }')).toEqual({ data: { rate: 19 } }),
    PATIENCE,
  );
  const clerk = { 'graphql-client-name': 'clerks' };
  expect(await askWith(clerk, url, '{ audits }')).toEqual({ data: { audits: 3 } });
  expect(await askWith(clerk, `${url}/public`, '{ audits }')).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  await askWith({ 'graphql-client-name': 'website' }, `${url}/public`, '{ office { phone } }');
  await vi.waitFor(
    async () =>
      expect(await check('admin', { kind: 'remove-contract', contract: 'public' })).toMatchObject({
        ok: false,
        changes: [{ message: 'Contract "public" is gone', usedBy: expect.arrayContaining([WEBSITE]) as unknown }],
      }),
    PATIENCE,
  );
  expect(await publish(TAX.replace('phone: String', 'phone: String @tag(name: "internal")'))).toMatchObject({
    ok: false,
    changes: [{ level: 'breaking', path: 'Office.phone', contract: 'public', usedBy: [WEBSITE] }],
  });
  // Asked of the whole graph alone: nobody loses it.
  await registry.change('admin', { ...PUBLIC, include: ['public', 'staff'] });
  expect(await publish(TAX.replace('audits: Int', 'audits: Int @tag(name: "staff")'))).toMatchObject({ ok: true });
  const without = {
    kind: 'publish',
    name: 'tax',
    sdl: TAX.replace('audits: Int', ''),
    routingUrl: 'http://x',
    origin: 'x',
  };
  expect(await check('tax', without)).toMatchObject({
    changes: [{ path: 'Query.audits', usedBy: [{ client: 'clerks' }] }],
  });
  expect(await publish(TAX)).toMatchObject({
    ok: true,
    changes: [{ level: 'breaking', path: 'Query.audits', contract: 'public', usedBy: [] }],
  });
  await vi.waitFor(async () => expect(await ask(`${url}/public`, '{ audits }')).toHaveProperty('errors'), PATIENCE);
  expect(await registry.change('admin', { kind: 'rollback', to: 1 })).toMatchObject({ ok: true });
  await vi.waitFor(async () => expect(await status()).toBe(404), PATIENCE);
});

test('a contract that leaves no whole schema any more refuses the change, and is named', async () => {
  await publish(TAX);
  await registry.change('admin', PUBLIC);
  const refused = {
    ok: false,
    problems: [
      {
        code: 'CONTRACT_BROKEN',
        message: expect.stringContaining('The contract public leaves no whole schema') as string,
      },
    ],
  };
  expect(await publish(TAX.replaceAll('@tag(name: "public")', ''))).toMatchObject(refused);
  expect(await registry.change('admin', { ...PUBLIC, include: ['nothing'] })).toMatchObject(refused);
});

test(
  'the command line sets contracts, lists them, and prints what clients see of one',
  { timeout: 30_000 },
  async () => {
    await publish(TAX);
    const set = ['registry', 'contracts', 'set', 'partners', '--include', 'public', 'staff'];
    const broken = await cli('registry', 'contracts', 'set', 'partners', '--include', 'nothing');
    expect(broken.code).toBe(2);
    expect(broken.said).toContain('Refused: a contract would leave no whole schema.');
    expect((await cli(...set)).said).toContain('safe      Contract "partners" is new (in contract partners)');
    expect((await cli('registry', 'contracts', 'list')).said).toMatch(/partners +public staff/);
    const { said: shown } = await cli('registry', 'contracts', 'show', 'partners');
    expect(shown).toContain('rate: Int');
    expect(shown).not.toContain('audits');
    const { supergraph } = (await registry.ask('gateway', 'GET', 'supergraph')).body as { supergraph: string };
    const file = join(folder.path, 'supergraph.graphql');
    await writeFile(file, supergraph);
    expect(await cli('contract', '--supergraph', file, '--include', 'public', 'staff')).toEqual({
      code: 0,
      said: shown,
    });
    expect(await cli('registry', 'contracts', 'show', 'nobody')).toMatchObject({
      code: 1,
      said: expect.stringContaining('CONTRACT_UNKNOWN') as string,
    });
  },
);
