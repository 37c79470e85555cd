import { isAbstractType, isCompositeType, type GraphQLSchema } from 'graphql';
import { z } from 'zod';
import type { EntityKeys } from '../supergraph/subject-types.ts';
import { anyEntityMark, entityMark, subgraphMark, tagMark, typeMark, type Mark } from './marks.ts';

/** Invalidations in one message, at most. */
const MAX_INVALIDATIONS = 1_000;

const name = z.string().min(1).max(200);
const keyValue = z.union([z.string().max(10_000), z.number(), z.boolean()]);

/** What can be invalidated: in the words of Apollo Router's endpoint, and entities by their key. */
const invalidationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('subgraph'), subgraph: name }),
  z.strictObject({ kind: z.literal('type'), subgraph: name, type: name }),
  z.strictObject({
    kind: z.literal('cache_tag'),
    subgraphs: z.array(name).min(1).max(100),
    cache_tag: z.string().max(10_000),
  }),
  z.strictObject({ kind: z.literal('entity'), subgraph: name, type: name, key: z.record(name, keyValue) }),
]);
const invalidationsSchema = z.array(invalidationSchema).min(1).max(MAX_INVALIDATIONS);

type Invalidation = z.output<typeof invalidationSchema>;

/** What there is to be invalidated. */
export interface InvalidationSource {
  schema: GraphQLSchema;
  entityKeys: EntityKeys;
  /** Digest of each subgraph's part of the supergraph, by the subgraph's name. */
  subgraphHashes: ReadonlyMap<string, string>;
}

/** What may have changed, for whoever is to be told beside the cache. */
export interface ToldChange {
  readonly subgraph: string;
  /** Undefined: anything of the subgraph. */
  readonly type: string | undefined;
}

/** What a message invalidates, or what is wrong with it. */
export type ReadInvalidations =
  { ok: true; count: number; marks: readonly Mark[]; changes: readonly ToldChange[] } | { ok: false; problem: string };

/**
 * Reads a list of invalidations. Nothing of it is taken where anything is wrong: who names a type that is not there would
 * otherwise believe that it is gone from the cache.
 *
 * @param onlyOf whose message it is, where a department may name nothing but its own. Default: all may be named
 */
export function readInvalidations(value: unknown, source: InvalidationSource, onlyOf?: string): ReadInvalidations {
  const parsed = invalidationsSchema.safeParse(onlyOf === undefined ? value : withSubgraph(value, onlyOf));
  if (!parsed.success) return { ok: false, problem: z.prettifyError(parsed.error) };
  const marks: Mark[] = [];
  for (const [index, invalidation] of parsed.data.entries()) {
    const problem = problemOf(invalidation, source, onlyOf);
    if (problem !== undefined) return { ok: false, problem: `[${index}]: ${problem}` };
    marks.push(...marksOf(invalidation, source));
  }
  return { ok: true, count: parsed.data.length, marks: [...new Set(marks)], changes: parsed.data.flatMap(changesOf) };
}

function changesOf(invalidation: Invalidation): ToldChange[] {
  // What a tag stands at nobody knows without having asked for it.
  if (invalidation.kind === 'cache_tag')
    return invalidation.subgraphs.map((subgraph) => ({ subgraph, type: undefined }));
  return [{ subgraph: invalidation.subgraph, type: 'type' in invalidation ? invalidation.type : undefined }];
}

/** A department need not say who it is. */
function withSubgraph(value: unknown, subgraph: string): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((each: unknown) => {
    if (typeof each !== 'object' || each === null) return each;
    const { kind } = each as { kind?: unknown };
    return kind === 'cache_tag' ? { subgraphs: [subgraph], ...each } : { subgraph, ...each };
  });
}

function problemOf(
  invalidation: Invalidation,
  { schema, entityKeys, subgraphHashes }: InvalidationSource,
  onlyOf: string | undefined,
): string | undefined {
  const subgraphs = invalidation.kind === 'cache_tag' ? invalidation.subgraphs : [invalidation.subgraph];
  const unknown = subgraphs.find((subgraph) => !subgraphHashes.has(subgraph));
  if (unknown !== undefined) return `There is no subgraph "${unknown}".`;
  if (onlyOf !== undefined && subgraphs.some((subgraph) => subgraph !== onlyOf))
    return `Only what ${onlyOf} gives can be invalidated by it.`;
  if (!('type' in invalidation)) return undefined;
  const { type: typeName } = invalidation;
  const type = schema.getType(typeName);
  if (!isCompositeType(type)) return `There is no type "${typeName}" of objects.`;
  if (invalidation.kind !== 'entity') return undefined;
  const keys = entityKeys.get(typeName) ?? [];
  if (isAbstractType(type) || keys.length === 0) return `${typeName} has no key of plain fields: invalidate the type.`;
  const given = Object.keys(invalidation.key).toSorted();
  if (keys.some((key) => key.join(' ') === given.join(' '))) return undefined;
  return `${typeName} has the keys ${keys.map((key) => `"${key.join(' ')}"`).join(' and ')}, and not "${given.join(' ')}".`;
}

function marksOf(invalidation: Invalidation, { entityKeys }: InvalidationSource): Mark[] {
  switch (invalidation.kind) {
    case 'subgraph':
      return [subgraphMark(invalidation.subgraph)];
    case 'type':
      return [typeMark(invalidation.subgraph, invalidation.type)];
    case 'cache_tag':
      return invalidation.subgraphs.map((subgraph) => tagMark(subgraph, invalidation.cache_tag));
    case 'entity': {
      const { subgraph, type, key: values } = invalidation;
      const given = Object.keys(values).toSorted().join(' ');
      const key = entityKeys.get(type)!.find((names) => names.join(' ') === given)!;
      return [entityMark(subgraph, type, key, values), anyEntityMark(subgraph, type, key)];
    }
  }
}
