import type { DocumentNode } from 'graphql';
import { readJoinedDirectives } from './joined-directives.ts';

/**
 * Fields with `@toleratesMissing(values:)`, by `Type.field`: their department is asked although something of what it requires is missing,
 * because another department did not answer or the caller may not see it, and says itself what it could not be told. The paths are
 * those of the values that it is about: where the caller may see none of them, the field is refused.
 */
export type TolerantFields = ReadonlyMap<string, readonly string[]>;

/** Reads which fields tolerate that something they require is missing. */
export function readTolerantFields(supergraph: DocumentNode): TolerantFields {
  return new Map(
    readJoinedDirectives(supergraph, 'toleratesMissing').map(({ element, args: { values } }) => [
      element,
      Array.isArray(values) ? values.map(String) : [],
    ]),
  );
}
