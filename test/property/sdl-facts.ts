import {
  Kind,
  parse,
  print,
  type ConstDirectiveNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
  type UnionTypeDefinitionNode,
} from 'graphql';

/** A field as one subgraph defines it. */
export interface FieldFacts {
  name: string;
  type: TypeNode;
  hasArguments: boolean;
  isExternal: boolean;
  requires: SelectionSetNode | undefined;
  provides: SelectionSetNode | undefined;
  /** The subgraph that this one takes the field over from. */
  overrides: string | undefined;
}

/** A type with fields as one subgraph defines it. */
export interface TypeFacts {
  name: string;
  isInterface: boolean;
  isInterfaceObject: boolean;
  interfaces: string[];
  keys: SelectionSetNode[];
  /** Whether objects can be looked up by one of the keys. */
  isEntered: boolean;
  fields: Map<string, FieldFacts>;
}

/** What a subgraph's SDL says, as far as data depends on it. */
export interface SubgraphFacts {
  name: string;
  types: Map<string, TypeFacts>;
  unions: Map<string, string[]>;
  enums: Map<string, string[]>;
}

/** Reads one subgraph's SDL. */
export function readSubgraph(name: string, sdl: string): SubgraphFacts {
  const facts: SubgraphFacts = { name, types: new Map(), unions: new Map(), enums: new Map() };
  for (const definition of parse(sdl, { noLocation: true }).definitions) {
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION)
      facts.types.set(definition.name.value, readType(definition));
    else if (definition.kind === Kind.UNION_TYPE_DEFINITION)
      facts.unions.set(definition.name.value, readMembers(definition));
    else if (definition.kind === Kind.ENUM_TYPE_DEFINITION)
      facts.enums.set(definition.name.value, readEnum(definition));
  }
  return facts;
}

/** The name at the core of a type, without lists and non-null. */
export function baseName(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : baseName(type.type);
}

/** Types a value of an abstract type may have in a subgraph; undefined for a type that is not abstract there. */
export function possibleTypes(subgraph: SubgraphFacts, typeName: string): string[] | undefined {
  const members = subgraph.unions.get(typeName);
  if (members) return members;
  if (!subgraph.types.get(typeName)?.isInterface) return undefined;
  const isPossible = (type: TypeFacts): boolean => !type.isInterface && type.interfaces.includes(typeName);
  return [...subgraph.types.values()].filter(isPossible).map(({ name }) => name);
}

/** The text of a field set, such as a key's, as a selection set. */
function parseFieldSet(text: string): SelectionSetNode {
  const [definition] = parse(`{ ${text} }`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError(`Not a field set: ${text}`);
  return definition.selectionSet;
}

function readType(node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode): TypeFacts {
  return {
    name: node.name.value,
    isInterface: node.kind === Kind.INTERFACE_TYPE_DEFINITION,
    isInterfaceObject: (node.directives ?? []).some((directive) => directive.name.value === 'interfaceObject'),
    interfaces: (node.interfaces ?? []).map((each) => each.name.value),
    keys: (node.directives ?? [])
      .filter((directive) => directive.name.value === 'key')
      .map((directive) => parseFieldSet(argument(directive, 'fields')!)),
    isEntered: (node.directives ?? []).some(
      (directive) => directive.name.value === 'key' && !/resolvable: false/.test(print(directive)),
    ),
    fields: new Map((node.fields ?? []).map((field) => [field.name.value, readField(field)])),
  };
}

function readField(node: FieldDefinitionNode): FieldFacts {
  const directive = (name: string): ConstDirectiveNode | undefined =>
    node.directives?.find((each) => each.name.value === name);
  const fieldSet = (name: string): SelectionSetNode | undefined => {
    const text = argument(directive(name), 'fields');
    return text === undefined ? undefined : parseFieldSet(text);
  };
  return {
    name: node.name.value,
    type: node.type,
    hasArguments: (node.arguments ?? []).length > 0,
    isExternal: directive('external') !== undefined,
    requires: fieldSet('requires'),
    provides: fieldSet('provides'),
    overrides: argument(directive('override'), 'from'),
  };
}

function readMembers(node: UnionTypeDefinitionNode): string[] {
  return (node.types ?? []).map(({ name }) => name.value);
}

function readEnum(node: EnumTypeDefinitionNode): string[] {
  return (node.values ?? []).map(({ name }) => name.value);
}

function argument(directive: ConstDirectiveNode | undefined, name: string): string | undefined {
  const value = directive?.arguments?.find((each) => each.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
