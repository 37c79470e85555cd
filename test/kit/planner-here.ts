import type { QueryPlan } from '@apollo/query-planner';
import { GatewayFault } from '../../gateway/errors.ts';
import { planCheck } from '../../gateway/plan/plan-shape.ts';
import type { Planner } from '../../gateway/plan/planner.ts';
import { SynchronousPlanner } from '../../gateway/plan/synchronous-planner.ts';

/**
 * A planner without a thread, which takes longer to start than most small operations take to plan. It has no time limit. Each plan is held to the shape
 * that gateways check before they run what another has planned.
 */
export function planHere(sdl: string): Planner {
  const planner = new SynchronousPlanner(sdl);
  const subgraphs = new Set([...sdl.matchAll(/@join__graph\(name: "([^"]*)"/g)].map(([, name]) => name!));
  return {
    ready: () => Promise.resolve(),
    plan(text, operationName, guarded = []) {
      try {
        // As it comes out of the thread.
        const plan = JSON.parse(JSON.stringify(planner.plan(text, operationName, guarded))) as QueryPlan;
        const isPlan = planCheck({ subgraphs, isMutation: text.startsWith('mutation') });
        if (!isPlan(plan)) throw new Error(`a plan of another shape: ${JSON.stringify(plan)}`);
        return Promise.resolve(plan);
      } catch (error) {
        return Promise.reject(new GatewayFault('PLANNING_FAILED', String(error)));
      }
    },
    close: () => Promise.resolve(),
  };
}
