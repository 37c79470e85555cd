import {
  Kind,
  parse,
  type ASTNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
} from 'graphql';
import type { Place, SubgraphSource } from './composition.ts';

/** Where a department defines a type or a field; its type where it has no such field, and nothing where it has neither. */
export function placeOfCoordinate(source: SubgraphSource, typeName: string, fieldName?: string): Place[] {
  const types = typesCalled(parse(source.sdl), typeName);
  const node = types.flatMap(fieldsOf).find(({ name }) => name.value === fieldName) ?? types[0];
  return node ? placeOfNode(source, node) : [];
}

/** Where a node of a department's schema begins. */
export function placeOfNode({ name, origin }: SubgraphSource, { loc }: ASTNode): Place[] {
  if (!loc) return [];
  const { line, column } = loc.startToken;
  return [{ department: name, origin, line, column }];
}

/** Whether a department has a type or a field. */
export function defines(source: SubgraphSource, typeName: string, fieldName: string): boolean {
  const fields = typesCalled(parse(source.sdl, { noLocation: true }), typeName).flatMap(fieldsOf);
  return fields.some(({ name }) => name.value === fieldName);
}

export function uniquePlaces(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [`${place.origin}:${place.line}:${place.column}`, place])).values()];
}

function typesCalled(document: DocumentNode, name: string): DefinitionNode[] {
  return document.definitions.filter(
    (each) => each.kind !== Kind.DIRECTIVE_DEFINITION && 'name' in each && each.name.value === name,
  );
}

function fieldsOf(type: DefinitionNode): (FieldDefinitionNode | InputValueDefinitionNode)[] {
  return 'fields' in type ? [...(type.fields ?? [])] : [];
}
