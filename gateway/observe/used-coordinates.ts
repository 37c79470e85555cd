import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ASTVisitor,
  type GraphQLSchema,
} from 'graphql';
import type { PreparedOperation } from '../operation/prepare.ts';

/**
 * What of a schema an operation uses, each once, by coordinate: fields (`Book.title`; of an interface where it asks that), their arguments
 * (`Query.book(isbn:)`), fields of inputs (`Filter.year`) and values of enums (`Kind.NOVEL`) that its text names, and enums and inputs by
 * their name alone (`Kind`) where a variable may hold any of them. What `@skip` and `@include` may leave out is among it, since other variables
 * would ask for it; the schema's own fields are not.
 *
 * @see https://github.com/graphql/graphql-wg/blob/main/rfcs/SchemaCoordinates.md
 */
export function usedCoordinates(
  { operation, fragments }: Pick<PreparedOperation, 'operation' | 'fragments'>,
  schema: GraphQLSchema,
): readonly string[] {
  const found = new Set<string>();
  const spread = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(typeInfo, {
    ...noting(typeInfo, found),
    FragmentSpread({ name: { value } }) {
      spread.add(value);
    },
  });
  visit(operation, visitor);
  // A set that grows while it is gone through is gone through to its new end.
  for (const name of spread) {
    const fragment = fragments.get(name);
    if (fragment?.kind === Kind.FRAGMENT_DEFINITION) visit(fragment, visitor);
  }
  return [...found];
}

function noting(typeInfo: TypeInfo, found: Set<string>): ASTVisitor {
  const fieldOf = (name: string | undefined): string | undefined => {
    const parent = typeInfo.getParentType();
    return parent && name && !name.startsWith('__') && !parent.name.startsWith('__')
      ? `${parent.name}.${name}`
      : undefined;
  };
  return {
    Field({ name: { value } }) {
      const field = fieldOf(value);
      if (field !== undefined) found.add(field);
    },
    Argument({ name: { value } }) {
      const field = typeInfo.getDirective() ? undefined : fieldOf(typeInfo.getFieldDef()?.name);
      if (field !== undefined) found.add(`${field}(${value}:)`);
    },
    ObjectField({ name: { value } }) {
      const input = getNamedType(typeInfo.getParentInputType());
      if (isInputObjectType(input)) found.add(`${input.name}.${value}`);
    },
    EnumValue({ value }) {
      const type = getNamedType(typeInfo.getInputType());
      if (isEnumType(type) && !type.name.startsWith('__')) found.add(`${type.name}.${value}`);
    },
    VariableDefinition() {
      const type = getNamedType(typeInfo.getInputType());
      if (isInputObjectType(type) || isEnumType(type)) found.add(type.name);
    },
  };
}
