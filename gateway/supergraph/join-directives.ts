import {
  Kind,
  parse,
  print,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** A type of a supergraph that has fields. */
export type FieldsDefinition = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** The types of a supergraph that have fields, by name. */
export function fieldsDefinitions(document: DocumentNode): ReadonlyMap<string, FieldsDefinition> {
  const found = document.definitions.flatMap((definition): [string, FieldsDefinition][] =>
    isFieldsDefinition(definition) ? [[definition.name.value, definition]] : [],
  );
  return new Map(found);
}

export function isFieldsDefinition(definition: DocumentNode['definitions'][number]): definition is FieldsDefinition {
  return definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

/** A directive of the join specification, read. @see https://specs.apollo.dev/join/v0.5 */
export class JoinDirective {
  readonly node: ConstDirectiveNode;

  constructor(node: ConstDirectiveNode) {
    this.node = node;
  }

  /** Those of an element with a name, such as `join__type`. */
  static of(
    element: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
    name: string,
  ): JoinDirective[] {
    const nodes = (element.directives ?? []).filter((node) => node.name.value === name);
    return nodes.map((node) => new JoinDirective(node));
  }

  /** The value of `join__Graph` it is about. */
  get graph(): string | undefined {
    return this.#text('graph');
  }

  /** The subgraph's name, of `join__graph`. */
  get name(): string | undefined {
    return this.#text('name');
  }

  get key(): string | undefined {
    return this.#text('key');
  }

  get requires(): string | undefined {
    return this.#text('requires');
  }

  get provides(): string | undefined {
    return this.#text('provides');
  }

  /** What the field's arguments take from objects above it: a context's name, and a field set. */
  get contextArguments(): readonly { context: string; selection: string }[] {
    const value = this.#value('contextArguments');
    const given = value ? (valueFromASTUntyped(value) as { context: string; selection: string }[]) : [];
    // Composition leaves the braces out around type conditions.
    return given.map(({ context, selection }) => ({
      context,
      selection: selection.trimStart().startsWith('{') ? `... ${selection}` : selection,
    }));
  }

  get isExternal(): boolean {
    return this.#isTrue('external');
  }

  /** Another department gives the field, and this one has it for its own requirements alone. */
  get isUsedOverridden(): boolean {
    return this.#isTrue('usedOverridden');
  }

  get isInterfaceObject(): boolean {
    return this.#isTrue('isInterfaceObject');
  }

  get isResolvable(): boolean {
    const value = this.#value('resolvable');
    return value?.kind !== Kind.BOOLEAN || value.value;
  }

  /** The same with other arguments. */
  with(changed: Readonly<Record<string, ConstValueNode>>): ConstDirectiveNode {
    const kept = (this.node.arguments ?? []).filter(({ name }) => !(name.value in changed));
    const given = Object.entries(changed).map(
      ([name, value]) => ({ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value }) as const,
    );
    return { ...this.node, arguments: [...kept, ...given] };
  }

  #value(name: string): ConstValueNode | undefined {
    return this.node.arguments?.find((argument) => argument.name.value === name)?.value;
  }

  #text(name: string): string | undefined {
    const value = this.#value(name);
    return value && 'value' in value && typeof value.value === 'string' ? value.value : undefined;
  }

  #isTrue(name: string): boolean {
    const value = this.#value(name);
    return value?.kind === Kind.BOOLEAN && value.value;
  }
}

/** Makes a directive of the join specification. */
export function joinDirective(name: string, given: Readonly<Record<string, ConstValueNode>>): ConstDirectiveNode {
  const empty: ConstDirectiveNode = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: name } };
  return new JoinDirective(empty).with(given);
}

export function enumValue(value: string): ConstValueNode {
  return { kind: Kind.ENUM, value };
}

export function stringValue(value: string): ConstValueNode {
  return { kind: Kind.STRING, value };
}

export function booleanValue(value: boolean): ConstValueNode {
  return { kind: Kind.BOOLEAN, value };
}

/** Parses a field set, such as `id org { id }`. */
export function parseFieldSet(text: string): SelectionSetNode {
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError(`"${text}" is not a field set`);
  return definition.selectionSet;
}

export function printFieldSet(fieldSet: SelectionSetNode): string {
  return print(fieldSet).slice(1, -1).replaceAll(/\s+/g, ' ').trim();
}

/** Names of the fields that a field set begins with. */
export function topLevelNames(fieldSet: string): string[] {
  return parseFieldSet(fieldSet).selections.flatMap((node) => (node.kind === Kind.FIELD ? [node.name.value] : []));
}

/** The name of the type of a field, without lists and non-null. */
export function namedType({ type }: FieldDefinitionNode): string {
  let inner = type;
  while (inner.kind !== Kind.NAMED_TYPE) inner = inner.type;
  return inner.name.value;
}

/** Visits each field of a field set with the type it belongs to. */
export function eachRequiredField(
  { selections }: SelectionSetNode,
  typeName: string,
  types: ReadonlyMap<string, FieldsDefinition>,
  visit: (field: SelectionSetNode['selections'][number] & { kind: Kind.FIELD }, parentName: string) => void,
): void {
  for (const node of selections) {
    if (node.kind === Kind.FRAGMENT_SPREAD) continue;
    if (node.kind === Kind.INLINE_FRAGMENT) {
      eachRequiredField(node.selectionSet, node.typeCondition?.name.value ?? typeName, types, visit);
      continue;
    }
    visit(node, typeName);
    const definition = types.get(typeName)?.fields?.find(({ name }) => name.value === node.name.value);
    if (node.selectionSet && definition) eachRequiredField(node.selectionSet, namedType(definition), types, visit);
  }
}

/** A field with what it leaves unsaid: one that does not say which graphs it is in is in every graph that its type is in. */
export function withJoinedFields(type: FieldsDefinition, field: FieldDefinitionNode): FieldDefinitionNode {
  if (JoinDirective.of(field, 'join__field').length > 0) return field;
  const graphs = new Set(JoinDirective.of(type, 'join__type').flatMap((each) => each.graph ?? []));
  const joined = [...graphs].map((graph) => joinDirective('join__field', { graph: enumValue(graph) }));
  return { ...field, directives: [...(field.directives ?? []), ...joined] };
}
