/**
 * The planner's thread. Apollo's planner is synchronous and can take seconds on a nasty operation; here it holds up
 * nobody, and can be ended together with the thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';
import { buildSupergraph } from '../supergraph/load.ts';
import type { PlanAnswer, PlanRequest } from './planner.ts';

const supergraph = buildSupergraph((workerData as { sdl: string }).sdl);
const apiSchema = supergraph.apiSchema();
const planner = new QueryPlanner(supergraph);

parentPort!.on('message', ({ id, text, operationName }: PlanRequest) => {
  parentPort!.postMessage(plan(id, text, operationName));
});
parentPort!.postMessage({ ready: true });

function plan(id: number, text: string, operationName: string | undefined): PlanAnswer {
  try {
    const operation = operationFromDocument(apiSchema, parse(text), {
      ...(operationName ? { operationName } : {}),
      validate: false,
    });
    return { id, plan: JSON.stringify(planner.buildQueryPlan(operation)) };
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
