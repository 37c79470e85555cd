import { Kind, type FieldNode, type SelectionSetNode } from 'graphql';
import type { Resolvers } from '../../subgraphs/kit/sdl-files.ts';
import type { FieldFacts, SubgraphFacts, TypeFacts } from './sdl-facts.ts';
import { canonical, type Truth, type TruthNode, type TruthValue } from './truth.ts';

/** An object inside a subgraph. */
interface SubgraphNode extends TruthNode {
  __typename: string;
  /** What the gateway told of an entity it asks for. */
  representation: Readonly<Record<string, unknown>> | undefined;
  /** `@external` fields that the way to this object `@provides`. */
  provided: SelectionSetNode | undefined;
}

/** How many mutations have run; the order in which they ran can be seen in their results. */
export interface MutationCount {
  count: number;
}

/**
 * Resolvers of one subgraph over the truth. It is stricter than a real department, so that a wrong fetch cannot give the
 * right answer by chance: what it was not told it does not know, and what is not its own it does not answer.
 */
export function subgraphResolvers(
  subgraph: SubgraphFacts,
  all: readonly SubgraphFacts[],
  truth: Truth,
  mutations: MutationCount,
): Resolvers {
  const resolvers: Record<string, Record<string, unknown>> = {};
  for (const type of subgraph.types.values()) {
    const fields = type.isInterface ? {} : fieldResolvers(type, { subgraph, all, truth, mutations });
    resolvers[type.name] = fields;
    if (type.keys.length > 0)
      fields['__resolveReference'] = (representation: Record<string, unknown>) =>
        resolveReference(type, representation, { subgraph, truth });
    if (type.isInterface) fields['__resolveType'] = ({ type: name }: SubgraphNode) => name;
  }
  for (const name of subgraph.unions.keys()) resolvers[name] = { __resolveType: ({ type }: SubgraphNode) => type };
  return resolvers as Resolvers;
}

interface ResolverContext {
  subgraph: SubgraphFacts;
  all: readonly SubgraphFacts[];
  truth: Truth;
  mutations: MutationCount;
}

function fieldResolvers(type: TypeFacts, context: ResolverContext): Record<string, unknown> {
  const resolvers: Record<string, unknown> = {};
  for (const field of type.fields.values()) {
    const isTakenOver = context.all.some(
      ({ types }) => types.get(type.name)?.fields.get(field.name)?.overrides === context.subgraph.name,
    );
    resolvers[field.name] = (parent: SubgraphNode | undefined, args: Record<string, unknown>) => {
      if (isTakenOver) throw new Error(`WRONG FETCH: ${type.name}.${field.name} has moved away`);
      return resolveField(type, field, { parent: parent ?? rootNode(type.name), args }, context);
    };
  }
  return resolvers;
}

function resolveField(
  type: TypeFacts,
  field: FieldFacts,
  { parent, args }: { parent: SubgraphNode; args: Record<string, unknown> },
  { truth, mutations, subgraph }: ResolverContext,
): unknown {
  const providedHere = providedField(parent.provided, field.name);
  if (field.isExternal && !providedHere && !isKeyField(type, field.name))
    throw new Error(`WRONG FETCH: ${type.name}.${field.name} is external`);
  // A subgraph that provides another's field has the same value of it, wherever it knows it from.
  const required = field.requires
    ? canonical(told(truth, parent.representation, field.requires))
    : truth.requiredText(parent, field.name);
  const sequence = type.name === 'Mutation' ? ++mutations.count : 0;
  const value = truth.value(parent, field.name, { args, required, sequence });
  return toSubgraph(value, { subgraph, provided: field.provides ?? providedHere?.selectionSet });
}

function isKeyField({ keys }: TypeFacts, fieldName: string): boolean {
  return keys.some(({ selections }) =>
    selections.some((selection) => selection.kind === Kind.FIELD && selection.name.value === fieldName),
  );
}

function rootNode(typeName: string): SubgraphNode {
  return {
    type: typeName,
    identity: typeName,
    __typename: typeName,
    representation: undefined,
    provided: undefined,
  };
}

interface ToSubgraph {
  subgraph: SubgraphFacts;
  provided: SelectionSetNode | undefined;
}

function toSubgraph(value: TruthValue, context: ToSubgraph): unknown {
  if (Array.isArray(value)) return value.map((item) => toSubgraph(item, context));
  if (!isNode(value)) return value;
  return {
    ...value,
    __typename: nameIn(context.subgraph, value.type),
    representation: undefined,
    provided: context.provided,
  };
}

/** Where a subgraph knows an interface as an object, that is the name it gives to all of its objects. */
function nameIn(subgraph: SubgraphFacts, typeName: string): string {
  return subgraph.types.has(typeName)
    ? typeName
    : ([...subgraph.types.values()].find(({ isInterfaceObject }) => isInterfaceObject)?.name ?? typeName);
}

function isNode(value: unknown): value is TruthNode {
  return typeof value === 'object' && value !== null && 'identity' in value;
}

function providedField(selectionSet: SelectionSetNode | undefined, fieldName: string): FieldNode | undefined {
  for (const selection of selectionSet?.selections ?? []) {
    if (selection.kind === Kind.FIELD && selection.name.value === fieldName) return selection;
    if (selection.kind !== Kind.INLINE_FRAGMENT) continue;
    const inner = providedField(selection.selectionSet, fieldName);
    if (inner) return inner;
  }
  return undefined;
}

function resolveReference(
  type: TypeFacts,
  representation: Readonly<Record<string, unknown>>,
  { subgraph, truth }: { subgraph: SubgraphFacts; truth: Truth },
): SubgraphNode {
  const found = entityOf(type, representation, truth);
  if (!found) throw new Error(`WRONG FETCH: no entity in ${subgraph.name} is ${JSON.stringify(representation)}`);
  return { ...found, __typename: nameIn(subgraph, found.type), representation, provided: undefined };
}

/** The entity that a representation means. Every key it has in full must mean the same one. */
export function entityOf(
  type: TypeFacts,
  representation: Readonly<Record<string, unknown>>,
  truth: Truth,
): TruthNode | undefined {
  const keys = type.keys.filter((key) =>
    key.selections.every((selection) => selection.kind !== Kind.FIELD || selection.name.value in representation),
  );
  if (keys.length === 0) return undefined;
  return truth.findEntity(type.name, (node) =>
    keys.every((key) => canonical(truth.select(node, key)) === canonical(told(truth, representation, key))),
  );
}

/** The part of a representation that a field set names. */
function told(truth: Truth, value: unknown, selectionSet: SelectionSetNode): unknown {
  if (value === undefined || value === null) return value ?? '(not told)';
  if (Array.isArray(value))
    return value.map((item: unknown) => (item === null ? null : told(truth, item, selectionSet)));
  const source = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const { typeCondition } = selection;
      if (truth.isOfType(String(source['__typename']), typeCondition?.name.value))
        Object.assign(result, told(truth, source, selection.selectionSet));
    } else if (selection.kind === Kind.FIELD && selection.name.value !== '__typename') {
      const member = source[selection.name.value];
      const inner = selection.selectionSet;
      result[selection.name.value] =
        inner && member !== null ? told(truth, member, inner) : (member ?? (member === null ? null : '(not told)'));
    }
  }
  return result;
}
