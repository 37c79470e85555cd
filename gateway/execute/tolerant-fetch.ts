import { Kind, type SelectionNode } from 'graphql';
import type { TolerantFields } from '../supergraph/tolerant-fields.ts';
import type { FetchTemplate } from './fetcher.ts';

/** Whether all fields that a fetch asks for of its entities tolerate that something they require is missing. */
export function isTolerantFetch(
  { selectionSet, fragments }: Pick<FetchTemplate, 'selectionSet' | 'fragments'>,
  tolerantFields: TolerantFields,
): boolean {
  if (tolerantFields.size === 0) return false;
  const coordinatesOf = (selections: readonly SelectionNode[], typeName: string): string[] =>
    selections.flatMap((node) => {
      if (node.kind === Kind.FIELD) return node.name.value === '__typename' ? [] : `${typeName}.${node.name.value}`;
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      const { typeCondition, selectionSet: inner } = fragment ?? {};
      return coordinatesOf(inner?.selections ?? [], typeCondition?.name.value ?? typeName);
    });
  const [entities] = selectionSet.selections;
  if (entities?.kind !== Kind.FIELD || entities.name.value !== '_entities') return false;
  const coordinates = coordinatesOf(entities.selectionSet?.selections ?? [], '');
  return coordinates.length > 0 && coordinates.every((each) => tolerantFields.has(each));
}
