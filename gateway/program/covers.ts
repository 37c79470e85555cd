import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { print } from 'graphql';
import type { PlannedFetch } from './plan-fetches.ts';
import type { ResultSites } from './positions.ts';
import type { Site, SiteField } from './sites.ts';
import { concatenate } from './text-code.ts';

/**
 * Objects of a department in which all stands that a fetch would ask the same department for again. An entity is known by
 * its key, wherever the department gave it, so the fetch takes what it needs from there.
 */
export interface Cover {
  /** Names the function that takes it. */
  id: number;
  /** The fetches that need not ask. */
  group: number;
  typeName: string;
  /** Where the objects stand. */
  source: Site;
  /** The fetches whose entities they are; absent where they stand inside of an answer. */
  by?: number;
  /** Names of the fields that tell the group's entities apart, in the order of its representations. */
  members: readonly string[];
}

/** Finds what fetches may take from each other. Only fields without fields of their own are taken. */
export function findCovers(fetches: readonly PlannedFetch[], results: ResultSites): Cover[] {
  const first = fetches.filter(({ id, group }) => id === group);
  const found = first.flatMap((wanting) => first.flatMap((having) => coversBetween(wanting, having, results)));
  return found.map((cover, id) => ({ ...cover, id }));
}

function coversBetween(wanting: PlannedFetch, having: PlannedFetch, results: ResultSites): Omit<Cover, 'id'>[] {
  if (wanting.node.serviceName !== having.node.serviceName) return [];
  const { group } = wanting;
  return [...results.get(group)!.variants].flatMap(([typeName, wanted]) => {
    const members = plainMembers(wanting, typeName);
    if (!members || wanted.some(({ child }) => child)) return [];
    const cover = { group, typeName, members };
    const root = results.get(having.group)!;
    const inside = sitesBelow(root)
      .filter((site) => site !== root && site.variants.size === 1)
      .filter(({ variants }) => holds(variants.get(typeName), wanted) && hasMembers(variants.get(typeName), members))
      .map((source) => ({ ...cover, source }));
    const given = having === wanting ? undefined : plainMembers(having, typeName);
    const isOfEntities =
      given && holds(root.variants.get(typeName), wanted) && members.every((name) => given.includes(name));
    return isOfEntities ? [...inside, { ...cover, source: root, by: having.group }] : inside;
  });
}

/** What tells a type's entities apart in a fetch's representations; undefined where it is more than plain values as they came. */
function plainMembers({ node }: PlannedFetch, typeName: string): string[] | undefined {
  if (!node.requires || node.inputRewrites?.length) return undefined;
  const fragments = node.requires.filter((each) => each.kind === 'InlineFragment' && each.typeCondition === typeName);
  const [fragment, ...more] = fragments as { selections: QueryPlanSelectionNode[] }[];
  if (!fragment || more.length > 0) return undefined;
  const names = fragment.selections.map(plainName);
  return names.includes(undefined) ? undefined : (names as string[]).filter((name) => name !== '__typename');
}

function plainName(node: QueryPlanSelectionNode): string | undefined {
  return node.kind === 'Field' && !node.selections && (node.alias ?? node.name) === node.name ? node.name : undefined;
}

function sitesBelow(site: Site): Site[] {
  const children = [...site.variants.values()].flatMap((fields) => fields.flatMap(({ child }) => child ?? []));
  return [site, ...children.flatMap(sitesBelow)];
}

function holds(having: readonly SiteField[] | undefined, wanted: readonly SiteField[]): boolean {
  const asked = new Set(having?.map(({ node }) => print(node)));
  return wanted.every(({ node }) => asked.has(print(node)));
}

function hasMembers(having: readonly SiteField[] | undefined, members: readonly string[]): boolean {
  return members.every((name) =>
    having?.some(
      ({ key, node, child }) => key === name && node.name.value === name && !node.arguments?.length && !child,
    ),
  );
}

/** What stands in front of a representation's values where a fetch is made for entities of several types. */
export function keyPrefix(typeName: string, results: Site): string {
  return results.variants.size > 1 ? `${typeName} ` : '';
}

/**
 * Code that makes known what is taken from a source.
 *
 * @param taken code of the value under which the group finds it
 * @param member code of the text of a member
 */
export function coverLine(
  { group, typeName, members }: Cover,
  results: ResultSites,
  { taken, member }: { taken: string; member(name: string): string },
): string {
  const values = members.flatMap((name, index) => [...(index > 0 ? [{ text: ',' }] : []), { code: member(name) }]);
  const key = concatenate([{ text: keyPrefix(typeName, results.get(group)!) }, ...values]);
  return `{ const k = ${key}; if (!R.k${group}.has(k)) R.k${group}.set(k, ${taken}); }`;
}

/**
 * Writes `y<id>(from)`: makes an object of the group's results from one of the source. To be written when it is known what is
 * read of the results, and before the source's parser is, which then reads it too.
 */
export function takeFunction({ id, group, typeName, source, by, members }: Cover, results: ResultSites): string {
  const { id: target, variants, runs } = results.get(group)!;
  const wanted = variants.get(typeName)!;
  const having = source.variants.get(typeName)!;
  // What the entity is found by is read of the object itself.
  if (by === undefined) for (const field of having) if (members.includes(field.key)) field.isRead = true;
  const read = (field: SiteField): string => {
    const found = having.find(({ key }) => key === field.key)!;
    found.isRead = true;
    return `from.${found.property}`;
  };
  const copies = (runs.get(typeName) ?? []).map(({ from, to, property }) => {
    const members = wanted
      .slice(from, to)
      .map((field) => [{ text: `${JSON.stringify(field.key)}:` }, { code: read(field) }]);
    const pieces = members.flatMap((member, index) => (index > 0 ? [{ text: ',' }, ...member] : member));
    return `o.${property} = ${concatenate(pieces)};`;
  });
  const reads = wanted.filter(({ isRead }) => isRead).map((field) => `o.${field.property} = ${read(field)};`);
  return `function y${id}(from) {
  const o = new S${target}();
  ${[...reads, ...copies].join('\n  ')}
  return o;
}`;
}

/** Classes of results that are taken from others: from an object that is there, or from a result that will be. */
export const COVER_RUNTIME = `
class Taken {
  constructor(from, take) { this.from = from; this.take = take; this.made = undefined; }
  get value() { return this.made ??= this.take(this.from); }
}
class TakenLater {
  constructor(result, take) { this.result = result; this.take = take; this.made = undefined; }
  get value() { return this.result.value === null ? null : this.made ??= this.take(this.result.value); }
}
`;
