import {
  Kind,
  parse,
  print,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type Location,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';

/** A type as a department writes it. */
export type OwnType = TypeDefinitionNode | TypeExtensionNode;

/** What a schema is made of, with the type that it stands in. */
export type Element =
  | { readonly kind: 'type'; readonly coordinate: string; readonly type: OwnType; readonly node: OwnType }
  | { readonly kind: 'field'; readonly coordinate: string; readonly type: OwnType; readonly node: FieldDefinitionNode }
  | {
      readonly kind: 'argument' | 'inputField';
      readonly coordinate: string;
      readonly type: OwnType;
      readonly node: InputValueDefinitionNode;
    }
  | {
      readonly kind: 'enumValue';
      readonly coordinate: string;
      readonly type: OwnType;
      readonly node: EnumValueDefinitionNode;
    };

/** What the project and federation bring, also where a subgraph writes it out as it gives itself. */
const NOT_OWN = /^_|__|^(FieldSet|Scope|Policy|ContextArgument|LegacyFed|CacheControlScope)$/;

/** All that a department has written itself, in the order in which it stands. */
export function elementsOf(document: DocumentNode): Element[] {
  return ownTypes(document).flatMap((node) => {
    return [{ kind: 'type', coordinate: node.name.value, type: node, node } as const, ...partsOf(node)];
  });
}

/** The types among it. */
export function ownTypes(document: DocumentNode): OwnType[] {
  return document.definitions.flatMap((node) => (isType(node) && !NOT_OWN.test(node.name.value) ? [node] : []));
}

function isType(node: { kind: string }): node is OwnType {
  return /Type(Definition|Extension)$/.test(node.kind);
}

function partsOf(type: OwnType): Element[] {
  const within = (node: { name: { value: string } }): string => `${type.name.value}.${node.name.value}`;
  if ('values' in type) {
    const values = type.values ?? [];
    return values.map((node) => ({ kind: 'enumValue', coordinate: within(node), type, node }));
  }
  if (!('fields' in type)) return [];
  return (type.fields ?? []).flatMap((node): Element[] => {
    const coordinate = within(node);
    if (node.kind === Kind.INPUT_VALUE_DEFINITION) return [{ kind: 'inputField', coordinate, type, node }];
    // What is another department's, or federation's, is not theirs to write otherwise.
    if (directive(node, 'external') || node.name.value.startsWith('_')) return [];
    const args = (node.arguments ?? []).map((each) => {
      return { kind: 'argument', coordinate: `${coordinate}.${each.name.value}`, type, node: each } as const;
    });
    return [{ kind: 'field', coordinate, type, node }, ...args];
  });
}

/** What of an element somebody touches who changes it: of a type all but its fields, values and members. */
export function textOf({ kind, node }: Element): string {
  if (kind !== 'type') return print(node);
  const { description, directives = [] } = { description: undefined, ...node };
  return [node.kind, description?.value ?? '', ...directives.map((each) => print(each))].join('\n');
}

/** Line and column of its name, where the eye looks for it. */
export function placeIn({ node }: Element): { line: number; column: number } {
  const { line, column } = (node.name.loc as Location).startToken;
  return { line, column };
}

interface Directed {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

/** @param name without a prefix: federation's may be written out, as in `@federation__key` */
export function directives(element: Directed, name: string): ConstDirectiveNode[] {
  return (element.directives ?? []).filter((each) => [name, `federation__${name}`].includes(each.name.value));
}

/** The first of them. */
export function directive(element: Directed, name: string): ConstDirectiveNode | undefined {
  return directives(element, name)[0];
}

/** What an argument of a directive says; undefined where it says nothing. */
export function argumentOf(given: ConstDirectiveNode, name: string): unknown {
  const argument = given.arguments?.find((each) => each.name.value === name);
  return argument && valueFromASTUntyped(argument.value);
}

/** Names of the fields that a type's keys begin with. */
export function keyFields(type: Directed): Set<string> {
  return new Set(
    directives(type, 'key').flatMap((key) => {
      const [operation] = parse(`{ ${String(argumentOf(key, 'fields'))} }`, { noLocation: true }).definitions;
      const selections = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : [];
      return selections.flatMap((each) => (each.kind === Kind.FIELD ? [each.name.value] : []));
    }),
  );
}
