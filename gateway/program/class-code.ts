import type { SubjectTypes } from '../supergraph/subject-types.ts';
import type { PlannedFetch } from './plan-fetches.ts';
import type { Site, SiteBuilder } from './sites.ts';

/**
 * Writes the classes of a program's objects: the root's, and one a site. Every property is there from the start, so that all objects of a class have
 * one shape.
 *
 * @param rootNames properties of the root beside those of what is attached to it and of what is interned
 */
export function classes({ sites }: SiteBuilder, rootSite: Site, rootNames: readonly string[]): string[] {
  const interned = sites.filter(({ interning }) => interning !== 'none');
  const rootLines = [
    ...[...rootSite.attached].map((group) => `g${group} = undefined;`),
    ...interned.map(({ id }) => `i${id} = new Map();`),
    ...rootNames,
  ];
  return [`class Root { ${rootLines.join(' ')} }`, ...sites.map(siteClass)];
}

function siteClass({ id, variants, attached, interning, written, runs }: Site): string {
  const read = [...variants.values()].flatMap((fields) => fields.filter(({ isRead }) => isRead));
  const own = new Set(read.map(({ property }) => property));
  const copied = new Set([...runs.values()].flat().map(({ property }) => property));
  const names = [
    ...own,
    ...copied,
    ...[...attached].map((group) => `g${group}`),
    ...written,
    ...(interning === 'first' ? ['text'] : []),
  ];
  return `class S${id} { ${names.map((name) => `${name} = undefined;`).join(' ')} }`;
}

/** What the root has beside what is attached to it: results that are shared, batches, and what is to be named. */
export function rootNamesOf(
  fetches: readonly PlannedFetch[],
  batches: ReadonlyMap<number, number>,
  subjects: SubjectTypes,
): string[] {
  const shared = fetches.filter(({ id, group, node }) => id === group && node.requires && !batches.has(id));
  return [
    ...shared.map(({ group }) => `k${group} = new Map();`),
    ...[...new Set(batches.values())].map((first) => `b${first} = undefined;`),
    ...(subjects.size > 0 ? ['n = [];'] : []),
  ];
}
