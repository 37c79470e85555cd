import { Kind, TypeInfo, visit, visitWithTypeInfo, type GraphQLSchema } from 'graphql';
import type { PreparedOperation } from '../operation/prepare.ts';

/**
 * The fields that an operation asks for, each once, by coordinate (`Book.title`); of an interface where it asks that. What `@skip` and
 * `@include` may leave out is among them, since other variables would ask for it; the schema's own fields are not.
 */
export function fieldCoordinates(
  { operation, fragments }: Pick<PreparedOperation, 'operation' | 'fragments'>,
  schema: GraphQLSchema,
): readonly string[] {
  const found = new Set<string>();
  const spread = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(typeInfo, {
    Field({ name: { value } }) {
      const parent = typeInfo.getParentType();
      if (parent && !value.startsWith('__') && !parent.name.startsWith('__')) found.add(`${parent.name}.${value}`);
    },
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
