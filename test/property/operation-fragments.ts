import {
  Kind,
  parse,
  print,
  validate,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import type { Random } from './random.ts';

/** Makes some inline fragments named ones, and spreads some of those a second time where the operation stays valid. */
export function moveToFragments(text: string, schema: GraphQLSchema, random: Random): string {
  const fragments: FragmentDefinitionNode[] = [];
  const document = visit(parse(text, { noLocation: true }), {
    InlineFragment: {
      leave(node) {
        if (!node.typeCondition || !random.chance(0.4)) return undefined;
        const name = { kind: Kind.NAME, value: `F${fragments.length}` } as const;
        const { typeCondition, selectionSet, directives = [] } = node;
        fragments.push({ kind: Kind.FRAGMENT_DEFINITION, name, typeCondition, selectionSet });
        return { kind: Kind.FRAGMENT_SPREAD, name, directives };
      },
    },
  });
  const whole: DocumentNode = { ...document, definitions: [...document.definitions, ...fragments] };
  return print(fragments.length > 0 && random.chance(0.5) ? spreadAgain(whole, fragments, schema, random) : whole);
}

function spreadAgain(
  document: DocumentNode,
  fragments: readonly FragmentDefinitionNode[],
  schema: GraphQLSchema,
  random: Random,
): DocumentNode {
  const { name } = random.pick(fragments);
  const places: SelectionSetNode[] = [];
  visit(document, { SelectionSet: (node) => void places.push(node) });
  const place = random.pick(places);
  const spread = { kind: Kind.FRAGMENT_SPREAD, name } as const;
  const changed = visit(document, {
    SelectionSet: (node) => (node === place ? { ...node, selections: [...node.selections, spread] } : undefined),
  });
  return validate(schema, changed).length === 0 ? changed : document;
}
