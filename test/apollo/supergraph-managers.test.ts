import { IntrospectAndCompose, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SwitchyardGateway, type SwitchyardGatewayConfig } from '../../gateway/apollo/switchyard-gateway.ts';
import { freePort, serveBare } from '../kit/department.ts';
import {
  composeServed,
  FEES,
  listeningLogger,
  openDesk,
  PERMITS,
  serveSlowPermits,
  serveSubgraph,
  type Desk,
  type ServedSubgraph,
} from './city-desk.ts';
import { DrivenManager, nextSupergraph } from './driven-manager.ts';

/** The permit office after it renamed what it calls a kind: nothing of `kind` is left. */
const RENAMED = { ...PERMITS, sdl: PERMITS.sdl.replaceAll('kind: Kind!', 'category: Kind!') };

let permits: ServedSubgraph;
let fees: ServedSubgraph;
let first: string;
let second: string;
beforeAll(async () => {
  [permits, fees] = await Promise.all([serveSubgraph(PERMITS), serveSubgraph(FEES)]);
  first = composeServed(permits);
  second = composeServed(permits, fees);
});
afterAll(() => Promise.all([permits.close(), fees.close()]));

const open: Desk[] = [];
afterEach(() => Promise.all(open.splice(0).map((desk) => desk.close())));

async function serve(config: SwitchyardGatewayConfig): Promise<Desk> {
  const desk = await openDesk(new SwitchyardGateway(config));
  open.push(desk);
  return desk;
}

const subgraphList = () => [permits, fees].map(({ name, url }) => ({ name, url }));

describe('IntrospectAndCompose', () => {
  test('composes what the subgraphs say over HTTP, with the headers it is told to send', async () => {
    permits.requests.length = 0;
    const manager = new IntrospectAndCompose({
      subgraphs: subgraphList(),
      introspectionHeaders: { 'x-introspection': 'allowed' },
    });
    const desk = await serve({ supergraphSdl: manager });
    const { body } = await desk.ask('{ permit(number: "P-1") { kind fee } }');
    expect(body).toEqual({ data: { permit: { kind: 'STALL', fee: 40 } } });
    expect(permits.requests.map((headers) => headers['x-introspection'])).toEqual(['allowed', undefined]);
  });

  test('asks by the data sources of buildService, each made once', async () => {
    const made: string[] = [];
    const kinds: string[] = [];
    class Noting extends RemoteGraphQLDataSource {
      override willSendRequest({ kind }: { kind: string }): void {
        kinds.push(kind);
      }
    }
    const desk = await serve({
      supergraphSdl: new IntrospectAndCompose({ subgraphs: subgraphList() }),
      buildService({ name, url }) {
        made.push(name);
        return new Noting({ url: url! });
      },
    });
    await desk.ask('{ permit(number: "P-1") { kind fee } }');
    expect(made).toEqual(['permits', 'fees']);
    expect(kinds).toEqual(['loading schema', 'loading schema', 'incoming operation', 'incoming operation']);
  });

  test('polls: a change of a subgraph is served without a restart', async () => {
    const changing = { current: await serveSubgraph(PERMITS) };
    const door = await serveBare((request, response) => {
      response.writeHead(307, { location: changing.current.url, 'cache-control': 'no-store' });
      request.resume().on('end', () => response.end());
    });
    const manager = new IntrospectAndCompose({ subgraphs: [{ name: 'permits', url: door.url }], pollIntervalInMs: 20 });
    const gateway = new SwitchyardGateway({
      supergraphSdl: manager,
      buildService: ({ url }) => new RemoteGraphQLDataSource({ url: url! }),
    });
    const desk = await openDesk(gateway);
    const updated = nextSupergraph(gateway);
    const before = changing.current;
    changing.current = await serveSubgraph(RENAMED);
    expect(await updated).toContain('category: Kind!');
    const { body } = await desk.ask('{ __type(name: "Permit") { fields { name } } }');
    await desk.close();
    await Promise.all([before, changing.current, door].map((server) => server.close()));
    expect(body.data).toEqual({ __type: { fields: [{ name: 'number' }, { name: 'category' }] } });
  });

  test('that cannot compose makes the start fail with its reason, and nothing is left', async () => {
    const port = await freePort();
    const subgraphs = [{ name: 'permits', url: `http://127.0.0.1:${port}/graphql` }];
    const gateway = new SwitchyardGateway({ supergraphSdl: new IntrospectAndCompose({ subgraphs }) });
    await expect(gateway.load()).rejects.toThrow(/Couldn't load service definitions for "permits"/);
    await gateway.stop();
  });
});

describe('A supergraph', () => {
  test('may be given by a function', async () => {
    const desk = await serve({ supergraphSdl: () => Promise.resolve({ supergraphSdl: first }) });
    expect((await desk.ask('{ permits { number } }')).status).toBe(200);
  });

  test('that cannot be served makes the start fail, and the manager cleans up', async () => {
    const manager = new DrivenManager('type Query { a: Int }');
    const gateway = new SwitchyardGateway({ supergraphSdl: manager });
    await expect(gateway.load()).rejects.toThrow(/The supergraph cannot be served/);
    expect(manager.cleanups).toBe(1);
    expect(() => manager.update(first)).toThrow(/takes no update; it is failed/);
  });

  test('has to be given', () => {
    expect(() => new SwitchyardGateway({} as never)).toThrow(/needs supergraphSdl.*IntrospectAndCompose/);
  });

  test('with a subgraph that has no address is served with data sources alone', async () => {
    const supergraphSdl = first.replaceAll(permits.url, '');
    const overHttp = new SwitchyardGateway({ supergraphSdl });
    await expect(overHttp.load()).rejects.toThrow(
      /Subgraph permits cannot be asked at "".*subgraphs.permits.routingUrl/,
    );
    const buildService = () => ({ process: () => Promise.resolve({ data: { permits: [] } }) });
    const desk = await serve({ supergraphSdl, buildService });
    expect((await desk.ask('{ permits { number } }')).body).toEqual({ data: { permits: [] } });
  });

  test('with a subgraph that does not answer is not served where health is checked', async () => {
    const supergraphSdl = first.replaceAll(permits.url, `http://127.0.0.1:${await freePort()}/graphql`);
    const gateway = new SwitchyardGateway({ supergraphSdl, serviceHealthCheck: true });
    await expect(gateway.load()).rejects.toThrow('Subgraph permits failed its health check');
  });

  test('with a subgraph that never answers its health check is given up in time', async () => {
    const gateway = new SwitchyardGateway({
      supergraphSdl: first,
      serviceHealthCheck: true,
      buildService: () => ({ process: () => new Promise(() => {}) }),
      settings: { requestTimeoutMs: 50 },
    });
    await expect(gateway.load()).rejects.toThrow(/Subgraph permits failed its health check.*was not done/);
  });

  test('may be checked by its manager before it is given', async () => {
    const manager = new DrivenManager(first);
    const desk = await serve({ supergraphSdl: manager });
    await manager.options!.healthCheck(second);
    const unreachable = second.replaceAll(fees.url, `http://127.0.0.1:${await freePort()}/graphql`);
    await expect(manager.options!.healthCheck(unreachable)).rejects.toThrow('Subgraph fees failed its health check');
    expect((await desk.ask('{ permits { number } }')).status).toBe(200);
  });
});

describe('An update while requests run', () => {
  test('fails none of them, and what comes after it sees the new supergraph', async () => {
    const manager = new DrivenManager(first);
    const gateway = new SwitchyardGateway({ supergraphSdl: manager });
    const desk = await openDesk(gateway);
    open.push(desk);
    const answers: unknown[] = [];
    const state = { isOver: false };
    const askAlways = async (): Promise<void> => {
      while (!state.isOver) answers.push((await desk.ask('{ permits { number } }')).body);
    };
    const asking = Promise.all(Array.from({ length: 4 }, askAlways));
    for (const supergraphSdl of [second, first, second]) {
      const served = nextSupergraph(gateway);
      manager.update(supergraphSdl);
      expect(await served).toBe(supergraphSdl);
    }
    state.isOver = true;
    await asking;
    expect(answers.length).toBeGreaterThan(20);
    for (const body of answers) expect(body).toEqual({ data: { permits: [{ number: 'P-1' }, { number: 'P-2' }] } });
    const { body } = await desk.ask('{ permit(number: "P-1") { fee } }');
    expect(body).toEqual({ data: { permit: { fee: 40 } } });
  });

  test('lets what is under way finish on the supergraph it began with', async () => {
    const { slow, asked, answerNow } = await serveSlowPermits();
    const manager = new DrivenManager(composeServed(slow, fees));
    const gateway = new SwitchyardGateway({ supergraphSdl: manager });
    const desk = await openDesk(gateway);
    const answer = desk.ask('{ permits { kind fee } }');
    await asked;
    const served = nextSupergraph(gateway);
    const renamed = await serveSubgraph(RENAMED);
    manager.update(composeServed(renamed));
    await served;
    expect((await desk.ask('{ permits { kind } }')).status).toBe(400);
    answerNow();
    expect((await answer).body).toEqual({ data: { permits: [{ kind: 'STALL', fee: 40 }] } });
    await desk.close();
    await Promise.all([slow.close(), renamed.close()]);
  });

  test('lets what was validated before it be carried out after it', async () => {
    const manager = new DrivenManager(second);
    const gateway = new SwitchyardGateway({ supergraphSdl: manager });
    const didResolveOperation = async (): Promise<void> => {
      const served = nextSupergraph(gateway);
      manager.update(first);
      await served;
    };
    const plugins = [{ requestDidStart: () => Promise.resolve({ didResolveOperation }) }];
    const server = new ApolloServer({ gateway, plugins });
    await server.start();
    const { body } = await server.executeOperation({ query: '{ permit(number: "P-1") { fee } }' });
    await server.stop();
    expect(body).toMatchObject({ singleResult: { data: { permit: { fee: 40 } } } });
  });

  test('to what cannot be served is told to the manager and the log, and the one before stays', async () => {
    const manager = new DrivenManager(first);
    const logger = listeningLogger();
    const desk = await serve({ supergraphSdl: manager, logger });
    expect(() => manager.update('type Query { a: Int }')).toThrow(/The supergraph cannot be served/);
    expect(logger.lines.filter((line) => line.startsWith('error The supergraph was not updated'))).toHaveLength(1);
    expect((await desk.ask('{ permits { number } }')).status).toBe(200);
  });

  test('to what is not healthy is told to the log, the one before stays, and it may be tried again', async () => {
    const manager = new DrivenManager(first);
    const told = Promise.withResolvers<string>();
    const logger = { ...listeningLogger(), error: (message: unknown) => told.resolve(String(message)) };
    const gateway = new SwitchyardGateway({ supergraphSdl: manager, logger, serviceHealthCheck: true });
    const desk = await openDesk(gateway);
    open.push(desk);
    const port = await freePort();
    const withLateFees = second.replaceAll(fees.url, `http://127.0.0.1:${port}/graphql`);
    manager.update(withLateFees);
    expect(await told.promise).toMatch(/was not updated.*Subgraph fees failed its health check/);
    expect((await desk.ask('{ __type(name: "Permit") { fields { name } } }')).body.data).toEqual({
      __type: { fields: [{ name: 'number' }, { name: 'kind' }] },
    });
    const late = await serveSubgraph({ ...FEES, port });
    const served = nextSupergraph(gateway);
    manager.update(withLateFees);
    expect(await served).toBe(withLateFees);
    await late.close();
  });

  test('given several at once ends with the last', async () => {
    const manager = new DrivenManager(first);
    const gateway = new SwitchyardGateway({ supergraphSdl: manager });
    const desk = await openDesk(gateway);
    open.push(desk);
    const served = nextSupergraph(gateway);
    manager.update(first);
    manager.update(
      composeServed(permits, { source: { ...fees.source, sdl: `${fees.source.sdl} type Unused { a: Int }` } }),
    );
    manager.update(second);
    expect(await served).toBe(second);
  });

  test('is told to every listener, whatever another one throws', async () => {
    const logger = listeningLogger();
    const gateway = new SwitchyardGateway({ supergraphSdl: first, logger });
    gateway.onSchemaLoadOrUpdate(() => {
      throw new Error('no room');
    });
    const served = nextSupergraph(gateway);
    const { executor } = await gateway.load();
    expect(await served).toBe(first);
    expect(executor).toBe(gateway.executor);
    expect(logger.lines).toEqual([
      'error A listener could not take the supergraph, which is served all the same: no room',
    ]);
    await gateway.stop();
  });
});

test('An option of ApolloGateway that means nothing here is named in the log', () => {
  const logger = listeningLogger();
  const config = { supergraphSdl: first, logger, queryPlannerConfig: {} };
  expect(new SwitchyardGateway(config)).toBeInstanceOf(SwitchyardGateway);
  expect(logger.lines).toEqual(['warn SwitchyardGateway has no option queryPlannerConfig; it is left out.']);
});

test('A wrong setting is refused with where it stands', () => {
  const settings = { limits: { maxDepht: 3 } } as never;
  expect(() => new SwitchyardGateway({ supergraphSdl: first, settings })).toThrow(/maxDepht/);
});
