import {
  astFromValue,
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  print,
  visit,
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
  type VariableNode,
} from 'graphql';
import type { SubjectTypes } from '../supergraph/subject-types.ts';
import { isCondition, isIncluded } from './conditions.ts';
import type { DataKeys } from './data-keys.ts';
import type { FieldAccess } from './field-access.ts';

/** What normalising an operation depends on beside it. */
export interface NormaliseContext {
  apiSchema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  dataKeys: DataKeys;
  /** Values of the variables in `@skip` and `@include`. */
  variables: Readonly<Record<string, unknown>>;
  /** What may not be seen is not asked for. */
  access: FieldAccess;
  /** Entities of these types are asked for their key wherever they are; it is not given to the client. Default: none. */
  subjects?: SubjectTypes | undefined;
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
  const normaliser = new Normaliser(context);
  normaliser.add(operation.selectionSet, selections, [root]);
  const directives = normaliser.forwarded(operation.directives);
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, directives, selectionSet: selectionSet(selections) }],
  };
  return operation.variableDefinitions?.some(isReserved) ? visit(document, { Variable: renameReserved }) : document;
}

/** Variables that fetches of entities have of their own, and those that would be taken for a client's of that name. */
const RESERVED = /^(representations|contextualArgument_\d+_\d+)(__client)*$/;
/** What a client's variable of such a name ends with in plans. */
const CLIENTS_OWN = '__client';

function isReserved({ variable }: VariableDefinitionNode): boolean {
  return RESERVED.test(variable.name.value);
}

function renameReserved(node: VariableNode): VariableNode {
  const name = node.name.value;
  return RESERVED.test(name) ? { ...node, name: { kind: Kind.NAME, value: name + CLIENTS_OWN } } : node;
}

/** What the client calls a variable of a plan. */
export function clientVariable(name: string): string {
  return RESERVED.test(name) && name.endsWith(CLIENTS_OWN) ? name.slice(0, -CLIENTS_OWN.length) : name;
}

class Normaliser {
  readonly #context: NormaliseContext;

  constructor(context: NormaliseContext) {
    this.#context = context;
  }

  /** @param possible types that an object can have here, by all the conditions around it */
  add({ selections }: SelectionSetNode, into: Selections, possible: readonly GraphQLCompositeType[]): void {
    for (const node of selections) {
      if (!isIncluded(node.directives, this.#context.variables)) continue;
      if (node.kind === Kind.FIELD) this.#allowedField(node, into, possible);
      else if (node.kind === Kind.INLINE_FRAGMENT) this.#fragment(node, node.directives, into, possible);
      else this.#fragment(this.#context.fragments.get(node.name.value)!, node.directives, into, possible);
    }
  }

  /** Where only some of the types that an object can have here allow the field, it is asked of these. */
  #allowedField(node: FieldNode, into: Selections, possible: readonly GraphQLCompositeType[]): void {
    const name = node.name.value;
    const allowed = possible.filter((type) => this.#context.access.of(type.name, name)?.kind !== 'refused');
    if (allowed.length === possible.length) return this.#field(node, into);
    for (const type of allowed) this.#field(node, selectionsOf(type, into));
  }

  #field(node: FieldNode, { type, fields }: Selections): void {
    const name = node.name.value;
    if (name === '__schema' || name === '__type') return;
    const key = this.#context.dataKeys.get(node)!;
    const directives = this.forwarded(node.directives);
    const at = key + directives.map(print).join(' ');
    const known = fields.get(at);
    const field = known ?? { node: rename(node, key, directives), inner: innerOf(type, name) };
    if (!known) fields.set(at, field);
    const { inner } = field;
    if (!inner || !node.selectionSet) return;
    const possible = this.#possibleTypes(inner.type);
    this.add(node.selectionSet, inner, possible);
    this.#addKeys(inner, possible);
  }

  #addKeys(into: Selections, possible: readonly GraphQLCompositeType[]): void {
    for (const type of possible)
      for (const node of this.#context.subjects?.get(type.name)?.fields ?? [])
        this.#field(node, selectionsOf(type, into));
  }

  #fragment(
    {
      typeCondition,
      selectionSet: selections,
    }: Pick<FragmentDefinitionNode, 'selectionSet'> & Partial<Pick<FragmentDefinitionNode, 'typeCondition'>>,
    given: readonly DirectiveNode[] | undefined,
    into: Selections,
    possible: readonly GraphQLCompositeType[],
  ): void {
    const condition = typeCondition ? this.#context.apiSchema.getType(typeCondition.name.value) : into.type;
    if (!isCompositeType(condition)) return;
    const satisfying = new Set(this.#possibleTypes(condition));
    const left = possible.filter((type) => satisfying.has(type));
    if (left.length === 0) return;
    const directives = this.forwarded(given);
    // Narrowed only where the conditions around it say more: a department may provide fields on the interface alone.
    const type = left.length === 1 && satisfying.size > 1 && condition !== into.type ? left[0]! : condition;
    if (type === into.type && directives.length === 0) return this.add(selections, into, left);
    const at = type.name + directives.map(print).join(' ');
    let fragment = into.fragments.get(at);
    if (!fragment) into.fragments.set(at, (fragment = { directives, inner: emptySelections(type) }));
    this.add(selections, fragment.inner, left);
  }

  /** What departments are told: directives with every argument that has a default, which a department need not have. */
  forwarded(directives: readonly DirectiveNode[] = []): readonly DirectiveNode[] {
    const { apiSchema } = this.#context;
    return directives.flatMap((directive) => (isCondition(directive) ? [] : [withDefaults(directive, apiSchema)]));
  }

  /** An interface that has no types stands for those it will have: a department may know it as an object. */
  #possibleTypes(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    const types = isObjectType(type) ? [type] : this.#context.apiSchema.getPossibleTypes(type);
    return types.length > 0 ? types : [type];
  }
}

/** The selections of one of the types that an object can have. */
function selectionsOf(type: GraphQLCompositeType, of: Selections): Selections {
  if (type === of.type) return of;
  let fragment = of.fragments.get(type.name);
  if (!fragment) of.fragments.set(type.name, (fragment = { directives: [], inner: emptySelections(type) }));
  return fragment.inner;
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

function withDefaults(directive: DirectiveNode, schema: GraphQLSchema): DirectiveNode {
  const given = directive.arguments ?? [];
  const names = given.map(({ name }) => name.value);
  const missing = (schema.getDirective(directive.name.value)?.args ?? []).filter(({ name }) => !names.includes(name));
  const defaults = missing.flatMap(({ name, type, defaultValue }): ArgumentNode[] => {
    const value = defaultValue === undefined ? undefined : astFromValue(defaultValue, type);
    return value ? [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value }] : [];
  });
  return { ...directive, arguments: [...given, ...defaults] };
}
