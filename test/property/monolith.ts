import {
  buildASTSchema,
  execute,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import type { PlainRefusal } from './plain-reading.ts';
import type { MutationCount } from './subgraph-resolvers.ts';
import type { Truth, TruthNode, TruthValue } from './truth.ts';

export type Path = readonly (string | number)[];

/** A place of the answer that fails, whether or not null propagation hides it. */
export interface PossibleError {
  path: Path;
  message: string;
  /** The nearest place at or above it that may be null: what becomes null. Undefined: the whole data. */
  landing: Path;
}

/** What the right answer is. */
export interface Expectation {
  data: Record<string, unknown> | null;
  /** The errors of one execution: those that were met before null propagation ended it. */
  errors: readonly GraphQLError[];
  /** Every error there could be, by {@link pathText}. */
  possible: ReadonlyMap<string, PossibleError>;
  /** Every place that was asked for, by {@link pathText}. */
  asked: ReadonlySet<string>;
  /** Fields that were asked for and are refused whatever the record, as `Type.field`. */
  refused: ReadonlySet<string>;
  /** What is decided about those that are refused because of the record, by {@link pathText}. */
  refusedAt: ReadonlyMap<string, string>;
  /** Places that may be null because of a field that is refused whatever the record, by {@link pathText}. */
  excused: ReadonlySet<string>;
}

/** One schema that knows everything: the federation's schema for clients over the same truth. */
export interface Monolith {
  /** @param refusalOf which fields the caller may not see. Default: none */
  expect(document: DocumentNode, variables: Readonly<Record<string, unknown>>, refusalOf?: RefusalOf): Expectation;
}

/** Why a field may not be seen; undefined where it may. @param node the object that has it; absent at the root */
type RefusalOf = (typeName: string, fieldName: string, node: TruthNode | undefined) => PlainRefusal | undefined;

/** A path as a key of a map. */
export function pathText(path: Path): string {
  return JSON.stringify(path);
}

/** Makes the monolith of a federation. */
export function createMonolith(apiSchema: GraphQLSchema, truth: Truth): Monolith {
  const lenient = withoutNonNull(apiSchema);
  const mutations: MutationCount = { count: 0 };
  const resolveAll = resolver(truth, mutations);
  return {
    expect(document, variables, refusalOf = () => undefined) {
      const resolve: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) => {
        const isRefused = refusalOf(info.parentType.name, info.fieldName, source as TruthNode | undefined);
        return isRefused ? null : resolveAll(source, args, context, info);
      };
      const run = (schema: GraphQLSchema, fieldResolver: GraphQLFieldResolver<unknown, unknown>): ExecutionResult => {
        mutations.count = 0;
        return execute({
          schema,
          document,
          variableValues: variables,
          fieldResolver,
          typeResolver: (value) => (value as TruthNode).type,
        }) as ExecutionResult;
      };
      const { data = null, errors = [] } = run(apiSchema, resolve);
      const types = new Map<string, GraphQLOutputType>();
      const met: MetRefusal[] = [];
      const all = run(lenient, (source, args, context, info) => {
        const type = fieldType(apiSchema, info.parentType.name, info.fieldName)!;
        const path = pathOf(info.path);
        types.set(pathText(path), type);
        const coordinate = `${info.parentType.name}.${info.fieldName}`;
        const refusal = refusalOf(info.parentType.name, info.fieldName, source as TruthNode | undefined);
        if (!refusal) return nullsToErrors(resolveAll(source, args, context, info), type, coordinate);
        // A refusal is told by itself.
        met.push({ ...refusal, path, coordinate });
        return null;
      });
      const byRecord = met.filter(({ isByRecord }) => isByRecord);
      const others = met.filter(({ isByRecord }) => !isByRecord);
      const failing = [
        ...(all.errors ?? []),
        ...byRecord.map(({ path, coordinate }) => ({ path, message: `${coordinate} is refused` })),
      ];
      return {
        data,
        errors,
        possible: new Map(failing.map((error) => possibleError(error, types))),
        asked: new Set(types.keys()),
        refused: new Set(others.map(({ coordinate }) => coordinate)),
        refusedAt: new Map(byRecord.map(({ path, outcome }) => [pathText(path), outcome])),
        excused: new Set(others.map(({ path }) => pathText(landingOf(path, types)))),
      };
    },
  };
}

/** A place that was asked for and is refused. */
interface MetRefusal extends PlainRefusal {
  path: Path;
  /** `Type.field` */
  coordinate: string;
}

function resolver(truth: Truth, mutations: MutationCount): GraphQLFieldResolver<unknown, unknown> {
  return (source, args, _context, { parentType, fieldName }) => {
    const node = (source as TruthNode | undefined) ?? { type: parentType.name, identity: parentType.name };
    const required = truth.requiredText(node, fieldName);
    const sequence = parentType.name === 'Mutation' ? ++mutations.count : 0;
    return truth.value(node, fieldName, { args: args as Record<string, unknown>, required, sequence });
  };
}

/**
 * The same schema in which everything may be null, so that no error hides another. It is made from the definitions, not
 * from a printed schema: graphql-js cannot print a default of a custom scalar that is an object.
 */
function withoutNonNull(schema: GraphQLSchema): GraphQLSchema {
  const nodes = Object.values(schema.getTypeMap()).flatMap(({ astNode }) => (astNode ? [astNode] : []));
  const definitions = schema.astNode ? [...nodes, schema.astNode] : nodes;
  const document = visit({ kind: Kind.DOCUMENT, definitions } satisfies DocumentNode, {
    FieldDefinition: (field) => ({
      ...field,
      type: visit(field.type, { NonNullType: { leave: (node) => node.type } }),
    }),
  });
  return buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
}

/** Where there is no non-null in the schema, null in its place must be made an error by hand. */
function nullsToErrors(value: TruthValue, type: GraphQLOutputType, coordinate: string): TruthValue {
  if (isNonNullType(type)) {
    if (value === null) return new Error(`Cannot return null for non-nullable field ${coordinate}.`);
    return nullsToErrors(value, type.ofType as GraphQLOutputType, coordinate);
  }
  if (!isListType(type) || !Array.isArray(value)) return value;
  return value.map((item) => nullsToErrors(item, type.ofType, coordinate));
}

function possibleError(
  error: Pick<GraphQLError, 'path' | 'message'>,
  types: ReadonlyMap<string, GraphQLOutputType>,
): [string, PossibleError] {
  const path = error.path ?? [];
  return [pathText(path), { path, message: error.message, landing: landingOf(path, types) }];
}

function landingOf(path: Path, types: ReadonlyMap<string, GraphQLOutputType>): Path {
  for (let length = path.length; length > 0; length--) {
    const type = typeAt(path.slice(0, length), types);
    if (type && !isNonNullType(type)) return path.slice(0, length);
  }
  return [];
}

/** The type at a place: of a field, or of an item of its list. */
function typeAt(path: Path, types: ReadonlyMap<string, GraphQLOutputType>): GraphQLOutputType | undefined {
  const last = path.at(-1);
  if (typeof last !== 'number') return types.get(pathText(path));
  const list = typeAt(path.slice(0, -1), types);
  const nullable = isNonNullType(list) ? list.ofType : list;
  return isListType(nullable) ? (nullable.ofType as GraphQLOutputType) : undefined;
}

function fieldType(schema: GraphQLSchema, typeName: string, fieldName: string): GraphQLOutputType | undefined {
  const type = schema.getType(typeName);
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName]?.type : undefined;
}

function pathOf(path: { readonly prev: unknown; readonly key: string | number } | undefined): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at = path; at; at = at.prev as typeof path) keys.push(at.key);
  return keys.reverse();
}
