import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, type GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { runProgram, StartError, type RunningProgram } from './program.ts';

/** The environment a department reads its settings from; `process.env` when it is started alone. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A federation resolver map: type name to field name to resolver, as `@apollo/subgraph` takes it. */
export type Resolvers = NonNullable<Extract<BuildInput, { typeDefs: unknown }>['resolvers']>;
type BuildInput = Extract<Parameters<typeof buildSubgraphSchema>[0], unknown[]>[number];

/** A department's connection to its own system, and the resolvers that read from it. */
export interface OpenDepartment {
  resolvers: Resolvers;
  /** Made once a request: dataloaders live here, so that nothing is remembered from one request to the next. */
  createContext(): Record<string, unknown>;
  /** Lets go of the system: pools, files, watchers. */
  close(): Promise<void>;
}

/** A department: its schema and how to reach the system it wraps. */
export interface Department {
  /** The subgraph's name, as in `supergraph.yaml`. */
  name: string;
  /** The port it listens on unless `PORT` says otherwise. */
  port: number;
  /** The SDL file, the same that is composed. */
  schemaFile: URL;
  /**
   * Reaches the department's system.
   * @throws StartError when a setting is missing or the system cannot be reached
   */
  open(env: Environment): Promise<OpenDepartment>;
}

/** What a department counts about itself; `GET /stats` answers it as JSON. */
export interface DepartmentStats {
  /** GraphQL requests answered since the start. */
  requests: number;
}

export interface RunningSubgraph extends RunningProgram {
  stats: Readonly<DepartmentStats>;
}

/** Starts a department as a program of its own: `node subgraphs/<name>/main.ts`. */
export function runDepartment(department: Department): Promise<void> {
  return runProgram(department.name, () => serveDepartment(department, process.env));
}

/**
 * Serves a department's subgraph over HTTP: `/graphql`, `/health`, `/stats`.
 *
 * @param env settings; `PORT` (default: the department's own, 0 for any free one), `HOST` (default `127.0.0.1`)
 * @throws StartError when a setting is wrong; the system's error when the port is taken
 */
export async function serveDepartment(department: Department, env: Environment): Promise<RunningSubgraph> {
  const port = readPort(env['PORT'], department.port);
  const opened = await department.open(env);
  const stats: DepartmentStats = { requests: 0 };
  const server = createServer(requestListener(department, opened, stats));
  try {
    await listen(server, port, env['HOST'] ?? '127.0.0.1');
  } catch (error) {
    await opened.close();
    throw error;
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.address}:${address.port}/graphql`,
    stats,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 1_000).unref();
      await closed;
      await opened.close();
    },
  };
}

/** The department's executable schema, with the federation fields added. */
function departmentSchema(department: Pick<Department, 'schemaFile'>, resolvers: Resolvers): GraphQLSchema {
  const typeDefs = parse(readFileSync(department.schemaFile, 'utf8'));
  return buildSubgraphSchema([{ typeDefs, resolvers }]);
}

function requestListener(department: Department, opened: OpenDepartment, stats: DepartmentStats) {
  const graphql = createHandler({
    schema: departmentSchema(department, opened.resolvers),
    context: () => opened.createContext(),
  });
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = new URL(request.url ?? '/', 'http://department').pathname;
    if (path === '/graphql') {
      stats.requests += 1;
      void graphql(request, response);
    } else if (path === '/health') sendJson(response, 200, { status: 'ok', department: department.name });
    else if (path === '/stats') sendJson(response, 200, stats);
    else sendJson(response, 404, { error: `${department.name} answers at /graphql, /health and /stats` });
  };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function readPort(text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new StartError(`PORT is "${text}"; it must be a whole number from 0 to 65535`);
  return port;
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
