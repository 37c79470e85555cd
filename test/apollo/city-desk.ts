/** Two real subgraph servers and an Apollo Server 5 before them, each on a free port: what the tests of `switchyard/apollo` ask. */
import type { IncomingHttpHeaders } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import type { SubgraphSource } from '../../gateway/supergraph/composition.ts';
import type { Resolvers } from '../../subgraphs/kit/sdl-files.ts';
import { serveBare } from '../kit/department.ts';
import { LINK } from '../kit/federation.ts';

// ApolloGateway calls home from its constructor on, unless it is told not to.
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';

type ApolloServerOptions = Extract<NonNullable<ConstructorParameters<typeof ApolloServer>[0]>, { gateway: unknown }>;
/** What an Apollo Server takes as its gateway. */
export type AnyGateway = ApolloServerOptions['gateway'];

/** The context that the tests' Apollo Servers give every request. */
export interface DeskContext {
  /** The client's `authorization` header. */
  token: string;
}

/** A subgraph that is served over HTTP. */
export interface ServedSubgraph {
  name: string;
  url: string;
  /** As the composition takes it. */
  source: SubgraphSource;
  /** The headers of each request it got, in order. */
  requests: IncomingHttpHeaders[];
  close(): Promise<void>;
}

export interface SubgraphDraft {
  name: string;
  sdl: string;
  resolvers?: Resolvers;
  /** The `cache-control` header of its answers; none unless given. */
  cacheControl?: string;
  /** Default: any free one. */
  port?: number;
}

/** Serves a subgraph on a free port. Its resolvers' context is what GraphQL over HTTP gives: nothing. */
export async function serveSubgraph({
  name,
  sdl,
  resolvers = {},
  cacheControl,
  port,
}: SubgraphDraft): Promise<ServedSubgraph> {
  const requests: IncomingHttpHeaders[] = [];
  const handle = createHandler({ schema: buildSubgraphSchema([{ typeDefs: parse(LINK + sdl), resolvers }]) });
  const server = await serveBare((request, response) => {
    requests.push(request.headers);
    if (cacheControl !== undefined) response.setHeader('cache-control', cacheControl);
    void handle(request, response);
  }, port);
  const url = `${server.url}/graphql`;
  return {
    name,
    url,
    source: { name, routingUrl: url, origin: `${name}.graphql`, sdl: LINK + sdl },
    requests,
    close: () => server.close(),
  };
}

/** The supergraph of subgraphs. @throws Error with the composition's problems */
export function composeServed(...subgraphs: readonly Pick<ServedSubgraph, 'source'>[]): string {
  const composed = composeSubgraphs(subgraphs.map(({ source }) => source));
  if (!composed.ok) throw new Error(composed.problems.map(({ message }) => message).join('\n'));
  return composed.sdl;
}

export const PERMITS: SubgraphDraft = {
  name: 'permits',
  cacheControl: 'max-age=60, public',
  sdl: `
    type Query { permits(kind: Kind): [Permit!]! permit(number: ID!): Permit refused: String }
    type Mutation { issue(kind: Kind!): Permit! }
    type Permit @key(fields: "number") { number: ID! kind: Kind! }
    enum Kind { STALL SCAFFOLD }
  `,
  resolvers: {
    Query: {
      permits: (_: unknown, { kind }: { kind?: string }) =>
        ALL_PERMITS.filter((permit) => kind === undefined || permit.kind === kind),
      permit: (_: unknown, { number }: { number: string }) => ALL_PERMITS.find((permit) => permit.number === number),
      refused: () => {
        throw new Error('closed on Sundays');
      },
    },
    Mutation: { issue: (_: unknown, { kind }: { kind: string }) => ({ number: 'P-3', kind }) },
  },
};

const ALL_PERMITS = [
  { number: 'P-1', kind: 'STALL' },
  { number: 'P-2', kind: 'SCAFFOLD' },
];

export const FEES: SubgraphDraft = {
  name: 'fees',
  cacheControl: 'max-age=30',
  sdl: `type Permit @key(fields: "number") { number: ID! fee: Int }`,
  resolvers: {
    Permit: {
      fee({ number }: { number: string }) {
        if (number === 'P-2') throw new Error('no tariff for P-2');
        return 40;
      },
    },
  },
};

/** A permit office that tells when it is asked, and answers when it is told to. */
export async function serveSlowPermits() {
  const opened = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const permitsSlowly = async () => {
    asked.resolve();
    await opened.promise;
    return [{ number: 'P-1', kind: 'STALL' }];
  };
  const slow = await serveSubgraph({ ...PERMITS, resolvers: { Query: { permits: permitsSlowly } } });
  return { slow, asked: asked.promise, answerNow: () => opened.resolve() };
}

/** An Apollo Server over HTTP. */
export interface Desk {
  url: string;
  server: ApolloServer<DeskContext>;
  ask(query: string, options?: AskOptions): Promise<DeskAnswer>;
  close(): Promise<void>;
}

export interface AskOptions {
  variables?: Record<string, unknown>;
  operationName?: string;
  token?: string;
}

export interface DeskAnswer {
  status: number;
  cacheControl: string | null;
  body: {
    data?: Record<string, unknown> | null;
    errors?: {
      message: string;
      path?: (string | number)[];
      locations?: { line: number; column: number }[];
      extensions?: Record<string, unknown>;
    }[];
  };
}

/** Starts an Apollo Server 5 on a free port; all that is particular to a gateway is the one value that it is given. */
export async function openDesk(gateway: AnyGateway): Promise<Desk> {
  const server = new ApolloServer<DeskContext>({
    gateway,
    introspection: true,
    includeStacktraceInErrorResponses: false,
  });
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: 0 },
    context: ({ req }) => Promise.resolve({ token: req.headers.authorization ?? '' }),
  });
  return { url, server, ask: (query, options) => askDesk(url, query, options), close: () => server.stop() };
}

async function askDesk(url: string, query: string, { token = '', ...rest }: AskOptions = {}): Promise<DeskAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: token },
    body: JSON.stringify({ query, ...rest }),
  });
  return {
    status: response.status,
    cacheControl: response.headers.get('cache-control'),
    body: (await response.json()) as DeskAnswer['body'],
  };
}

/** Takes what a gateway tells, a line for each. */
export function listeningLogger() {
  const lines: string[] = [];
  const take = (level: string) => (message?: unknown) => void lines.push(`${level} ${String(message)}`);
  return { lines, debug: take('debug'), info: take('info'), warn: take('warn'), error: take('error') };
}
