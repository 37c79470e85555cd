import type {
  GatewayGraphQLRequest,
  GatewayGraphQLRequestContext,
  GatewayGraphQLResponse,
} from '@apollo/server-gateway-interface';
import { parse, type DocumentNode, type GraphQLError } from 'graphql';
import type { Deadline } from '../deadline.ts';
import { GatewayFault } from '../errors.ts';
import { rootKeys } from '../execute/fetch-step.ts';
import { jsonBody, requestBody, type Fetcher, type FetchTemplate, type SubgraphAnswer } from '../execute/fetcher.ts';
import { pathSteps } from '../plan/plan-path.ts';

/**
 * Asks one subgraph. `RemoteGraphQLDataSource` and `LocalGraphQLDataSource` of `@apollo/gateway` are such, and so is
 * any object with this method.
 */
export interface DataSource {
  /** An error that it throws stands in the client's answer, at every place that the request was for. */
  process(options: DataSourceOptions): Promise<GatewayGraphQLResponse>;
}

/** What a data source is given, in the form in which ApolloGateway gives it. */
export interface DataSourceOptions {
  /**
   * `incoming operation`, `health check` or `loading schema`: the values of `GraphQLDataSourceRequestKind`. It is a string
   * here, because nothing else takes both that enumeration and its values.
   */
  kind: string;
  /** The request to the subgraph. */
  request: GatewayGraphQLRequest;
  /** What Apollo Server's `context` function gave; empty where no client's request stands behind this one. */
  context: GatewayGraphQLRequestContext['context'];
  /** The client's request; absent where none stands behind this one. */
  incomingRequestContext?: GatewayGraphQLRequestContext;
  /** The request's text, parsed when it is first read; absent where no client's request stands behind this one. */
  document?: DocumentNode;
  /**
   * Where in the client's answer the request's entities stand: the fields' names, under whatever aliases, and `@` for every
   * item of a list; empty at the root.
   */
  pathInIncomingRequest?: (string | number)[];
}

/** Makes a fetcher for one request to Apollo Server out of data sources, by the subgraph's name. */
export function askDataSources(
  dataSources: ReadonlyMap<string, DataSource>,
  incoming: GatewayGraphQLRequestContext,
): Fetcher {
  return async (request, deadline) => {
    const { template } = request;
    const dataSource = dataSources.get(template.service);
    if (!dataSource) throw new GatewayFault('SUBREQUEST_HTTP_ERROR', `Subgraph ${template.service} is not known.`);
    const { variables } = JSON.parse(requestBody(request)) as { variables: Record<string, unknown> };
    try {
      const response = await inTime(ask(dataSource, optionsFor(template, variables, incoming)), deadline);
      if (response) return toAnswer(response);
    } catch (error) {
      return failedAnswer(error, template);
    }
    throw new GatewayFault('SUBREQUEST_MALFORMED_RESPONSE', `The data source of ${template.service} gave nothing.`);
  };
}

/** What a data source throws at once, it throws like the rest. */
async function ask(dataSource: DataSource, options: DataSourceOptions): Promise<GatewayGraphQLResponse | undefined> {
  return dataSource.process(options);
}

function optionsFor(
  template: FetchTemplate,
  variables: Record<string, unknown>,
  incoming: GatewayGraphQLRequestContext,
): DataSourceOptions {
  const { query, operationName, path } = template;
  return {
    kind: 'incoming operation',
    request: { query, variables, ...(operationName === undefined ? {} : { operationName }) },
    context: incoming.context,
    incomingRequestContext: incoming,
    get document() {
      return documentOf(template);
    },
    pathInIncomingRequest: pathSteps(path).map(({ key }) => key),
  };
}

const documents = new WeakMap<FetchTemplate, DocumentNode>();

function documentOf(template: FetchTemplate): DocumentNode {
  let document = documents.get(template);
  if (!document) documents.set(template, (document = parse(template.query)));
  return document;
}

/** Waits no longer than to the deadline. @throws GatewayFault SUBREQUEST_TIMEOUT when it is over */
export function inTime<Value>(promise: Promise<Value>, deadline: Deadline): Promise<Value> {
  return new Promise((resolve, reject) => {
    const forget = deadline.onEnd(() =>
      reject(new GatewayFault('SUBREQUEST_TIMEOUT', "A data source was not done when the request's time was over.")),
    );
    void promise.then(resolve, reject).finally(forget);
  });
}

function toAnswer(response: Pick<GatewayGraphQLResponse, 'data' | 'errors'>): SubgraphAnswer {
  const { data = null, errors = [] } = response;
  return { httpStatus: 200, body: jsonBody(JSON.stringify(errors.length > 0 ? { data, errors } : { data })) };
}

/**
 * What a data source throws is its author's word to the client, as with ApolloGateway. Not so the system's: that names
 * addresses, and is told in general.
 */
function failedAnswer(error: unknown, template: FetchTemplate): SubgraphAnswer {
  if (error instanceof GatewayFault) throw error;
  if (!(error instanceof Error) || 'code' in error)
    throw new GatewayFault('SUBREQUEST_HTTP_ERROR', `The data source of ${template.service} failed: ${String(error)}`, {
      cause: error,
    });
  const { message, extensions = {} } = error as Error & Partial<Pick<GraphQLError, 'extensions'>>;
  const places = template.isEntityFetch ? [{}] : rootKeys(template).map((key) => ({ path: [key] }));
  return toAnswer({ errors: places.map((place) => ({ message, ...place, extensions })) });
}
