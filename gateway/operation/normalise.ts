import {
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  print,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
  type VariableNode,
} from 'graphql';
import { isCondition, isIncluded } from './conditions.ts';
import type { DataKeys } from './data-keys.ts';

/** What normalising an operation depends on beside it. */
export interface NormaliseContext {
  apiSchema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  dataKeys: DataKeys;
  /** Values of the variables in `@skip` and `@include`. */
  variables: Readonly<Record<string, unknown>>;
}

/** Selections of one object, each once, in the order in which they are first met. */
interface Selections {
  type: GraphQLCompositeType;
  fields: Map<string, { node: FieldNode; inner: Selections | undefined }>;
  fragments: Map<string, { directives: readonly DirectiveNode[]; inner: Selections }>;
}

/**
 * Says the same as a valid operation in the form that the planner makes the least mistakes with: conditions decided,
 * fields under their data keys, named fragments spread, what no type satisfies left out, and every field once: a mutation
 * that is selected in two places must run once, and where it stands first. Introspection is left out.
 */
export function normaliseOperation(operation: OperationDefinitionNode, context: NormaliseContext): DocumentNode {
  const root = context.apiSchema.getRootType(operation.operation)!;
  const selections = emptySelections(root);
  new Normaliser(context).add(operation.selectionSet, selections, [root]);
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, selectionSet: selectionSet(selections) }],
  };
  return operation.variableDefinitions?.some(isReserved) ? visit(document, { Variable: renameReserved }) : document;
}

/** The variable that every fetch of entities has of its own, and what a client's of that name is called in plans. */
const REPRESENTATIONS = 'representations';
const CLIENT_REPRESENTATIONS = 'representations__client';

function isReserved({ variable }: VariableDefinitionNode): boolean {
  return variable.name.value === REPRESENTATIONS;
}

function renameReserved(node: VariableNode): VariableNode {
  if (node.name.value !== REPRESENTATIONS) return node;
  return { ...node, name: { kind: Kind.NAME, value: CLIENT_REPRESENTATIONS } };
}

/** What the client calls a variable of a plan. */
export function clientVariable(name: string): string {
  return name === CLIENT_REPRESENTATIONS ? REPRESENTATIONS : name;
}

class Normaliser {
  readonly #context: NormaliseContext;

  constructor(context: NormaliseContext) {
    this.#context = context;
  }

  /** @param possible types that an object can have here, by all the conditions around it */
  add({ selections }: SelectionSetNode, into: Selections, possible: readonly GraphQLObjectType[]): void {
    for (const node of selections) {
      if (!isIncluded(node.directives, this.#context.variables)) continue;
      if (node.kind === Kind.FIELD) this.#field(node, into);
      else if (node.kind === Kind.INLINE_FRAGMENT) this.#fragment(node, node.directives, into, possible);
      else this.#fragment(this.#context.fragments.get(node.name.value)!, node.directives, into, possible);
    }
  }

  #field(node: FieldNode, { type, fields }: Selections): void {
    const name = node.name.value;
    if (name === '__schema' || name === '__type') return;
    const key = this.#context.dataKeys.get(node)!;
    const directives = withoutConditions(node.directives);
    const at = key + directives.map(print).join(' ');
    const known = fields.get(at);
    const field = known ?? { node: rename(node, key, directives), inner: innerOf(type, name) };
    if (!known) fields.set(at, field);
    const { inner } = field;
    if (inner && node.selectionSet) this.add(node.selectionSet, inner, this.#possibleTypes(inner.type));
  }

  #fragment(
    {
      typeCondition,
      selectionSet: selections,
    }: Pick<FragmentDefinitionNode, 'selectionSet'> & Partial<Pick<FragmentDefinitionNode, 'typeCondition'>>,
    given: readonly DirectiveNode[] | undefined,
    into: Selections,
    possible: readonly GraphQLObjectType[],
  ): void {
    const condition = typeCondition ? this.#context.apiSchema.getType(typeCondition.name.value) : into.type;
    if (!isCompositeType(condition)) return;
    const satisfying = new Set(this.#possibleTypes(condition));
    const left = possible.filter((type) => satisfying.has(type));
    if (left.length === 0) return;
    const directives = withoutConditions(given);
    // Narrowed only where the conditions around it say more: a department may provide fields on the interface alone.
    const type = left.length === 1 && satisfying.size > 1 && condition !== into.type ? left[0]! : condition;
    if (type === into.type && directives.length === 0) return this.add(selections, into, left);
    const at = type.name + directives.map(print).join(' ');
    let fragment = into.fragments.get(at);
    if (!fragment) into.fragments.set(at, (fragment = { directives, inner: emptySelections(type) }));
    this.add(selections, fragment.inner, left);
  }

  #possibleTypes(type: GraphQLCompositeType): readonly GraphQLObjectType[] {
    return isObjectType(type) ? [type] : this.#context.apiSchema.getPossibleTypes(type);
  }
}

function emptySelections(type: GraphQLCompositeType): Selections {
  return { type, fields: new Map(), fragments: new Map() };
}

/** A selection set may not be empty; `__typename` can always be asked for. */
function selectionSet({ fields, fragments }: Selections): SelectionSetNode {
  const selections: SelectionNode[] = [];
  for (const { node, inner } of fields.values())
    selections.push(inner ? { ...node, selectionSet: selectionSet(inner) } : node);
  for (const { directives, inner } of fragments.values())
    selections.push({
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: inner.type.name } },
      directives,
      selectionSet: selectionSet(inner),
    });
  if (selections.length > 0) return { kind: Kind.SELECTION_SET, selections };
  return {
    kind: Kind.SELECTION_SET,
    selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }],
  };
}

function rename(
  { name, arguments: given = [] }: FieldNode,
  key: string,
  directives: readonly DirectiveNode[],
): FieldNode {
  const alias = key === name.value ? {} : { alias: { kind: Kind.NAME, value: key } as const };
  return { kind: Kind.FIELD, ...alias, name, arguments: given, directives };
}

function innerOf(parent: GraphQLCompositeType, name: string): Selections | undefined {
  const field = 'getFields' in parent ? parent.getFields()[name] : undefined;
  const named = field && getNamedType(field.type);
  return isCompositeType(named) ? emptySelections(named) : undefined;
}

function withoutConditions(directives: readonly DirectiveNode[] = []): readonly DirectiveNode[] {
  return directives.filter((directive) => !isCondition(directive));
}
