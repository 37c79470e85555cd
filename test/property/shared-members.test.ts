import { graphql, type GraphQLSchema } from 'graphql';
import { expect, test } from 'vitest';
import { loadSupergraph } from '../../gateway/supergraph/load.ts';
import { composeSmall, federate } from '../kit/federation.ts';
import { Random } from './random.ts';
import { SharedMembers } from './shared-members.ts';

const FEDERATIONS = 12;
const OPERATIONS = 20;

/**
 * Which department's list the planner takes is its own affair, and a department that does not know an item's type gives
 * null for it. But an item that is there must have all that is asked of its type.
 */
test(
  'items of a shared list have all that is asked of their types, whichever departments know them',
  { timeout: 120_000 },
  async () => {
    const tally = { ofDifferingTypes: 0 };
    for (let index = 0; index < FEDERATIONS; index++) await runFederation(`shared/${index}`, index % 2 === 0, tally);
    // The test itself: it meets the types in question.
    expect(tally.ofDifferingTypes).toBeGreaterThan(FEDERATIONS * OPERATIONS);
  },
);

async function runFederation(seed: string, usePrograms: boolean, tally: { ofDifferingTypes: number }): Promise<void> {
  const shared = new SharedMembers(seed);
  const subgraphs = shared.subgraphs();
  const supergraphSdl = composeSmall(subgraphs);
  const { apiSchema } = loadSupergraph(supergraphSdl);
  const federation = await federate(subgraphs, { supergraphSdl, usePrograms });
  try {
    for (let index = 0; index < OPERATIONS; index++) {
      const query = shared.operation(new Random(`${seed}/${index}`));
      const { data, errors = [] } = await federation.ask(query);
      const what = `${seed}: ${query}`;
      expect(errors, what).toEqual([]);
      expect(federation.faults, what).toEqual([]);
      const truth = await askTruth(apiSchema, query, shared);
      expect(withGaps(data, truth, shared, tally), what).toEqual(truth);
    }
  } finally {
    await federation.close();
  }
}

async function askTruth(schema: GraphQLSchema, source: string, shared: SharedMembers): Promise<unknown> {
  const { data, errors } = await graphql({ schema, source, rootValue: shared.rootValue() });
  expect(errors).toBeUndefined();
  return JSON.parse(JSON.stringify(data));
}

/** The answer, with the items that a department need not know filled in from the truth. */
function withGaps(
  answer: unknown,
  truth: unknown,
  shared: SharedMembers,
  tally: { ofDifferingTypes: number },
): unknown {
  if (Array.isArray(answer) && Array.isArray(truth))
    return answer.map((item: unknown, index) => withGaps(item, truth[index], shared, tally));
  const typeName = (truth as { __typename?: string } | null)?.__typename;
  const isDiffering = typeName !== undefined && !shared.isKnownToAll(typeName);
  if (answer === null) return isDiffering ? truth : null;
  if (isDiffering) tally.ofDifferingTypes += 1;
  if (typeof answer !== 'object' || typeof truth !== 'object' || truth === null) return answer;
  const members = Object.entries(answer).map(([key, value]) => [
    key,
    withGaps(value, (truth as Record<string, unknown>)[key], shared, tally),
  ]);
  return Object.fromEntries(members);
}
