import { visit, type DocumentNode, type FieldNode } from 'graphql';
import { fillEmpty } from './conditions.ts';

/** A document in two: what the departments answer, and what the schema itself answers. */
export interface SplitDocument {
  /** Without `__schema` and `__type`; the planner knows nothing of them. */
  departments: DocumentNode;
  /** With nothing but `__schema` and `__type` at its root; absent when there is none of them. */
  schema?: DocumentNode;
}

/** Takes introspection out of a valid document. Both are only ever fields of the query's root type. */
export function splitIntrospection(document: DocumentNode): SplitDocument {
  if (!hasIntrospection(document)) return { departments: document };
  return { departments: keepFields(document, (field) => !isIntrospection(field)), schema: keepRootFields(document) };
}

function isIntrospection(field: FieldNode): boolean {
  return field.name.value === '__schema' || field.name.value === '__type';
}

function hasIntrospection(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Field(field) {
      if (isIntrospection(field)) found = true;
      return found ? false : undefined;
    },
  });
  return found;
}

function keepFields(document: DocumentNode, keep: (field: FieldNode) => boolean): DocumentNode {
  return visit(document, {
    Field: (field) => (keep(field) ? undefined : null),
    SelectionSet: { leave: fillEmpty },
  });
}

/** Drops what departments answer; below `__schema` and `__type` everything stays. */
function keepRootFields(document: DocumentNode): DocumentNode {
  const introspectionTypes = /^__/;
  return visit(document, {
    FragmentDefinition: (node) => (introspectionTypes.test(node.typeCondition.name.value) ? false : undefined),
    Field: (field) => (isIntrospection(field) ? false : null),
    SelectionSet: { leave: fillEmpty },
  });
}
