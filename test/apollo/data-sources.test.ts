import { AsyncLocalStorage } from 'node:async_hooks';
import {
  LocalGraphQLDataSource,
  RemoteGraphQLDataSource,
  type GraphQLDataSource,
  type GraphQLDataSourceProcessOptions,
} from '@apollo/gateway';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, print } from 'graphql';
import { afterEach, beforeAll, afterAll, describe, expect, test } from 'vitest';
import {
  SwitchyardGateway,
  type DataSource,
  type DataSourceOptions,
  type SwitchyardGatewayConfig,
} from '../../gateway/apollo/switchyard-gateway.ts';
import { freePort, serveBare } from '../kit/department.ts';
import { LINK } from '../kit/federation.ts';
import {
  composeServed,
  FEES,
  listeningLogger,
  openDesk,
  PERMITS,
  serveSubgraph,
  type Desk,
  type DeskContext,
  type ServedSubgraph,
} from './city-desk.ts';

const FEE_OF_P1 = '{ permit(number: "P-1") { number fee } }';

let permits: ServedSubgraph;
let fees: ServedSubgraph;
let supergraphSdl: string;
beforeAll(async () => {
  [permits, fees] = await Promise.all([serveSubgraph(PERMITS), serveSubgraph(FEES)]);
  supergraphSdl = composeServed(permits, fees);
});
afterAll(() => Promise.all([permits.close(), fees.close()]));

let desk: Desk;
afterEach(() => desk.close());

async function open(
  buildService: SwitchyardGatewayConfig['buildService'],
  rest: Partial<SwitchyardGatewayConfig> = {},
): Promise<Desk> {
  desk = await openDesk(new SwitchyardGateway({ supergraphSdl, buildService, ...rest }));
  return desk;
}

/** As in the documentation of `@apollo/gateway`. */
class AuthenticatedDataSource extends RemoteGraphQLDataSource<DeskContext> {
  override willSendRequest({ request, context }: GraphQLDataSourceProcessOptions<DeskContext>): void {
    request.http?.headers.set('x-token', (context as DeskContext).token);
  }
}

describe('A RemoteGraphQLDataSource subclass', () => {
  test('sends headers made of the context in willSendRequest, each request those of its own client', async () => {
    await open(({ url }) => new AuthenticatedDataSource({ url: url! }));
    permits.requests.length = 0;
    fees.requests.length = 0;
    const answers = await Promise.all(['anna', 'bo', 'cy'].map((token) => desk.ask(FEE_OF_P1, { token })));
    for (const { body } of answers) expect(body).toEqual({ data: { permit: { number: 'P-1', fee: 40 } } });
    const tokens = (subgraph: ServedSubgraph) => new Set(subgraph.requests.map((headers) => headers['x-token']));
    expect(tokens(permits)).toEqual(new Set(['anna', 'bo', 'cy']));
    expect(tokens(fees)).toEqual(new Set(['anna', 'bo', 'cy']));
  });

  test('sees and changes what came back in didReceiveResponse', async () => {
    const seen: unknown[] = [];
    class Rounding extends RemoteGraphQLDataSource<DeskContext> {
      override didReceiveResponse({
        response,
        request,
        context,
        pathInIncomingRequest,
      }: Parameters<NonNullable<RemoteGraphQLDataSource<DeskContext>['didReceiveResponse']>>[0]) {
        const header = response.http?.headers.get('cache-control');
        seen.push([request.http?.url, context.token, header, pathInIncomingRequest]);
        const text = JSON.stringify(response.data).replace('"fee":40', '"fee":50');
        return { ...response, data: JSON.parse(text) as Record<string, unknown> };
      }
    }
    await open(({ url }) => new Rounding({ url: url! }));
    const { body } = await desk.ask(FEE_OF_P1, { token: 'anna' });
    expect(body).toEqual({ data: { permit: { number: 'P-1', fee: 50 } } });
    expect(seen).toEqual([
      [permits.url, 'anna', 'max-age=60, public', []],
      [fees.url, 'anna', 'max-age=30', ['permit']],
    ]);
  });

  test('lets the answer be kept as long as the subgraphs allow', async () => {
    await open(({ url }) => new RemoteGraphQLDataSource({ url: url! }));
    expect((await desk.ask(FEE_OF_P1)).cacheControl).toBe('max-age=30, public');
  });

  test('tells the client what it makes of an HTTP error, at every entity that was asked for', async () => {
    const closed = await serveBare((_request, response) => void response.writeHead(401).end());
    await open(({ name, url }) => new RemoteGraphQLDataSource({ url: name === 'fees' ? closed.url : url! }));
    const { status, body } = await desk.ask('{ permits { number fee } }');
    await closed.close();
    expect(status).toBe(200);
    expect(body.data).toEqual({
      permits: [
        { number: 'P-1', fee: null },
        { number: 'P-2', fee: null },
      ],
    });
    const extensions = { code: 'UNAUTHENTICATED', service: 'fees' };
    expect(body.errors).toMatchObject([
      { message: '401: Unauthorized', path: ['permits', 0], extensions },
      { message: '401: Unauthorized', path: ['permits', 1], extensions },
    ]);
  });

  test('that reaches nobody tells the client which department, and the log where', async () => {
    const port = await freePort();
    const logger = listeningLogger();
    const buildService = () => new RemoteGraphQLDataSource({ url: `http://127.0.0.1:${port}/graphql` });
    await open(buildService, { logger });
    const { body } = await desk.ask('{ permits { number } }');
    expect(body.errors).toMatchObject([
      { message: 'Department permits could not be reached.', extensions: { code: 'SUBREQUEST_HTTP_ERROR' } },
    ]);
    expect(JSON.stringify(body)).not.toContain(String(port));
    expect(logger.lines.filter((line) => line.startsWith('debug') && line.includes(String(port)))).toHaveLength(1);
  });
});

describe('Any object with process()', () => {
  test('is given what ApolloGateway gives', async () => {
    const given: DataSourceOptions[] = [];
    const remote = new Map<string, GraphQLDataSource>();
    await open(({ name, url }) => {
      remote.set(name, new RemoteGraphQLDataSource({ url: url! }));
      return {
        process(options) {
          given.push(options);
          return remote.get(name)!.process(options as GraphQLDataSourceProcessOptions);
        },
      };
    });
    await desk.ask('query Mine($kind: Kind) { mine: permits(kind: $kind) { fee } }', {
      token: 'anna',
      variables: { kind: 'STALL' },
    });
    const [first, second] = given;
    expect(given).toHaveLength(2);
    expect(first).toMatchObject({
      kind: 'incoming operation',
      request: { operationName: 'Mine__permits__0', variables: { kind: 'STALL' } },
      context: { token: 'anna' },
      pathInIncomingRequest: [],
    });
    expect(second).toMatchObject({
      kind: 'incoming operation',
      request: {
        operationName: 'Mine__fees__1',
        variables: { representations: [{ __typename: 'Permit', number: 'P-1' }] },
      },
      pathInIncomingRequest: ['permits', '@'],
    });
    for (const { incomingRequestContext, request, document, context } of given) {
      expect(incomingRequestContext?.request.variables).toEqual({ kind: 'STALL' });
      expect(incomingRequestContext?.request.http?.headers.get('authorization')).toBe('anna');
      expect(incomingRequestContext?.context).toBe(context);
      expect(print(document!)).toBe(print(parse(request.query!)));
    }
  });

  test('answers from this process, as LocalGraphQLDataSource does', async () => {
    const draft = { permits: PERMITS, fees: FEES } as const;
    await open(({ name }) => {
      const { sdl, resolvers = {} } = draft[name as keyof typeof draft];
      return new LocalGraphQLDataSource(buildSubgraphSchema([{ typeDefs: parse(LINK + sdl), resolvers }]));
    });
    const { body } = await desk.ask('{ permits { number fee } }');
    expect(body.data).toEqual({
      permits: [
        { number: 'P-1', fee: 40 },
        { number: 'P-2', fee: null },
      ],
    });
    expect(body.errors).toMatchObject([
      { message: 'no tariff for P-2', path: ['permits', 1, 'fee'], extensions: { serviceName: 'fees' } },
    ]);
  });

  test('keeps the asynchronous context of the request it is asked for', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = new Set<string>();
    const remote = ({ name, url }: { name: string; url?: string }): DataSource => {
      const source: GraphQLDataSource = new RemoteGraphQLDataSource({ url: url! });
      return {
        process(options) {
          seen.add(`${name} for ${storage.getStore()}`);
          return source.process(options as GraphQLDataSourceProcessOptions);
        },
      };
    };
    await open(remote);
    const execute = (user: string) =>
      storage.run(user, () => desk.server.executeOperation({ query: FEE_OF_P1 }, { contextValue: { token: user } }));
    await Promise.all([execute('anna'), execute('bo')]);
    expect(seen).toEqual(new Set(['fees for anna', 'fees for bo', 'permits for anna', 'permits for bo']));
  });

  test('that throws at once is told like one that rejects, at every root field', async () => {
    await open(() => ({
      process() {
        throw new Error('not on Sundays');
      },
    }));
    const { body } = await desk.ask('{ one: permit(number: "P-1") { number } refused }');
    expect(body.data).toEqual({ one: null, refused: null });
    expect(body.errors?.map(({ message, path }) => [message, path])).toEqual([
      ['not on Sundays', ['one']],
      ['not on Sundays', ['refused']],
    ]);
  });

  test('that never answers is given up when the time of the request is over', async () => {
    await open(() => ({ process: () => new Promise(() => {}) }), { settings: { requestTimeoutMs: 1_000 } });
    const { body } = await desk.ask('{ permit(number: "P-1") { number } }');
    expect(body.data).toEqual({ permit: null });
    expect(body.errors).toMatchObject([{ path: ['permit'], extensions: { code: 'SUBREQUEST_TIMEOUT' } }]);
  });

  test('that gives no response at all is named', async () => {
    await open(() => ({ process: () => Promise.resolve(undefined as never) }));
    const { body } = await desk.ask('{ permit(number: "P-1") { number } }');
    expect(body.errors).toMatchObject([
      { path: ['permit'], extensions: { code: 'SUBREQUEST_MALFORMED_RESPONSE', service: 'permits' } },
    ]);
  });
});
