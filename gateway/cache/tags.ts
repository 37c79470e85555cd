import { Kind, valueFromASTUntyped, type FieldNode, type GraphQLObjectType } from 'graphql';
import type { FetchTemplate } from '../execute/fetcher.ts';
import { tagMark, type Mark } from './marks.ts';

/** Formats of one subgraph's tags, by `Type` of entities or `Query.field`. */
export type TagFormats = ReadonlyMap<string, readonly string[]>;

/** `{$key.id}` of entities, `{$args.id}` of root fields. */
const PLACEHOLDER = /\{\$(key|args)\.([_A-Za-z][\w.]*)\}/g;

/** Marks of the tags that an entity has. A tag that needs what the entity was not asked for by is none. */
export function entityTags(
  subgraph: string,
  formats: TagFormats | undefined,
  entity: Readonly<Record<string, unknown>>,
): Mark[] {
  const ofType = formats?.get(String(entity['__typename'])) ?? [];
  return ofType.flatMap((format) => fill(format, 'key', entity) ?? []).map((tag) => tagMark(subgraph, tag));
}

/** Marks of the tags that root fields have, with their arguments. @param variablesText as a request has it */
export function rootTags(
  { service, selectionSet, fragments }: FetchTemplate,
  formats: TagFormats | undefined,
  query: GraphQLObjectType | null | undefined,
  variablesText: string,
): Mark[] {
  if (!formats || !query) return [];
  const variables = JSON.parse(`{${variablesText}}`) as Record<string, unknown>;
  return rootFields(selectionSet, fragments).flatMap((node) => {
    const ofField = formats.get(`${query.name}.${node.name.value}`) ?? [];
    const given = ofField.length > 0 ? argumentsOf(node, query, variables) : {};
    return ofField.flatMap((format) => fill(format, 'args', given) ?? []).map((tag) => tagMark(service, tag));
  });
}

function rootFields(
  { selections }: FieldNode['selectionSet'] & object,
  fragments: FetchTemplate['fragments'],
): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    return fragment ? rootFields(fragment.selectionSet, fragments) : [];
  });
}

function argumentsOf(node: FieldNode, query: GraphQLObjectType, variables: Readonly<Record<string, unknown>>) {
  const defined = query.getFields()[node.name.value]?.args ?? [];
  const given: Record<string, unknown> = {};
  for (const { name, defaultValue } of defined) if (defaultValue !== undefined) given[name] = defaultValue;
  for (const { name, value } of node.arguments ?? []) {
    const said = valueFromASTUntyped(value, variables);
    if (said !== undefined) given[name.value] = said;
  }
  return given;
}

function fill(format: string, kind: 'key' | 'args', values: Readonly<Record<string, unknown>>): string | undefined {
  let missing = 0;
  const tag = format.replaceAll(PLACEHOLDER, (_, said: string, path: string) => {
    const value = said === kind ? valueAt(values, path) : undefined;
    if (value === undefined || value === null || typeof value === 'object') missing += 1;
    return String(value);
  });
  return missing === 0 ? tag : undefined;
}

function valueAt(values: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], values);
}
