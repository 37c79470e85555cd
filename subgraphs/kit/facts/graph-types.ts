import {
  isTypeDefinitionNode,
  Kind,
  print,
  valueFromASTUntyped,
  type DocumentNode,
  type FieldDefinitionNode,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql';

type ObjectNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;

/** A field of a type, and the departments that give it. */
export interface GivenField {
  readonly definition: FieldDefinitionNode;
  readonly departments: readonly string[];
}

/** Types of several departments, as their schemas have them before they are composed. */
export class GraphTypes {
  readonly #objects = new Map<string, { department: string; node: ObjectNode }[]>();
  readonly #others = new Map<string, TypeDefinitionNode>();
  readonly departments: readonly string[];

  constructor(schemas: ReadonlyMap<string, DocumentNode>) {
    this.departments = [...schemas.keys()];
    for (const [department, { definitions }] of schemas)
      for (const node of definitions) {
        if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION) {
          const known = this.#objects.get(node.name.value) ?? [];
          this.#objects.set(node.name.value, [...known, { department, node }]);
        } else if (isTypeDefinitionNode(node) && !this.#others.has(node.name.value))
          this.#others.set(node.name.value, node);
      }
  }

  /** Names of the object types. */
  objects(): string[] {
    return [...this.#objects.keys()];
  }

  isObject(typeName: string): boolean {
    return this.#objects.has(typeName);
  }

  /** A definition that is no object's: of an enum, a scalar, an input or an abstract type. */
  other(typeName: string): TypeDefinitionNode | undefined {
    return this.#others.get(typeName);
  }

  /** Names of the fields that departments give of a type. */
  fieldNames(typeName: string): string[] {
    return [...new Set(this.#fields(typeName).map(({ field }) => field.name.value))];
  }

  field(typeName: string, fieldName: string): GivenField | undefined {
    const found = this.#fields(typeName).filter(({ field }) => field.name.value === fieldName);
    const [first] = found;
    return first && { definition: first.field, departments: found.map(({ department }) => department) };
  }

  /** The keys that departments have for a type, as `@key` says them; each once. */
  keys(typeName: string): string[] {
    const directives = (this.#objects.get(typeName) ?? []).flatMap(({ node }) => node.directives ?? []);
    const keys = directives
      .filter(({ name }) => name.value === 'key')
      .map((directive) => {
        const fields = directive.arguments?.find(({ name }) => name.value === 'fields')?.value;
        return fields ? String(valueFromASTUntyped(fields)) : '';
      });
    return [...new Set(keys)];
  }

  /** What departments give, and not what they take from others. */
  #fields(typeName: string): { field: FieldDefinitionNode; department: string }[] {
    return (this.#objects.get(typeName) ?? []).flatMap(({ node, department }) =>
      (node.fields ?? [])
        .filter(({ directives = [] }) => !directives.some(({ name }) => name.value === 'external'))
        .map((field) => ({ field, department })),
    );
  }
}

/** The type that lists and non-nulls are around. */
export function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}

export function isList(type: TypeNode): boolean {
  return type.kind === Kind.LIST_TYPE || (type.kind === Kind.NON_NULL_TYPE && isList(type.type));
}

/** A field's definition without description and directives, as it stands in a schema that takes it from others. */
export function signatureOf({ name, arguments: args = [], type }: FieldDefinitionNode): string {
  const told = args.map(({ kind, name: arg, type: argType, defaultValue }) =>
    print({ kind, name: arg, type: argType, ...(defaultValue && { defaultValue }) }),
  );
  return `${name.value}${told.length > 0 ? `(${told.join(', ')})` : ''}: ${print(type)}`;
}
