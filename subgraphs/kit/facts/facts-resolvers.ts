import { GraphQLError } from 'graphql';
import type { Resolvers } from '../sdl-files.ts';
import { judge, type Disagreement } from './agreement.ts';
import type { CheckedFact } from './checked-fact.ts';
import { explainDisagreement, explainFact } from './explain-fact.ts';
import { readClaims, type Claim, type ReadClaims } from './read-claims.ts';

type Representation = Readonly<Record<string, unknown>>;

/** Resolvers that make facts of what a gateway hands in; there is nothing to be asked. */
export function factsResolvers(facts: readonly CheckedFact[]): Resolvers {
  const byType = Map.groupBy(facts, ({ entry }) => entry.of);
  const resolvers: Record<string, Record<string, (representation: Representation) => object | null>> = {};
  for (const [typeName, ofType] of byType) {
    resolvers[typeName] = { __resolveReference: (reference) => reference };
    for (const fact of ofType) resolvers[typeName][fact.fieldName] = (representation) => factOf(fact, representation);
  }
  return resolvers as Resolvers;
}

/** A fact as its type in the graph has it; null where no department says anything. */
function factOf(fact: CheckedFact, representation: Representation): object | null {
  const { entry } = fact;
  const read = readClaims(fact, representation);
  const [first] = read.claims;
  if (!first) return nothingOf(fact, read);
  const judged = judge(read.claims, fact.rules);
  const shown = new Map(read.claims.map((claim) => [claim, shownClaim(fact, claim)]));
  return {
    value: first.value,
    unit: entry.number?.unit,
    agreement: judged.agreement === 'SINGLE' && !knowsAll(read) ? null : judged.agreement,
    explanation: explainFact(entry, read, judged),
    claims: [...shown.values()],
    disagreements: judged.disagreements.map((each) => shownDisagreement(fact, each, shown)),
    missing: read.missing,
  };
}

/** Whether every department that says nothing has nothing: to call another silent would be made up. */
function knowsAll({ missing }: ReadClaims): boolean {
  return missing.every(({ reason }) => reason === 'NOTHING_KNOWN');
}

/** Null where nobody knows anything; where that cannot be told, an error that says why. */
function nothingOf({ entry }: CheckedFact, read: ReadClaims): null {
  if (knowsAll(read)) return null;
  const why = read.missing.map(({ department, reason }) => `${department} (${reason})`).join(', ');
  throw new GraphQLError(`No claim about ${entry.fact} is there: ${why}.`, { extensions: { code: 'CLAIMS_MISSING' } });
}

function shownClaim({ entry: { number, definitions } }: CheckedFact, claim: Claim): object {
  return { ...claim, unit: number?.unit, definition: definitions[claim.definition] };
}

function shownDisagreement(
  { entry }: CheckedFact,
  disagreement: Disagreement<Claim>,
  shown: ReadonlyMap<Claim, object>,
): object {
  const { one, other } = disagreement;
  return {
    ...disagreement,
    one: shown.get(one),
    other: shown.get(other),
    explanation: explainDisagreement(entry, disagreement),
  };
}
