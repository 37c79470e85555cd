import { createHash } from 'node:crypto';
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { parse, print, visit, type DocumentNode, type GraphQLSchema } from 'graphql';
import { readCacheHints, type CacheHints } from './cache-hints.ts';
import { readCacheTags, type CacheTags } from './cache-tags.ts';
import { readAccessConditions, type AccessConditions } from './access-conditions.ts';
import { readDepartmentFacts, type DepartmentFacts } from './department-facts.ts';
import { readTolerantFields, type TolerantFields } from './tolerant-fields.ts';
import { readEntityKeys, type EntityKeys } from './subject-types.ts';
import { hashSubgraphs } from './subgraph-hashes.ts';
import { featuresForClients, withoutLinks } from './client-directives.ts';
import { readContracts, type KeptContract } from './kept-contracts.ts';
import { withPurposeDirective } from './purpose-directive.ts';

/** A supergraph made ready to serve. Nothing in it changes; a new supergraph is a new value. */
export interface ServedSupergraph {
  sdl: string;
  /** SHA-256 of the SDL in hex: what plans are bound to. */
  hash: string;
  /** What clients see: without federation's own definitions and without `@inaccessible` elements, with `@purpose`. */
  apiSchema: GraphQLSchema;
  /** Everything, with what clients may not see: what plans refer to. */
  fullSchema: GraphQLSchema;
  /** Routing URL of each subgraph by its name. */
  routingUrls: ReadonlyMap<string, string>;
  /** Names of the fields that departments' keys and requirements speak of. */
  fieldSetNames: ReadonlySet<string>;
  cacheHints: CacheHints;
  cacheTags: CacheTags;
  /** Digest of what it says of each subgraph, by the subgraph's name: what is remembered of a subgraph is bound to it. */
  subgraphHashes: ReadonlyMap<string, string>;
  entityKeys: EntityKeys;
  /** What may be seen by whom. */
  access: AccessConditions;
  /** What departments say of themselves, by the names of their subgraphs. */
  departments: ReadonlyMap<string, DepartmentFacts>;
  /** Contracts that are kept with it. */
  contracts: readonly KeptContract[];
  /** Fields whose department is asked although something that it requires is missing. */
  tolerantFields: TolerantFields;
}

/** Features of a supergraph that would be planned as if they were not there. */
const NOT_ENFORCED = /\/connect\/v/;

/** The supergraph features that this gateway plans and enforces. */
const SUPPORTED_FEATURES: ReadonlySet<string> = new Set(
  [...ROUTER_SUPPORTED_SUPERGRAPH_FEATURES].filter((feature) => !NOT_ENFORCED.test(feature)),
);

/** A supergraph that cannot be served; its message says why. */
export class SupergraphError extends Error {
  override name = 'SupergraphError';
}

/**
 * Parses a supergraph for Apollo's planner.
 * @param options whether its subgraphs are checked to be good ones. Default: yes.
 * @throws SupergraphError when it is not a supergraph or uses what is not supported
 */
export function buildSupergraph(sdl: string, { validate = true }: { validate?: boolean } = {}): Supergraph {
  const build = (text: string): Supergraph =>
    Supergraph.build(text, { supportedFeatures: new Set(SUPPORTED_FEATURES), validateSupergraph: validate });
  try {
    const supergraph = build(sdl);
    const forClients = featuresForClients(supergraph.schema);
    return forClients.size > 0 ? build(withoutLinks(sdl, forClients)) : supergraph;
  } catch (error) {
    throw new SupergraphError(
      `The supergraph cannot be served: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** Makes a supergraph ready to serve. @throws SupergraphError as {@link buildSupergraph} */
export function loadSupergraph(sdl: string): ServedSupergraph {
  const supergraph = buildSupergraph(sdl);
  const document = parse(sdl, { noLocation: true });
  return {
    sdl,
    hash: createHash('sha256').update(sdl).digest('hex'),
    apiSchema: withPurposeDirective(supergraph.apiSchema().toGraphQLJSSchema()),
    fullSchema: supergraph.schema.toGraphQLJSSchema(),
    routingUrls: new Map(supergraph.subgraphsMetadata().map(({ name, url }) => [name, url])),
    fieldSetNames: fieldSetNames(document),
    cacheHints: readCacheHints(document),
    cacheTags: readCacheTags(document),
    subgraphHashes: hashSubgraphs(document),
    entityKeys: readEntityKeys(document),
    access: readAccessConditions(document),
    departments: readDepartmentFacts(document),
    contracts: readContracts(document),
    tolerantFields: readTolerantFields(document),
  };
}

/** Arguments of the join specification's directives whose values are field sets (join v0.5, sections 4 and 5). */
const FIELD_SET_ARGUMENTS = new Set(['key', 'requires', 'provides', 'contextArguments']);

function fieldSetNames(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    Argument(argument) {
      if (!FIELD_SET_ARGUMENTS.has(argument.name.value)) return undefined;
      for (const [name] of print(argument.value).matchAll(/[_A-Za-z]\w*/g)) names.add(name);
      return false;
    },
  });
  return names;
}
