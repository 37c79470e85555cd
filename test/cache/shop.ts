import { OperationTypeNode } from 'graphql';
import { cacheAnswers, type AnswerCacheOptions } from '../../gateway/cache/answer-cache.ts';
import { createLocalLog } from '../../gateway/cache/invalidation-log.ts';
import { createMemoryStore } from '../../gateway/cache/memory-store.ts';
import { ANONYMOUS, NO_PURPOSE, type Caller } from '../../gateway/caller.ts';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import { Deadline } from '../../gateway/deadline.ts';
import { fetchTemplate } from '../../gateway/execute/fetch-template.ts';
import {
  jsonBody,
  type Fetcher,
  type FetchTemplate,
  type SubgraphAnswer,
  type SubgraphRequest,
} from '../../gateway/execute/fetcher.ts';
import { readResponse, type SubgraphError, type SubgraphResponse } from '../../gateway/execute/response.ts';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import { loadSupergraph, type ServedSupergraph } from '../../gateway/supergraph/load.ts';

/** A shop's subgraph with every kind of hint, and one beside it. */
const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  directive @cacheControl(maxAge: Int, scope: String, inheritMaxAge: Boolean) on OBJECT | FIELD_DEFINITION
  type Query {
    item: Item
    offer(id: ID!): Item @cacheControl(maxAge: 60)
    news: String
  }
  type Item @key(fields: "id") @cacheControl(maxAge: 60) {
    id: ID!
    name: String
    stock: Int @cacheControl(maxAge: 0)
    secret: String @cacheControl(maxAge: 60, scope: "PRIVATE")
    label: String @cacheControl(maxAge: 60, scope: "PUBLIC")
    maker: Maker
    parts(first: Int): [Part!] @cacheControl(inheritMaxAge: true)
  }
  type Maker { name: String }
  type Part { name: String }
`;

export function composeShop(sdl = SDL, besideSdl = 'type Query { hours: String }'): ServedSupergraph {
  const composed = composeSubgraphs([
    { name: 'shop', routingUrl: 'http://shop.test', origin: 'shop.graphql', sdl },
    { name: 'hours', routingUrl: 'http://hours.test', origin: 'hours.graphql', sdl: besideSdl },
  ]);
  if (!composed.ok) throw new Error(JSON.stringify(composed.problems));
  return loadSupergraph(composed.sdl);
}

const shop = composeShop();

/** A fetch of items. */
export function itemsTemplate(selection: string): FetchTemplate {
  return template(
    `query Q__shop__1($representations:[_Any!]!){_entities(representations:$representations){...on Item{${selection}}}}`,
    true,
  );
}

/** A fetch of root fields. */
export function rootTemplate(selection: string): FetchTemplate {
  return template(`query Q__shop__1${selection}`, false);
}

function template(operation: string, isEntityFetch: boolean): FetchTemplate {
  return fetchTemplate(
    {
      kind: 'Fetch',
      serviceName: 'shop',
      operation,
      operationKind: OperationTypeNode.QUERY,
      operationName: 'Q__shop__1',
      ...(isEntityFetch ? { requires: [] } : {}),
    },
    [],
  );
}

/** What a shop answers beside each item's id as its name. */
export interface ShopOptions {
  errors?(ids: readonly string[]): SubgraphError[];
  /** The whole body, instead. */
  body?(ids: readonly string[], request: SubgraphRequest): string;
  head?: Partial<SubgraphAnswer>;
}

/** A shop, and the ids that it was asked for in each request. */
export interface Shop {
  asked: string[][];
  fetcher: Fetcher;
}

export function openShop({ errors = () => [], body, head }: ShopOptions = {}): Shop {
  const asked: string[][] = [];
  const fetcher: Fetcher = (request) => {
    const ids = request.representations.map((text) => (JSON.parse(text) as { id: string }).id);
    asked.push(ids);
    const data = { _entities: ids.map((id) => (id === 'none' ? null : { name: id })) };
    const found = errors(ids);
    const text = body?.(ids, request) ?? JSON.stringify(found.length > 0 ? { data, errors: found } : { data });
    return Promise.resolve({ httpStatus: 200, body: jsonBody(text), ...head });
  };
  return { asked, fetcher };
}

/** Puts the cache in front of a shop. */
export function cached(
  fetcher: Fetcher,
  {
    cache = {},
    supergraph = shop,
    ...options
  }: Partial<AnswerCacheOptions> & {
    cache?: ConfigInput['cache'];
    supergraph?: ServedSupergraph;
  } = {},
): Fetcher {
  return cacheAnswers(fetcher, {
    store: createMemoryStore(1_000_000),
    log: createLocalLog(),
    tags: supergraph.cacheTags,
    entityKeys: supergraph.entityKeys,
    hints: supergraph.cacheHints,
    schema: supergraph.fullSchema,
    subgraphHashes: supergraph.subgraphHashes,
    settings: resolveConfig({ cache }, {}).cache,
    isTold: () => false,
    sharedTimeoutMs: 10_000,
    onFault(fault) {
      throw fault;
    },
    ...options,
  });
}

/** Asks for items, or for root fields where no ids are given. */
export async function askRaw(
  fetcher: Fetcher,
  {
    template,
    ids = [],
    variables = '',
    caller,
  }: { template: FetchTemplate; ids?: string[]; variables?: string; caller?: Caller },
): Promise<SubgraphAnswer> {
  const representations = ids.map((id) => JSON.stringify({ __typename: 'Item', id }));
  const deadline = new Deadline(10_000);
  const onBehalf = caller && { onBehalf: { caller, queryId: 'q' } };
  const request = { template, variablesText: variables, representations, ...onBehalf };
  return fetcher(request, deadline).finally(() => deadline.clear());
}

/** Asks, and reads the answer. */
export async function askShop(fetcher: Fetcher, asked: Parameters<typeof askRaw>[1]): Promise<SubgraphResponse> {
  return readResponse(await askRaw(fetcher, asked), 'shop');
}

/** Somebody by name. */
export function person(subject: string, more: Partial<Caller> = {}): Caller {
  return { identity: { ...ANONYMOUS, kind: 'person', proof: 'jwt:test', subject }, purpose: NO_PURPOSE, ...more };
}
