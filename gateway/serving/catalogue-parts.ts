import type { Authoriser } from '../authorise/authoriser.ts';
import { NOBODY } from '../caller.ts';
import type { CatalogueAccess, CatalogueOptions } from '../catalogue/department.ts';
import { Deadline } from '../deadline.ts';
import type { Gateway } from '../gateway.ts';
import { toPlainAnswer } from '../message.ts';
import type { LastingParts } from './lasting-parts.ts';

const NOTHING_DECIDED: CatalogueAccess = { outcome: 'ALLOW', dependsOnRecord: false };

/** What the catalogue tells of fields beside the schema: who may see them, and how often they are asked for. */
export function catalogueParts(
  { observing: { usage } }: Pick<LastingParts, 'observing'>,
  authoriser: () => Authoriser,
): Pick<CatalogueOptions, 'decide' | 'requestsOf'> {
  return {
    decide(caller, typeName, fieldName) {
      const decision = authoriser().authorityOf(caller).decided(typeName, fieldName);
      if (!decision) return NOTHING_DECIDED;
      const { outcome, rule, text, department, needs, alternatives = [] } = decision;
      return {
        outcome,
        rule,
        text,
        ...(department === undefined ? {} : { department }),
        ...(needs === undefined ? {} : { needs }),
        dependsOnRecord: alternatives.length > 0,
      };
    },
    requestsOf: (coordinate) =>
      usage?.read(coordinate).fields[coordinate]?.reduce((sum, { requests }) => sum + requests, 0),
  };
}

/** Asks the graph as anybody may. */
export async function askInNobodysName(
  gateway: Pick<Gateway, 'handle'>,
  query: string,
  timeoutMs: number,
): Promise<{ data?: unknown; errors?: readonly { message: string }[] }> {
  const deadline = new Deadline(timeoutMs);
  try {
    return toPlainAnswer(
      await gateway.handle({ parameters: { query }, caller: NOBODY, mutationsAllowed: false }, deadline),
    );
  } finally {
    deadline.clear();
  }
}
