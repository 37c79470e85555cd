import type { FetchDataRewrite, FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, parse, type GraphQLSchema, type SelectionSetNode } from 'graphql';
import { possibleTypeNames } from '../execute/type-names.ts';
import { fieldsDefinitions, JoinDirective, parseFieldSet } from '../supergraph/join-directives.ts';

/** What a fetch of entities hands in for each entity of a type, beside `__typename`. */
export interface HandedIn {
  /** The type that the entity has in the graph. */
  type: string;
  /** The type's name in the department, where it knows an interface as an object. */
  as?: string;
  /** Fields that the department looks the entity up by, such as `id` or `office.code`. */
  keys: string[];
  /** Fields that the department requires beside them. */
  required: string[];
}

/** What reading representations depends on beside the fetch. */
export interface HandedInContext {
  /** The supergraph's full schema. */
  schema: GraphQLSchema;
  /** The `@key`s of a type in a department, each as its fields. */
  keysOf(typeName: string, service: string): readonly (readonly string[])[];
}

/** What the representations of a fetch hold, by type; empty where it is not for entities. */
export function handedIn(
  { requires = [], inputRewrites = [], serviceName }: FetchNode,
  { schema, keysOf }: HandedInContext,
): HandedIn[] {
  const renamed = renamedFields(inputRewrites);
  const fields = new Map<string, Set<string>>();
  collectByType(requires, undefined, (typeName, path) => {
    const known = fields.get(typeName) ?? new Set<string>();
    fields.set(typeName, known.add(path.map((name) => renamed.get(name) ?? name).join('.')));
  });
  return handInByType(fields, schema).map(([type, given]) => {
    const as = typeNameGiven(inputRewrites, type);
    const keys = new Set(
      keysOf(as ?? type, serviceName)
        .filter((key) => key.every((field) => given.has(field)))
        .flat(),
    );
    return {
      type,
      ...(as === undefined || as === type ? {} : { as }),
      keys: [...given].filter((field) => keys.has(field)),
      required: [...given].filter((field) => !keys.has(field)),
    };
  });
}

/** What is required of an interface is handed in for each of the types behind it that something is required of, too. */
function handInByType(
  fields: ReadonlyMap<string, ReadonlySet<string>>,
  schema: GraphQLSchema,
): [type: string, fields: ReadonlySet<string>][] {
  const wider = new Set<string>();
  const whole = new Map([...fields].map(([type, own]) => [type, new Set(own)]));
  for (const [type, own] of fields) {
    const behind = possibleTypeNames(type, schema);
    for (const [other, all] of whole) {
      if (other === type || !behind.has(other)) continue;
      wider.add(type);
      for (const field of own) all.add(field);
    }
  }
  return [...whole].filter(([type]) => !wider.has(type));
}

/** Reads the keys of a supergraph. */
export function readKeys(supergraphSdl: string): HandedInContext['keysOf'] {
  const document = parse(supergraphSdl, { noLocation: true });
  const types = fieldsDefinitions(document);
  const graphs = new Map<string | undefined, string>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph')
      for (const value of definition.values ?? [])
        for (const { name } of JoinDirective.of(value, 'join__graph')) graphs.set(name, value.name.value);
  return (typeName, service) => {
    const definition = types.get(typeName);
    const directives = definition ? JoinDirective.of(definition, 'join__type') : [];
    return directives.flatMap(({ graph, key }) =>
      key !== undefined && graph === graphs.get(service) ? [leavesOf(parseFieldSet(key), [])] : [],
    );
  };
}

/** Visits each leaf that is required, with the narrowest type that is named around it. */
function collectByType(
  selections: readonly QueryPlanSelectionNode[],
  typeName: string | undefined,
  visit: (typeName: string, path: readonly string[]) => void,
): void {
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment')
      collectByType(selection.selections, selection.typeCondition ?? typeName, visit);
    else if (typeName !== undefined) for (const path of leafPaths(selection, [])) visit(typeName, path);
  }
}

function leafPaths(selection: QueryPlanSelectionNode, above: readonly string[]): (readonly string[])[] {
  if (selection.kind === 'InlineFragment') return selection.selections.flatMap((each) => leafPaths(each, above));
  const path = [...above, selection.alias ?? selection.name];
  if (selection.selections) return selection.selections.flatMap((each) => leafPaths(each, path));
  return selection.name === '__typename' ? [] : [path];
}

function leavesOf({ selections }: SelectionSetNode, above: readonly string[]): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    if (selection.kind === Kind.INLINE_FRAGMENT) return leavesOf(selection.selectionSet, above);
    const path = [...above, selection.name.value];
    if (selection.selectionSet) return leavesOf(selection.selectionSet, path);
    return selection.name.value === '__typename' ? [] : [path.join('.')];
  });
}

/** Names of our own, and the department's for the same. */
function renamedFields(rewrites: readonly FetchDataRewrite[]): Map<string, string> {
  return new Map(
    rewrites.flatMap((rewrite): [string, string][] =>
      rewrite.kind === 'KeyRenamer' ? [[rewrite.path.at(-1)!, rewrite.renameKeyTo]] : [],
    ),
  );
}

function typeNameGiven(rewrites: readonly FetchDataRewrite[], typeName: string): string | undefined {
  const setter = rewrites.find(
    ({ kind, path }) => kind === 'ValueSetter' && path.length === 2 && path[0] === `... on ${typeName}`,
  );
  return setter?.kind === 'ValueSetter' && setter.path[1] === '__typename' ? String(setter.setValueTo) : undefined;
}
