/** Subgraphs as others write them, with others' tools and nothing of this project, published as they are. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { mercuriusFederationPlugin } from '@mercuriusjs/federation';
import Fastify from 'fastify';
import { parse } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { resolveConfig } from '../../gateway/config/config.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { startGateway } from '../../gateway/start.ts';
import { projectRoot } from '../../network/settings.ts';
import { ask } from '../kit/ask.ts';
import { makeFolder } from '../kit/folder.ts';
import { openRegistry, type TestRegistry } from './registry-kit.ts';

/** Imported by a name that the compiler does not follow: yoga's types bring those of browsers into the whole project. */
const YOGA = 'graphql-yoga';
const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])';

interface Reference {
  plate: string;
}

/** @apollo/server, with the schema of @apollo/subgraph. */
async function serveApollo(): Promise<string> {
  const typeDefs = parse(`${LINK}
    "A vehicle that is registered."
    type Vehicle @key(fields: "plate") { plate: ID! model: String }
    type Query { vehicle(plate: ID!): Vehicle }`);
  const vehicleOf = ({ plate }: Reference) => ({ plate, model: `model of ${plate}` });
  const resolvers = {
    Query: { vehicle: (_: unknown, reference: Reference) => vehicleOf(reference) },
    Vehicle: { __resolveReference: vehicleOf },
  };
  const plugins = [ApolloServerPluginInlineTraceDisabled()];
  const server = new ApolloServer({ schema: buildSubgraphSchema([{ typeDefs, resolvers }]), plugins });
  const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });
  onTestFinished(() => server.stop());
  return url;
}

/** graphql-yoga, which takes a schema from whoever makes one. */
async function serveYoga(): Promise<string> {
  const typeDefs = parse(`${LINK}
    type Vehicle @key(fields: "plate") { plate: ID! fines(first: Int = 2): [Fine!]! }
    type Fine { reason: String amount: Money }
    type Money @shareable { amount: Float currency: String }`);
  const fine = { reason: 'parked', amount: { amount: 20, currency: 'CNY' } };
  const fines = (_: Reference, { first }: { first: number }) => [fine].slice(0, first);
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: { Vehicle: { fines } } }]);
  const { createYoga } = (await import(YOGA)) as { createYoga(options: object): RequestListener };
  const server = createServer(createYoga({ schema, logging: false }));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

/** mercurius with its own federation, written as for the first version of it. */
async function serveMercurius(): Promise<string> {
  const schema = `
    extend type Vehicle @key(fields: "plate") { plate: ID! @external inspectedOn: String }
    extend type Query { inspections: Int! }`;
  const resolvers = {
    Query: { inspections: () => 7 },
    Vehicle: { inspectedOn: ({ plate }: Reference) => `2026-01-0${plate.length}` },
  };
  const app = Fastify();
  await app.register(mercuriusFederationPlugin, { schema, resolvers });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/graphql`;
}

/** Runs `switchyard registry publish`. @param input what it is given on standard input */
async function publish(registry: TestRegistry, as: string, args: readonly string[], input = ''): Promise<object> {
  const command = ['registry', 'publish', ...args, '--registry', registry.url, '--json'];
  const program = [join(projectRoot, 'bin/switchyard.js'), ...command];
  const env = { ...process.env, SWITCHYARD_REGISTRY_KEY: as };
  const running = promisify(execFile)(process.execPath, program, { env });
  running.child.stdin!.end(input);
  return JSON.parse((await running).stdout) as object;
}

/** What a subgraph says its schema is. */
async function schemaOf(url: string): Promise<string> {
  const { data } = await ask(url, '{ _service { sdl } }');
  return (data as { _service: { sdl: string } })._service.sdl;
}

test('subgraphs of @apollo/server, graphql-yoga and mercurius are published as they give themselves, and joined', async () => {
  const folder = await makeFolder('switchyard-others-');
  onTestFinished(() => folder.remove());
  const registry = await openRegistry(folder.path);
  onTestFinished(() => registry.close());
  const [vehicles, fines, inspections] = await Promise.all([serveApollo(), serveYoga(), serveMercurius()]);
  expect(await publish(registry, 'tax', ['vehicles', '--schema', vehicles])).toMatchObject({ version: 1 });
  // As `rover subgraph introspect … |` would give it.
  const piped = ['fines', '--schema', '-', '--url', fines];
  expect(await publish(registry, 'market', piped, await schemaOf(fines))).toMatchObject({ version: 2 });
  expect(await publish(registry, 'tax', ['inspections', '--schema', inspections])).toMatchObject({ version: 3 });
  const reload = {
    publicKeyFile: registry.publicKeyFile,
    headers: { 'x-api-key': 'gateway' },
    lastGoodFile: join(folder.path, 'last-good.json'),
    reportUsageEveryMs: 0,
  };
  const config = resolveConfig({ supergraph: `${registry.url}/supergraph`, http: { port: 0 }, reload }, {});
  const gateway = await startGateway(config, createLog({ write: () => {} }));
  onTestFinished(() => gateway.close());
  const query = '{ inspections vehicle(plate: "A1") { model fines { reason amount { currency } } inspectedOn } }';
  expect(await ask(gateway.url, query)).toEqual({
    data: {
      inspections: 7,
      vehicle: {
        model: 'model of A1',
        fines: [{ reason: 'parked', amount: { currency: 'CNY' } }],
        inspectedOn: '2026-01-02',
      },
    },
  });
});

test.each([
  ['a schema without an address', ['--schema', 'x.graphql'], 'Say with --url where gateways ask the subgraph.'],
  ['nothing on standard input', ['--schema', '-', '--url', 'http://x/'], 'There is no schema on standard input.'],
  ['what is no subgraph', ['--schema', 'REGISTRY/health'], 'has no _service.sdl'],
])('%s is not published, and the reason is said', async (_what, args, reason) => {
  const folder = await makeFolder('switchyard-others-');
  onTestFinished(() => folder.remove());
  const registry = await openRegistry(folder.path);
  onTestFinished(() => registry.close());
  const given = args.map((each) => each.replace('REGISTRY', registry.url));
  await expect(publish(registry, 'tax', ['fines', ...given])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(reason) as string,
  });
});
