import { createHash } from 'node:crypto';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { NoSchemaIntrospectionCustomRule, parse, specifiedRules, validate } from 'graphql';
import type { CaseAnswer, CaseError, LoadedCase } from '../kit/federation-case.ts';
import { inProcessSubgraphs, type SeenRequest } from '../kit/federation.ts';

// ApolloGateway calls home from its constructor on, unless it is told not to.
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';

type ExecutorInput = Parameters<ApolloGateway['executor']>[0];

/** ApolloGateway over a case's subgraphs in this process: the second opinion on what its answers are. */
export interface ApolloOracle {
  ask(query: string, variables?: Record<string, unknown>): Promise<CaseAnswer>;
  close(): Promise<void>;
}

/**
 * Starts an ApolloGateway, with what Apollo Server does before it: parse and validate. One that refuses the supergraph
 * answers everything with its reason.
 */
export async function startApolloOracle({
  subgraphs,
  supergraphSdl,
  introspection,
}: LoadedCase): Promise<ApolloOracle> {
  const answer = inProcessSubgraphs(subgraphs);
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ name }) => dataSource((request) => answer({ service: name, ...request })),
  });
  const loaded = await gateway.load().catch(failed);
  if ('errors' in loaded) {
    const answer = { errors: loaded.errors.map((error) => caseError(error)) };
    return { ask: () => Promise.resolve(answer), close: () => Promise.resolve() };
  }
  const { schema, executor } = loaded;
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  return {
    async ask(query, variables) {
      const document = parse(query);
      const invalid = validate(schema, document, rules);
      if (invalid.length > 0) return { errors: invalid.map((error) => caseError(error)) };
      const queryHash = createHash('sha256').update(query).digest('hex');
      const request = { query, variables };
      // What the executor reads of Apollo Server's request context.
      const context = { request, document, queryHash, schema, context: {}, metrics: {} } as unknown as ExecutorInput;
      const { data, errors = [] } = await executor(context).catch(failed);
      return {
        ...(data === undefined ? {} : { data: JSON.parse(JSON.stringify(data)) as CaseAnswer['data'] & object }),
        errors: errors.map((error) => caseError(error)),
      };
    },
    close: () => gateway.stop(),
  };
}

/** Apollo Server answers with an error what its gateway throws. */
function failed(error: unknown): { data?: undefined; errors: Error[] } {
  return { errors: [error instanceof Error ? error : new Error(String(error))] };
}

function dataSource(answer: (request: Omit<SeenRequest, 'service'>) => Promise<unknown>): GraphQLDataSource {
  return {
    async process({ request: { query = '', variables = {} } }) {
      return (await answer({ query, variables })) as Awaited<ReturnType<GraphQLDataSource['process']>>;
    },
  };
}

/** Apollo calls the department that an error is from `serviceName`. */
function caseError(
  error: Pick<CaseError, 'message' | 'path'> & { extensions?: Readonly<Record<string, unknown>> },
): CaseError {
  const { message = '', path, extensions = {} } = error;
  const { code, serviceName } = extensions as { code?: string; serviceName?: string };
  return { message, path, extensions: { ...(code ? { code } : {}), ...(serviceName ? { service: serviceName } : {}) } };
}
