import { NOBODY } from '../caller.ts';
import { readSavedOperations } from '../http/graphiql/saved-operations.ts';
import type { UsedOperation } from '../known-operations.ts';

/**
 * The operations that a new supergraph is to know before it is served: those in use, the most used first, and then those saved in a folder,
 * as somebody would ask for them who has not proven who they are.
 */
export async function operationsToPlan(
  used: readonly UsedOperation[],
  savedFolder: string,
  atMost: number,
): Promise<UsedOperation[]> {
  const known = new Set(used.map(({ parameters: { query } }) => query));
  // Without them there is less to plan, and no reason to refuse a supergraph.
  const saved = await readSavedOperations(savedFolder).catch(() => []);
  const unused = saved.flatMap(({ text }): UsedOperation[] =>
    known.has(text)
      ? []
      : [{ parameters: { query: text, operationName: undefined }, uses: 0, variables: {}, caller: NOBODY }],
  );
  return [...used, ...unused].slice(0, atMost);
}
