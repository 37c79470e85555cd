import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { QueryPlan } from '@apollo/query-planner';
import type { GuardedField } from '../operation/field-access.ts';
import { planCheck, type IsPlan } from './plan-shape.ts';
import type { Planner } from './planner.ts';

/** Where plans are kept for other gateways. What is in it may be lost at any time, and nothing here fails or waits long. */
export interface PlanTexts {
  /** Undefined where there is none. */
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): void;
}

/** What came of looking for a plan that another gateway made: it was there, was not, or was not one to be run. */
export type SharedPlanOutcome = 'found' | 'missing' | 'broken';

export interface SharedPlansOptions {
  texts: PlanTexts;
  /** SHA-256 of the supergraph that is planned for. */
  supergraphHash: string;
  /** Names of its subgraphs. */
  subgraphs: ReadonlySet<string>;
  /** Told of each plan that was looked for. */
  onLookedFor(outcome: SharedPlanOutcome): void;
}

const require = createRequire(import.meta.url);
const versionOf = (packageFile: string): string => (require(packageFile) as { version: string }).version;

/** Plans that were made in another way are not known: raise it with whatever changes what a plan is or how it is written. */
const PLAN_FORMAT = 1;
/** Whose plans these are: another release of the gateway or of Apollo's planner may plan otherwise. */
const MADE_BY = [PLAN_FORMAT, versionOf('switchyard/package.json'), versionOf('@apollo/query-planner/package.json')];

/** A plan as other gateways find it. */
interface SharedPlan {
  supergraph: string;
  plan: QueryPlan;
}

/**
 * A planner that looks first for what another gateway has planned, and leaves to others what it plans itself. A plan follows from what it is kept by: the
 * supergraph, who made it, the operation in its normal form (so with its conditions decided, and without what may not be seen), and
 * the fields that records decide about.
 */
export function sharePlans(planner: Planner, options: SharedPlansOptions): Planner {
  const { texts, supergraphHash: supergraph, subgraphs, onLookedFor } = options;
  const isQueryPlan = planCheck({ subgraphs, isMutation: false });
  const isMutationPlan = planCheck({ subgraphs, isMutation: true });
  return {
    ready: () => planner.ready(),
    close: () => planner.close(),
    async plan(text, operationName, guarded = []) {
      const key = keyOf(supergraph, text, operationName, guarded);
      const read = await texts.read(key);
      // Whoever prints an operation in its normal form begins with what kind it is.
      const found = read && readPlan(read, supergraph, text.startsWith('mutation') ? isMutationPlan : isQueryPlan);
      onLookedFor(found ? 'found' : read === undefined ? 'missing' : 'broken');
      if (found) return found;
      const plan = await planner.plan(text, operationName, guarded);
      texts.write(key, JSON.stringify({ supergraph, plan } satisfies SharedPlan));
      return plan;
    },
  };
}

function keyOf(
  supergraph: string,
  text: string,
  operationName: string | undefined,
  guarded: readonly GuardedField[],
): string {
  const digest = hash('sha256', JSON.stringify([MADE_BY, text, operationName, guarded]));
  return `switchyard:plan:${supergraph}:${digest}`;
}

function readPlan(text: string, supergraphHash: string, isPlan: IsPlan): QueryPlan | undefined {
  try {
    const { supergraph, plan } = JSON.parse(text) as Partial<SharedPlan>;
    return supergraph === supergraphHash && isPlan(plan) ? plan : undefined;
  } catch {
    return undefined;
  }
}
