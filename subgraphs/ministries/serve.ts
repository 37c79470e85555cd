import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, type GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { readGatewayKeys } from '../kit/gateway-keys.ts';
import { StartError, type RunningProgram } from '../kit/program.ts';
import type { Environment } from '../kit/settings.ts';
import type { AnswerHttp } from '../kit/http-exchange.ts';
import { answerSigned } from '../kit/signed-requests.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { Economies } from './economies.ts';
import { catalogueResolvers, departmentResolvers } from './resolvers.ts';
import { economiesClaims } from './claims.ts';
import { CATALOGUE, CLAIMS, MINISTRIES_PORT, subgraphPath } from './paths.ts';
import { economiesSdl } from './sdl.ts';

/** The subgraphs of the economies by name: the register of indicators, and one a department. */
export function economiesSubgraphs(economies: Economies): Map<string, { sdl: string; resolvers: Resolvers }> {
  const sdls = economiesSdl(economies.departments);
  const resolvers = new Map([
    [CATALOGUE, catalogueResolvers(economies)],
    ...economies.departments.map((each) => [each.code, departmentResolvers(economies, each)] as const),
  ]);
  return new Map([...sdls].map(([name, sdl]) => [name, { sdl, resolvers: resolvers.get(name) ?? {} }]));
}

/**
 * Serves all departments of the economies' figures, and what several of them assert, from one process, each as a subgraph at its own path:
 * `/<department>/graphql`; and `/health`, `/stats`. They share what was read, so that one costs about a megabyte.
 *
 * @param env settings; `PORT` (default 4120, 0 for any free one), `HOST` (default `127.0.0.1`), `GATEWAY_KEYS` (a file as
 *   {@link readGatewayKeys} reads it: nothing but signed requests is answered; default: all are)
 * @throws StartError when a setting is wrong; the system's error when the port is taken
 */
export async function serveMinistries(economies: Economies, env: Environment): Promise<RunningProgram> {
  const keys = env['GATEWAY_KEYS'] ? readGatewayKeys(env['GATEWAY_KEYS']) : undefined;
  const server = createServer();
  await listen(server, readPort(env['PORT']), env['HOST'] ?? '127.0.0.1');
  const { port, address } = server.address() as AddressInfo;
  const url = `http://${address}:${port}/`;
  const requests: Record<string, number> = {};
  const answers = new Map<string, AnswerHttp>();
  const claims = economiesClaims(economies.departments);
  for (const [name, subgraph] of [...economiesSubgraphs(economies), [CLAIMS, claims] as const]) {
    requests[name] = 0;
    answers.set(
      name,
      answerGraphql(toSchema(subgraph), keys && { gatewayKeys: keys, url: new URL(subgraphPath(name), url) }),
    );
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const name = /^\/([a-z-]+)\/graphql$/.exec(path)?.[1] ?? '';
    const answer = answers.get(name);
    if (answer) {
      requests[name] = (requests[name] ?? 0) + 1;
      void answer(request, response);
    } else if (path === '/health') sendJson(response, 200, { status: 'ok', departments: economies.departments.length });
    else if (path === '/stats') sendJson(response, 200, { requests, observations: economies.counts });
    else
      sendJson(response, 404, { error: 'Departments answer at /<department>/graphql; see also /health and /stats.' });
  });
  return { url, close: () => close(server) };
}

function toSchema({ sdl, resolvers }: { sdl: string; resolvers: Resolvers }): GraphQLSchema {
  return buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);
}

function answerGraphql(schema: GraphQLSchema, signed: Parameters<typeof answerSigned>[1] | undefined): AnswerHttp {
  const createContext = (): Record<string, unknown> => ({});
  return signed ? answerSigned({ schema, createContext }, signed) : createHandler({ schema, context: createContext });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function readPort(text: string | undefined): number {
  const port = text === undefined || text === '' ? MINISTRIES_PORT : Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new StartError(`PORT is "${text}"; it must be a whole number from 0 to 65535`);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), 1_000).unref();
  await closed;
}
