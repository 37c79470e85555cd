import type { Source } from './positions.ts';

/** Code that reads a field of the object in a variable; undefined where no fetch that adds it found the entity. */
export function access(variable: string, source: Source): string {
  return accessOr(variable, source, 'undefined');
}

/** As {@link access}, with other code for where it is not found. */
export function accessOr(variable: string, { groups, field, fields }: Source, otherwise: string): string {
  for (const each of fields) each.isRead = true;
  if (groups.length === 0) return `${variable}.${field.property}`;
  const [group, ...others] = groups;
  if (others.length === 0) return `(${variable}.g${group} ? ${variable}.g${group}.${field.property} : ${otherwise})`;
  // A fetch that is still under way for some other place has nothing of it yet.
  const found = groups.map((each) => `${variable}.g${each}?.${field.property}`);
  return `(${[...found, otherwise].join(' ?? ')})`;
}

/** As {@link access}, for a field that objects of different types have from different fetches. */
export function accessChain(variable: string, sources: readonly Source[]): string {
  const [first, ...rest] = sources.map((source) => access(variable, source));
  return rest.reduce((chain, next) => `(${chain} ?? ${next})`, first ?? 'undefined');
}
