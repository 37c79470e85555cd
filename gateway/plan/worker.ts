/**
 * The planner's thread. Apollo's planner is synchronous and can take seconds on a nasty operation; here it holds up
 * nobody, and can be ended together with the thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner, type QueryPlan } from '@apollo/query-planner';
import { buildASTSchema, parse, type DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { buildSupergraph } from '../supergraph/load.ts';
import { planWholly } from './faults/dropped-members.ts';
import { MemberTypes } from './faults/member-types.ts';
import { plannerSupergraph } from './faults/planner-supergraph.ts';
import type { Separated } from './faults/requirement-graphs.ts';
import { translatePlan } from './faults/translate-plan.ts';
import type { GuardedField } from '../operation/field-access.ts';
import { refuseUnguarded } from './unguarded.ts';
import type { PlanAnswer, PlanRequest } from './planner.ts';

/** Planners that are kept: one for all who see every record, and one for each way that records decide. */
const MAX_PLANNERS = 8;

const memberTypes = new MemberTypes((workerData as { sdl: string }).sdl);
const planners = new LRUCache<string, PlanDocument>({ max: MAX_PLANNERS });

parentPort!.on('message', (request: PlanRequest) => {
  parentPort!.postMessage(plan(request));
});
plannerFor([]);
parentPort!.postMessage({ ready: true });

type PlanDocument = (document: DocumentNode, operationName: string | undefined) => QueryPlan;

function plannerFor(guarded: readonly GuardedField[], separates: Separated = 'wrong'): PlanDocument {
  const key = JSON.stringify([guarded, separates]);
  let planner = planners.get(key);
  if (!planner) planners.set(key, (planner = makePlanner(guarded, separates)));
  return planner;
}

function makePlanner(guarded: readonly GuardedField[], separates: Separated): PlanDocument {
  const rewritten = plannerSupergraph(memberTypes.sdl, guarded, separates);
  const supergraph = buildSupergraph(rewritten.sdl, { validate: !rewritten.isRewritten });
  const apiSchema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph, { typeConditionedFetching: true });
  // Supergraphs of Federation 1, rewritten, are not what graphql-js takes for valid.
  const schema = buildASTSchema(parse(memberTypes.sdl), { assumeValid: true, assumeValidSDL: true });
  return (document, operationName) => {
    const options = { ...(operationName ? { operationName } : {}), validate: false };
    const operation = operationFromDocument(apiSchema, document, options);
    const plan = translatePlan(planner.buildQueryPlan(operation), rewritten);
    return refuseUnguarded(plan, guarded, schema);
  };
}

/** The planner may fail at what it merges; where no requirement can be merged into anything it does not. */
function planOrSeparate(
  document: DocumentNode,
  operationName: string | undefined,
  guarded: readonly GuardedField[],
): QueryPlan {
  try {
    return plannerFor(guarded)(document, operationName);
  } catch (error) {
    try {
      return plannerFor(guarded, 'all')(document, operationName);
    } catch {
      throw error;
    }
  }
}

function plan({ id, text, operationName, guarded }: PlanRequest): PlanAnswer {
  try {
    const planned = planWholly(parse(text), memberTypes, (document) =>
      planOrSeparate(document, operationName, guarded),
    );
    return { id, plan: JSON.stringify(planned) };
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
