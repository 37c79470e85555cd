import { pathToFileURL } from 'node:url';
import {
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isAbstractType,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { readSdl, type Resolvers } from '../../subgraphs/kit/sdl-files.ts';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import type { SubgraphSource } from '../supergraph/composition.ts';
import type { ServedDepartment } from './folder-department.ts';

/** Records in a list that was made up. */
const LISTED = 2;
const RANGE = 1_000;

/** A record that was made up: what is known of it, such as its key, and what the rest is made of. */
type MadeUp = Readonly<Record<string, unknown>>;

/**
 * Serves made-up answers in place of a department that is not running: the same for the same key, texts that say that they are made up,
 * and keys as they were asked for.
 *
 * @throws StartError where its SDL cannot be taken
 */
export async function serveMock({ name, sdl, origin }: SubgraphSource): Promise<ServedDepartment> {
  const file = pathToFileURL(origin);
  const resolvers = mockResolvers(readSdl(origin).schema);
  const open = () => Promise.resolve({ resolvers, createContext: () => ({}), close: () => Promise.resolve() });
  const served = await serveDepartment({ name, port: 0, schemaFile: file, open }, { PORT: '0' });
  return { subgraph: { name, sdl, origin, routingUrl: served.url }, close: () => served.close() };
}

function mockResolvers(schema: GraphQLSchema): Resolvers {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('_'));
  const entries = types.flatMap((type): [string, unknown][] => {
    if (isAbstractType(type)) return [[type.name, { __resolveType: ({ __typename }: MadeUp) => __typename }]];
    if (!isObjectType(type)) return [];
    const names = Object.keys(type.getFields()).filter((name) => !name.startsWith('_'));
    const fields = names.map((name) => [name, mockField]);
    const reference = roots.includes(type) ? {} : { __resolveReference: (given: MadeUp) => given };
    return [[type.name, { ...Object.fromEntries(fields), ...reference }]];
  });
  return Object.fromEntries(entries) as Resolvers;
}

const mockField: GraphQLFieldResolver<MadeUp | undefined, unknown, MadeUp> = (parent = {}, args, _, info) => {
  const known = parent[info.fieldName];
  if (known !== undefined) return known;
  const seed = hashOf(JSON.stringify([info.parentType.name, parent, info.fieldName, args]));
  return mockValue(info.returnType, { seed, args, name: info.fieldName, schema: info.schema });
};

interface MockScope {
  seed: number;
  args: MadeUp;
  name: string;
  schema: GraphQLSchema;
}

function mockValue(type: GraphQLOutputType, scope: MockScope): unknown {
  if (isNonNullType(type)) return mockValue(type.ofType as GraphQLOutputType, scope);
  if (isListType(type))
    return Array.from({ length: LISTED }, (_, at) =>
      mockValue(type.ofType, { ...scope, seed: scope.seed + at, args: {} }),
    );
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[scope.seed % named.getValues().length]!.value;
  const concrete = isAbstractType(named) ? scope.schema.getPossibleTypes(named)[0] : named;
  return isObjectType(concrete) ? mockRecord(concrete.name, concrete.getFields(), scope) : mockLeaf(named, scope);
}

/** What a record was asked for by is its own, and all that it is made of: so it is the same whoever leads to it. */
function mockRecord(type: string, fields: object, { seed, args }: MockScope): MadeUp {
  const own = Object.entries(args).filter(([name]) => Object.hasOwn(fields, name));
  return { __typename: type, ...(own.length > 0 ? Object.fromEntries(own) : { '': seed }) };
}

function mockLeaf({ name: type }: GraphQLNamedType, { seed, name }: MockScope): unknown {
  switch (type) {
    case 'Int':
      return seed % RANGE;
    case 'Float':
      return (seed % RANGE) + 0.5;
    case 'Boolean':
      return seed % 2 === 0;
    default:
      return `mocked ${name} ${seed % RANGE}`;
  }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
