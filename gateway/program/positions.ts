import { NotCompilable } from './not-compilable.ts';
import type { Site, SiteField } from './sites.ts';

/**
 * A place in the merged data: objects of one of some sites, and what entity fetches added to them. The program reaches
 * what was added through a property of the object itself.
 */
export interface Position {
  readonly sites: readonly Site[];
}

/** Where a field of a position is found. */
export interface Source {
  /**
   * The fetches whose results may hold it; none for the object itself. Objects of one site may stand in several places, and
   * at some of them one fetch was made for them, at others another.
   */
  groups: readonly number[];
  field: SiteField;
  /** The field in every site of the position that has it, {@link field} among them. */
  fields: readonly SiteField[];
  /** The sites whose objects hold it. */
  sites: readonly Site[];
}

/** The result sites of entity fetches (and root fetches), by group. */
export type ResultSites = ReadonlyMap<number, Site>;

/** Finds a field of an object of a type; its own first, then those that fetches added. */
export function findSource(
  position: Position,
  typeName: string,
  key: string,
  results: ResultSites,
): Source | undefined {
  const own = sourceIn(position.sites, [], { typeName, key });
  const added = groupsAt(position).flatMap(
    (group) => sourceIn([results.get(group)!], [group], { typeName, key }) ?? [],
  );
  const [first] = own ? [own, ...added] : added;
  const found = (own ? 1 : 0) + added.length;
  // Two fetches that each have a part of one object would have to be merged.
  if (found > 1 && (own ? [own, ...added] : added).some(({ field }) => field.child))
    throw new NotCompilable(`"${key}" comes in parts`);
  if (own || found < 2) return first;
  return {
    groups: added.flatMap(({ groups }) => groups),
    field: first!.field,
    fields: added.flatMap(({ fields }) => fields),
    sites: added.flatMap(({ sites }) => sites),
  };
}

/**
 * Everything an object's field may lead to.
 * @param types the types of the object that are meant. Default: any
 */
export function childPosition(
  position: Position,
  key: string,
  results: ResultSites,
  types?: readonly string[],
): { sources: Source[]; position: Position } {
  const sources: Source[] = [];
  const sites = new Set<Site>();
  for (const typeName of positionTypeNames(position, results)) {
    if (types && !types.includes(typeName)) continue;
    const source = findSource(position, typeName, key, results);
    if (!source?.field.child) continue;
    for (const { child } of source.fields) if (child) sites.add(child);
    if (!sources.some(({ groups }) => isSameGroups(groups, source.groups))) sources.push(source);
  }
  return { sources, position: { sites: [...sites] } };
}

/** Names of the types that objects of a position may have. */
export function positionTypeNames(position: Position, results: ResultSites): string[] {
  const names = position.sites.flatMap(({ variants }) => [...variants.keys()]);
  return [
    ...new Set(
      names.length > 0 ? names : groupsAt(position).flatMap((group) => [...results.get(group)!.variants.keys()]),
    ),
  ];
}

/** Where the type's name of an object is found that may have several types. */
export function typeNameSource(position: Position, typeNames: readonly string[], results: ResultSites): Source {
  const sources = typeNames.map((typeName) => findSource(position, typeName, '__typename', results));
  const [first] = sources;
  const isOne = sources.every((source) => source && !source.field.type && isSameGroups(source.groups, first!.groups));
  if (!first || !isOne) throw new NotCompilable('an abstract type without its name');
  return { ...first, fields: sources.flatMap((source) => source!.fields) };
}

function isSameGroups(one: readonly number[], other: readonly number[]): boolean {
  return one.join() === other.join();
}

function groupsAt({ sites }: Position): number[] {
  return [...new Set(sites.flatMap(({ attached }) => [...attached]))];
}

/** @throws NotCompilable where objects of the type have the field in some of the places that they stand in, and not in others */
function sourceIn(
  all: readonly Site[],
  groups: readonly number[],
  { typeName, key }: { typeName: string; key: string },
): Source | undefined {
  const sites = all.filter(({ variants }) => variants.has(typeName));
  const fields = sites.flatMap(({ variants }) => variants.get(typeName)!.find((field) => field.key === key) ?? []);
  const [field] = fields;
  if (!field) return undefined;
  if (fields.length < sites.length) throw new NotCompilable(`"${key}" is found in different places`);
  return { groups, field, fields, sites };
}
