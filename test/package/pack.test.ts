import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { projectRoot } from '../../network/settings.ts';
import { freePort, temporaryFolder } from '../kit/department.ts';
import { LINK } from '../kit/federation.ts';

/** What somebody has who installed the package: an empty project, Apollo Server, and nothing of this repository. */
const folder = temporaryFolder();
const env = consumerEnvironment();
let packed: string[];
let tarball: string;
beforeAll(async () => {
  const output = await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder.path], projectRoot);
  const [{ filename, files }] = JSON.parse(output.slice(output.indexOf('[\n'))) as [
    { filename: string; files: { path: string }[] },
  ];
  tarball = folder.file(filename);
  packed = files.map((file) => file.path);
  await writeFile(folder.file('package.json'), JSON.stringify({ private: true, type: 'module' }));
  const versions = await installedVersions('@apollo/server', '@apollo/gateway');
  // Optional is the Node that the package brings for those with an older one; the tests have theirs.
  const flags = ['--omit=optional', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  await run('npm', ['install', ...flags, tarball, ...versions], folder.path);
}, 180_000);
afterAll(() => folder.close());

test('The package has what was built, and nothing of how', () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      ...['package.json', 'README.md', 'LICENSE', 'NOTICE', 'bin/switchyard.js', 'bin/check-node.js'],
      ...[
        'dist/gateway/index.js',
        'dist/gateway/index.d.ts',
        'dist/gateway/index.js.map',
        'dist/gateway/plan/worker.js',
      ],
      ...['dist/gateway/apollo/switchyard-gateway.js', 'dist/gateway/apollo/switchyard-gateway.d.ts'],
      ...['dist/subgraphs/kit/index.js', 'dist/subgraphs/kit/index.d.ts', 'dist/subgraphs/kit/main.js'],
      ...['bin/switchyard-subgraph.js'],
      ...['dist/gateway/http/graphiql/dist/index.html', 'dist/gateway/http/graphiql/dist/LICENSES.txt'],
    ]),
  );
  const others = packed.filter((file) => !/^(bin|dist)\/|^(package\.json|README\.md|LICENSE|NOTICE)$/.test(file));
  expect(others).toEqual([]);
  expect(packed.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
});

test('publint finds nothing to say about it', async () => {
  const bytes = await readFile(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: Uint8Array.from(bytes).buffer }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

const SDL = `type Query { permit: Permit } type Permit @key(fields: "number") { number: ID! }`;

test('npx switchyard composes and serves, with GraphiQL and a planner', { timeout: 60_000 }, async () => {
  await writeFile(folder.file('permits.graphql'), LINK + SDL);
  const nobody = `http://127.0.0.1:${await freePort()}/graphql`;
  const permits = { routing_url: nobody, schema: { file: 'permits.graphql' } };
  await writeFile(folder.file('supergraph.yaml'), JSON.stringify({ subgraphs: { permits } }));
  await writeFile(
    folder.file('switchyard.config.ts'),
    `import { defineConfig } from 'switchyard';\nexport default defineConfig({ http: { port: 0 } });\n`,
  );
  await run('npx', ['switchyard', 'compose', '--output', 'supergraph.graphql'], folder.path);
  const args = ['serve', '--supergraph', 'supergraph.graphql'];
  const served = await serve('switchyard', args, /serves .* at (http:\S+)/);
  const page = await fetch(new URL('/', served.url));
  const script = /src="([^"]+)"/.exec(await page.text())?.[1];
  const query = { query: '{ __typename permit { __typename } }' };
  const answer = await fetch(served.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(query),
  });
  expect(page.status).toBe(200);
  expect((await fetch(new URL(script!, served.url))).status).toBe(200);
  expect(await answer.json()).toMatchObject({
    data: { __typename: 'Query', permit: null },
    errors: [{ extensions: { code: 'SUBREQUEST_HTTP_ERROR', service: 'permits' } }],
  });
  await served.stop();
});

test('Plain JavaScript imports switchyard and switchyard/apollo, and answers inside Apollo Server', async () => {
  await writeFile(
    folder.file('app.js'),
    `import { ApolloServer } from '@apollo/server';
    import { composeSubgraphs } from 'switchyard';
    import { SwitchyardGateway } from 'switchyard/apollo';
    const sdl = ${JSON.stringify(LINK + SDL)};
    const composed = composeSubgraphs([{ name: 'permits', routingUrl: 'http://permits.test', origin: 'permits', sdl }]);
    const buildService = () => ({ process: async () => ({ data: { permit: { number: 'P-1' } } }) });
    const gateway = new SwitchyardGateway({ supergraphSdl: composed.sdl, buildService });
    const server = new ApolloServer({ gateway });
    const { body } = await server.executeOperation({ query: '{ permit { number } }' });
    await server.stop();
    console.log(JSON.stringify(body.singleResult));`,
  );
  const output = await run(process.execPath, ['app.js'], folder.path);
  expect(JSON.parse(output)).toEqual({ data: { permit: { number: 'P-1' } } });
});

test('npx switchyard-subgraph serves a folder of CSV files by its manifest', { timeout: 60_000 }, async () => {
  const sdl = 'type Query { wells(first: Int = 10): [Well!]! } type Well @key(fields: "no") { no: ID! depth: Float }';
  await writeFile(folder.file('wells.graphql'), LINK + sdl);
  await writeFile(folder.file('wells.csv'), 'no;depth\nW1;12.5\n');
  const manifest = { department: 'wells', port: 0, schema: 'wells.graphql', source: { kind: 'csv', folder: '.' } };
  await writeFile(
    folder.file('department.yaml'),
    JSON.stringify({ ...manifest, types: { Well: { from: 'wells.csv' } } }),
  );
  const served = await serve('switchyard-subgraph', ['department.yaml'], /ready at (http:\S+)/);
  const answer = await fetch(served.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ wells { no depth } }' }),
  });
  expect(await answer.json()).toEqual({ data: { wells: [{ no: 'W1', depth: 12.5 }] } });
  await served.stop();
});

test(
  'npx switchyard wrap writes a department of a CSV file, and npx switchyard dev serves it',
  { timeout: 60_000 },
  async () => {
    await writeFile(folder.file('mills.csv'), 'no;height\nM1;12,5\nM2;7,25\n');
    const output = await run('npx', ['switchyard', 'wrap', 'mills.csv', '--json'], folder.path);
    expect(JSON.parse(output)).toMatchObject({ ok: true, files: ['mills/department.yaml', 'mills/schema.graphql'] });
    const served = await serve('switchyard', ['dev', 'mills', '--port', '0'], /^graph +(http:\S+)/m);
    const answer = await fetch(served.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ mills { no height } permit { number } }' }),
    });
    expect(await answer.json()).toMatchObject({
      data: {
        mills: [
          { no: 'M1', height: 12.5 },
          { no: 'M2', height: 7.25 },
        ],
        permit: null,
      },
    });
    await served.stop();
  },
);

test(
  'The types fit those of @apollo/server and @apollo/gateway, with every check on',
  { timeout: 60_000 },
  async () => {
    await writeFile(
      folder.file('app.ts'),
      `import { ApolloServer } from '@apollo/server';
    import { IntrospectAndCompose, RemoteGraphQLDataSource, type SupergraphSdlHook } from '@apollo/gateway';
    import { createLog, defineConfig, resolveConfig, startGateway, type RunningGateway } from 'switchyard';
    import { SwitchyardGateway, type DataSource } from 'switchyard/apollo';
    import { departmentFrom, type Department } from 'switchyard/subgraph';
    class Authenticated extends RemoteGraphQLDataSource<{ token: string }> {
      override willSendRequest() {}
    }
    const hook: SupergraphSdlHook = async ({ getDataSource }) => ({ supergraphSdl: String(getDataSource) });
    const local: DataSource = { process: async ({ request }) => ({ data: { query: request.query } }) };
    export const servers = [
      new SwitchyardGateway({ supergraphSdl: '', buildService: ({ url }) => new Authenticated({ url }) }),
      new SwitchyardGateway({ supergraphSdl: hook, buildService: () => local }),
      new SwitchyardGateway({ supergraphSdl: new IntrospectAndCompose({ subgraphs: [] }) }),
      // @ts-expect-error: that there is an error here shows that the types above are there at all.
      new SwitchyardGateway({ supergraphSdl: 1 }),
    ].map((gateway) => new ApolloServer({ gateway }));
    export const wells: Department = departmentFrom(new URL('file:///department.yaml'), { resolvers: () => ({}) });
    const config = resolveConfig(defineConfig({ http: { port: 0 } }), {});
    export const running: Promise<RunningGateway> = startGateway(config, createLog({ write() {} }));`,
    );
    const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: [] };
    await writeFile(folder.file('tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
    const compiler = path.join(projectRoot, 'node_modules/typescript/bin/tsc');
    expect(await run(process.execPath, [compiler, '-p', '.'], folder.path)).toBe('');
  },
);

/** Runs a program to its end. @throws Error with all it printed, where it fails */
async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { cwd, env, timeout: 120_000 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}

async function serve(
  program: string,
  args: readonly string[],
  saysUrl: RegExp,
): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn('npx', [program, ...args], { cwd: folder.path, env, detached: true });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(String(chunk)));
  const closed = once(child, 'close');
  const stop = async (): Promise<void> => {
    process.kill(-child.pid!, 'SIGTERM');
    await closed;
  };
  try {
    const url = await vi.waitUntil(() => saysUrl.exec(output.join(''))?.[1], 30_000);
    return { url, stop };
  } catch (error) {
    await stop();
    throw new Error(`It did not serve.\n${output.join('')}`, { cause: error });
  }
}

/** The repository's own versions, as `npm install` takes them. */
function installedVersions(...names: readonly string[]): Promise<string[]> {
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(projectRoot, 'node_modules', name, 'package.json');
      const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
      return `${name}@${version}`;
    }),
  );
}

/** As in a shell of its own: not as under this repository's `npm test`. The first Node is that which runs the tests. */
function consumerEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(lifecycle|package|command|execpath|config_local_prefix)|INIT_CWD|NODE_ENV|NODE_COMPILE_CACHE|VITEST)/.test(
        name,
      ),
  );
  const PATH = [path.dirname(process.execPath), process.env['PATH']].join(path.delimiter);
  return { ...Object.fromEntries(own), PATH, APOLLO_TELEMETRY_DISABLED: 'true', NO_COLOR: '1' };
}
