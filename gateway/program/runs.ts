import type { GraphQLObjectType } from 'graphql';
import type { CollectedField } from '../operation/collect-fields.ts';
import type { DataKeys } from '../operation/data-keys.ts';
import { findSource, type Position, type ResultSites, type Source } from './positions.ts';
import type { FieldAccess } from '../operation/field-access.ts';
import type { Site } from './sites.ts';

/** What finding runs depends on. */
export interface RunContext {
  dataKeys: DataKeys;
  results: ResultSites;
  access: FieldAccess;
}

/** Fields of the client's that are copied as one text. */
export interface FoundRun {
  /** The fetch whose result holds it; undefined for the object itself. */
  fetchGroup: number | undefined;
  fields: readonly CollectedField[];
  property: string;
}

/**
 * Finds the longest run that the client's fields begin with, and marks it on the sites it is read at; undefined where it
 * would be one field, or none.
 */
export function findRun(
  type: GraphQLObjectType,
  fields: readonly CollectedField[],
  position: Position,
  context: RunContext,
): FoundRun | undefined {
  const first = fields[0] && copiedSource(type, fields[0], position, context);
  if (!first) return undefined;
  const starts = first.sites.map((site) => indexIn(site, type, fields[0]!.key));
  let length = 1;
  while (length < fields.length && continues(fields[length]!, length)) length += 1;
  if (length === 1) return undefined;
  const property = `t${starts[0]!}to${starts[0]! + length}`;
  for (const [index, { runs }] of first.sites.entries()) {
    const run = { from: starts[index]!, to: starts[index]! + length, property };
    runs.set(type.name, [...(runs.get(type.name) ?? []).filter((known) => known.property !== property), run]);
  }
  return { fetchGroup: first.groups[0], fields: fields.slice(0, length), property };

  function continues(field: CollectedField, offset: number): boolean {
    const next = copiedSource(type, field, position, context);
    return (
      next !== undefined &&
      next.groups[0] === first!.groups[0] &&
      first!.sites.every((site, index) => indexIn(site, type, field.key) === starts[index]! + offset)
    );
  }
}

/** Where a leaf is found that stands in the client's answer under the name it was asked for. */
function copiedSource(
  type: GraphQLObjectType,
  { key, node }: CollectedField,
  position: Position,
  { dataKeys, results, access }: RunContext,
): Source | undefined {
  if (access.of(type.name, node.name.value)) return undefined;
  if (dataKeys.get(node) !== key || node.name.value === '__typename') return undefined;
  const source = findSource(position, type.name, key, results);
  return source && !source.field.child && source.groups.length < 2 ? source : undefined;
}

function indexIn({ variants }: Site, type: GraphQLObjectType, key: string): number {
  return variants.get(type.name)!.findIndex((field) => field.key === key);
}
