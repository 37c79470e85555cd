import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { isDataObject, readOwn, type DataObject } from './data.ts';
import { compileRewrites } from './rewrites.ts';
import { possibleTypeNames } from './type-names.ts';

/**
 * Makes the representation of an entity from what is known of it; undefined where a field it needs was never fetched,
 * which is so when the fetch before failed and had its error reported.
 */
export type RepresentationBuilder = (entity: DataObject) => DataObject | undefined;

/** Copies what is selected of an object; false where something of it was never fetched. */
type Collect = (source: DataObject, target: DataObject) => boolean;

/** Compiles a fetch's `requires` and input rewrites into a builder. */
export function compileRepresentation(
  requires: readonly QueryPlanSelectionNode[],
  inputRewrites: readonly FetchDataRewrite[] | undefined,
  schema: GraphQLSchema,
): RepresentationBuilder {
  const collect = compileSelections(requires, schema);
  const rewrite = compileRewrites(inputRewrites, schema);
  return (entity) => {
    const representation: DataObject = {};
    if (!collect(entity, representation)) return undefined;
    // Nothing matched, or a type alone: there is no key to look the entity up by.
    if (representation['__typename'] === undefined) return undefined;
    rewrite(representation);
    return representation;
  };
}

function compileSelections(selections: readonly QueryPlanSelectionNode[], schema: GraphQLSchema): Collect {
  const parts = selections.map((selection) => compileSelection(selection, schema));
  return (source, target) => {
    for (const part of parts) if (!part(source, target)) return false;
    return true;
  };
}

function compileSelection(selection: QueryPlanSelectionNode, schema: GraphQLSchema): Collect {
  if (selection.kind === 'InlineFragment') {
    const inner = compileSelections(selection.selections, schema);
    if (!selection.typeCondition) return inner;
    const names = possibleTypeNames(selection.typeCondition, schema);
    return (source, target) => !names.has(source['__typename']) || inner(source, target);
  }
  const key = selection.alias ?? selection.name;
  if (!selection.selections) {
    return (source, target) => {
      const value = readOwn(source, key);
      if (value === undefined) return false;
      target[key] = value;
      return true;
    };
  }
  const inner = compileSelections(selection.selections, schema);
  return (source, target) => {
    const value = collectNested(readOwn(source, key), inner);
    if (value === undefined) return false;
    target[key] = mergeNested(target[key], value);
    return true;
  };
}

function collectNested(value: unknown, inner: Collect): unknown {
  if (value === undefined || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => collectNested(item, inner));
    return items.includes(undefined) ? undefined : items;
  }
  const target: DataObject = {};
  return inner(value as DataObject, target) ? target : undefined;
}

/** The same field may be required by two fragments, each with a part of what is below it. */
function mergeNested(known: unknown, more: unknown): unknown {
  if (Array.isArray(known) && Array.isArray(more)) return known.map((item, index) => mergeNested(item, more[index]));
  if (isDataObject(known) && isDataObject(more)) return { ...known, ...more };
  return more;
}
