/**
 * The planner's thread. Apollo's planner is synchronous and can take seconds on a nasty operation; here it holds up
 * nobody, and can be ended together with the thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner, type QueryPlan } from '@apollo/query-planner';
import { parse, type DocumentNode } from 'graphql';
import { buildSupergraph } from '../supergraph/load.ts';
import { planWholly } from './faults/dropped-members.ts';
import { MemberTypes } from './faults/member-types.ts';
import { plannerSupergraph } from './faults/planner-supergraph.ts';
import { translatePlan } from './faults/translate-plan.ts';
import type { PlanAnswer, PlanRequest } from './planner.ts';

const memberTypes = new MemberTypes((workerData as { sdl: string }).sdl);
const rewritten = plannerSupergraph(memberTypes.sdl);
const supergraph = buildSupergraph(rewritten.sdl, { validate: !rewritten.isRewritten });
const apiSchema = supergraph.apiSchema();
const planner = new QueryPlanner(supergraph);

parentPort!.on('message', ({ id, text, operationName }: PlanRequest) => {
  parentPort!.postMessage(plan(id, text, operationName));
});
parentPort!.postMessage({ ready: true });

function plan(id: number, text: string, operationName: string | undefined): PlanAnswer {
  const planDocument = (document: DocumentNode): QueryPlan => {
    const options = { ...(operationName ? { operationName } : {}), validate: false };
    const operation = operationFromDocument(apiSchema, document, options);
    return translatePlan(planner.buildQueryPlan(operation), rewritten);
  };
  try {
    return { id, plan: JSON.stringify(planWholly(parse(text), memberTypes, planDocument)) };
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
