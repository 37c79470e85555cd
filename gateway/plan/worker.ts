/**
 * The planner's thread. Apollo's planner is synchronous and can take seconds on a nasty operation; here it holds up
 * nobody, and can be ended together with the thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { PlanAnswer, PlanFailure, PlanRequest } from './planner.ts';
import { SynchronousPlanner } from './synchronous-planner.ts';

const planner = new SynchronousPlanner((workerData as { sdl: string }).sdl);

parentPort!.on('message', (request: PlanRequest) => {
  parentPort!.postMessage(answer(request));
});
parentPort!.postMessage({ ready: true });

function answer({ id, text, operationName, guarded }: PlanRequest): PlanAnswer {
  try {
    return { id, plan: JSON.stringify(planner.plan(text, operationName, guarded)) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): PlanFailure {
  return error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error) };
}
