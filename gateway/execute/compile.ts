import type { ConditionNode, FetchNode, FlattenNode, PlanNode, QueryPlan, ResponsePath } from '@apollo/query-planner';
import { GatewayFault } from '../errors.ts';
import type { WholePlan } from '../plan/faults/dropped-members.ts';
import { compileUnsupplied } from './unsupplied.ts';
import { compileEntityFetch, compileRootFetch } from './fetch-step.ts';
import type { CompileContext, Execution, ExecutionInput, ExecutionOutput, Step } from './execution.ts';

/** A plan compiled once, to be run many times. */
export type CompiledPlan = (input: ExecutionInput) => Promise<ExecutionOutput>;

/**
 * Compiles a plan of Apollo's planner.
 * @throws GatewayFault PLANNING_FAILED for a node that this gateway does not carry out
 */
export function compilePlan(plan: WholePlan, options: Omit<CompileContext, 'sharesObjects'>): CompiledPlan {
  const context = { ...options, sharesObjects: !hasContextualArguments(plan) };
  const run = plan.node ? compileRoot(plan.node, context) : () => Promise.resolve();
  const unsuppliedErrors = compileUnsupplied(plan, context.schema);
  return async (input) => {
    const execution: Execution = {
      ...input,
      data: {},
      errors: [],
      verdicts: new WeakMap(),
      unfilled: new WeakMap(),
      isOver: false,
    };
    await run(execution);
    execution.errors.push(...unsuppliedErrors(execution.data));
    return execution;
  };
}

/** A plan is plain data. */
function hasContextualArguments(plan: QueryPlan): boolean {
  return JSON.stringify(plan).includes('"contextRewrites":[');
}

function compileRoot(node: NonNullable<QueryPlan['node']>, context: CompileContext): Step {
  if (node.kind === 'Subscription') throw new GatewayFault('PLANNING_FAILED', 'Subscriptions are not carried out.');
  return compileNode(node, [], context);
}

function compileNode(node: PlanNode, path: ResponsePath, context: CompileContext): Step {
  switch (node.kind) {
    case 'Sequence':
      return sequence(node.nodes.map((child) => compileNode(child, path, context)));
    case 'Parallel':
      return parallel(node.nodes.map((child) => compileNode(child, path, context)));
    case 'Flatten':
      return compileFlatten(node, path, context);
    case 'Fetch':
      return compileFetch(node, path, context);
    case 'Condition':
      return compileCondition(node, path, context);
    case 'Defer':
      throw new GatewayFault('PLANNING_FAILED', 'Deferred parts are not carried out.');
  }
}

function sequence(steps: readonly Step[]): Step {
  return async (execution) => {
    for (const step of steps) if (!execution.isOver) await step(execution);
  };
}

function parallel(steps: readonly Step[]): Step {
  return async (execution) => {
    await Promise.all(steps.map((step) => step(execution)));
  };
}

function compileFlatten(node: FlattenNode, path: ResponsePath, context: CompileContext): Step {
  return compileNode(node.node, [...path, ...node.path], context);
}

function compileFetch(node: FetchNode, path: ResponsePath, context: CompileContext): Step {
  return node.requires ? compileEntityFetch(node, node.requires, path, context) : compileRootFetch(node, path, context);
}

function compileCondition(node: ConditionNode, path: ResponsePath, context: CompileContext): Step {
  const whenTrue = node.ifClause && compileNode(node.ifClause, path, context);
  const whenFalse = node.elseClause && compileNode(node.elseClause, path, context);
  return async (execution) => {
    await (execution.variables[node.condition] === true ? whenTrue : whenFalse)?.(execution);
  };
}
