import {
  buildASTSchema,
  buildClientSchema,
  getIntrospectionQuery,
  GraphQLError,
  parse,
  type GraphQLSchema,
} from 'graphql';
import { z } from 'zod';
import { StartError } from '../program.ts';
import type { SourceKind } from '../source-kind.ts';
import { readDocument } from './document-file.ts';
import { GraphqlDocument } from './graphql-document.ts';
import { graphqlService } from './graphql-service.ts';
import { connectHttp, UnreadableAnswer, type HttpConnection } from './http-connection.ts';
import { collectionSettings } from './service-collection.ts';
import { serviceLimits } from './service-limits.ts';
import { ServiceSource } from './service-source.ts';
import { httpUrl } from './service-url.ts';

const settings = z.strictObject({
  /** From the manifest's folder; or the service's own address, which is asked for its schema at the start. */
  document: z.string().min(1).describe("the path of the service's SDL, or its http(s) URL"),
  /** Default: the document, where that is an address. */
  url: z.string().optional().describe("the http(s) URL of the department's system"),
  /** Questions in one request, each under an alias. */
  maxAliases: z.coerce.number().pipe(z.int().min(1).max(1_000)).default(50).describe('a whole number from 1 to 1000'),
  /** What a type's `from` names, where it is not one of the fields of Query as it is. */
  collections: z.record(z.string(), collectionSettings).default({}),
  ...serviceLimits,
});
type Settings = z.infer<typeof settings>;

/** A GraphQL service without federation. A collection is a field of its Query, or several that the manifest puts together. */
export const graphqlKind: SourceKind<Settings> = {
  settings,
  secrets: ['headers'],
  async open(given, { holds, folder, nameOf }) {
    const { document: location, url: said, headers, timeoutMs } = given;
    const isAddress = /^https?:\/\//i.test(location);
    const url = httpUrl(said ?? location, nameOf(said === undefined ? 'document' : 'url'));
    const connection = connectHttp({ ...given, holds });
    try {
      const schema = isAddress
        ? await introspect(connection, new URL(location), timeoutMs)
        : schemaIn(await readDocument({ location, kind: 'SDL', folder, headers, timeoutMs }), location);
      const document = new GraphqlDocument(schema);
      const service = graphqlService({ document, connection, url, holds, maxAliases: given.maxAliases });
      return new ServiceSource({ document, service, holds, maxPages: given.maxPages }, given);
    } catch (error) {
      await connection.close();
      throw error;
    }
  },
};

function schemaIn(text: string, location: string): GraphQLSchema {
  try {
    // What directives a service declares is its own affair.
    return buildASTSchema(parse(text), { assumeValidSDL: true });
  } catch (error) {
    const { line, column } = (error as GraphQLError).locations?.[0] ?? { line: 1, column: 1 };
    throw new StartError(`${location}:${line}:${column}: ${(error as Error).message}`);
  }
}

/** Asks a service for its schema. @throws StartError where it does not tell it */
export async function introspect(connection: HttpConnection, url: URL, timeoutMs: number): Promise<GraphQLSchema> {
  const request = {
    ...{
      operation: 'introspection',
      method: 'POST' as const,
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
    },
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query: getIntrospectionQuery() }),
  };
  const deadline = { endsAtMs: performance.now() + timeoutMs, signal: AbortSignal.timeout(timeoutMs) };
  try {
    return await connection.ask(request, { statuses: [200], read: ({ text }) => schemaOfAnswer(text) }, deadline);
  } catch (error) {
    throw error instanceof GraphQLError
      ? new StartError(`${url.href} does not tell its schema: ${error.message}`)
      : error;
  }
}

function schemaOfAnswer(text: string): GraphQLSchema {
  try {
    return buildClientSchema((JSON.parse(text) as { data: Parameters<typeof buildClientSchema>[0] }).data);
  } catch (error) {
    throw new UnreadableAnswer('it is no schema', error);
  }
}
