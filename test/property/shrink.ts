import { parse, validate } from 'graphql';
import { openFederation, type Operation, type Subgraphs } from './federation.ts';
import { checkOperation, type FoundDifference } from './oracle.ts';
import { shrinkOperation } from './shrink-operation.ts';
import { shrinkSubgraphs } from './shrink-subgraphs.ts';
import type { TruthSettings } from './truth.ts';

/** How many federations may be tried; each costs a planner thread, most of half a second. */
const MAX_FEDERATIONS = 150;

/** Makes a difference as small as it can be made while it stays one of the same kind. */
export async function shrinkDifference(found: FoundDifference): Promise<FoundDifference> {
  const [first] = found.differences;
  if (!first) throw new TypeError('There is no difference to shrink.');
  const fails = (each: FoundDifference): Promise<boolean> => failsLike(each, first.kind);
  let smallest = await shrinkInPlace(found, first.kind);
  for (const simpler of simplerSettings(smallest.settings))
    if (await fails({ ...smallest, settings: simpler })) smallest = { ...smallest, settings: simpler };
  const subgraphs = await shrinkSubgraphs(
    smallest.subgraphs,
    (each) => fails({ ...smallest, subgraphs: each }),
    MAX_FEDERATIONS,
  );
  return shrinkInPlace({ ...smallest, subgraphs }, first.kind);
}

function simplerSettings(settings: TruthSettings): TruthSettings[] {
  return [
    { ...settings, errorRate: 0, nullRate: 0 },
    { ...settings, nullRate: 0 },
    { ...settings, errorRate: 0 },
  ];
}

/** Shrinks the operation; the federation stays as it is, and open. */
async function shrinkInPlace(found: FoundDifference, kind: string): Promise<FoundDifference> {
  const federation = openFederation(found.subgraphs, found.settings);
  try {
    const operation = await shrinkOperation(found.operation, federation.apiSchema, async (each) => {
      const { differences } = await checkOperation(federation, each);
      return differences[0]?.kind === kind;
    });
    const { differences, way } = await checkOperation(federation, operation);
    return { ...found, operation, differences, way };
  } finally {
    await federation.close();
  }
}

async function failsLike(
  { subgraphs, settings, operation }: { subgraphs: Subgraphs; settings: TruthSettings; operation: Operation },
  kind: string,
): Promise<boolean> {
  let federation;
  try {
    federation = openFederation(subgraphs, settings);
  } catch {
    // Whatever is wrong with it: it is not what is looked for.
    return false;
  }
  try {
    if (validate(federation.apiSchema, parse(operation.query)).length > 0) return false;
    const { differences } = await checkOperation(federation, operation);
    return differences[0]?.kind === kind;
  } finally {
    await federation.close();
  }
}
