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
  /** Fields that were asked for and are refused, as `Type.field`. */
  refused: ReadonlySet<string>;
}

/** One schema that knows everything: the federation's schema for clients over the same truth. */
export interface Monolith {
  /** @param isRefused which fields the caller may not see. Default: none */
  expect(
    document: DocumentNode,
    variables: Readonly<Record<string, unknown>>,
    isRefused?: (typeName: string, fieldName: string) => boolean,
  ): Expectation;
}

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
    expect(document, variables, isRefused = () => false) {
      const refused = new Set<string>();
      const resolve: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) => {
        const { parentType, fieldName } = info;
        if (!isRefused(parentType.name, fieldName)) return resolveAll(source, args, context, info);
        refused.add(`${parentType.name}.${fieldName}`);
        return null;
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
      const all = run(lenient, (source, args, context, info) => {
        const type = fieldType(apiSchema, info.parentType.name, info.fieldName)!;
        types.set(pathText(pathOf(info.path)), type);
        const value = resolve(source, args, context, info);
        // A refusal is told by itself.
        if (isRefused(info.parentType.name, info.fieldName)) return null;
        return nullsToErrors(value, type, `${info.parentType.name}.${info.fieldName}`);
      });
      const possible = new Map((all.errors ?? []).map((error) => possibleError(error, types)));
      return { data, errors, possible, asked: new Set(types.keys()), refused };
    },
  };
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

function possibleError(error: GraphQLError, types: ReadonlyMap<string, GraphQLOutputType>): [string, PossibleError] {
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
