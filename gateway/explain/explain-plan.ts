import type { QueryPlan } from '@apollo/query-planner';
import { FULL_ACCESS, type FieldAccess } from '../operation/field-access.ts';
import type { PreparedOperation } from '../operation/prepare.ts';
import { compileProgram, type Program } from '../program/compile-program.ts';
import { NotCompilable } from '../program/not-compilable.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import { findFieldOrigins, type FieldOrigin } from './field-origins.ts';
import { handedIn, readKeys, type HandedIn, type HandedInContext } from './handed-in.ts';
import { listFetches, type PlannedFetch } from './planned-fetches.ts';

/** What there is to know of an operation before it runs. */
export interface PlanExplanation {
  /** The operation's name; absent where it has none. */
  name?: string;
  fingerprint: string;
  plan: QueryPlan;
  fetches: ExplainedFetch[];
  /** Every field of the answer, in the answer's order. */
  fields: FieldOrigin[];
  /** The generated program, or why there is none and the operation is run the plain way. */
  program: { source: string } | { runsPlainBecause: string };
}

/** A fetch of a plan, to be read. */
export interface ExplainedFetch {
  /** What the other parts of an explanation call it by. */
  number: number;
  service: string;
  /** Where the objects it is for stand in the merged data, `@` for every item of a list; empty at the root. */
  path: string;
  /** The fetch that asks the same of the same department: what that one fetched, this one does not fetch again. */
  sharesWith?: number;
  /** What it hands in for each entity; empty at the root. */
  handsIn: HandedIn[];
  /** What the department is sent. */
  query: string;
}

/** What explaining a plan depends on. */
export interface PlanToExplain {
  prepared: PreparedOperation;
  plan: QueryPlan;
  supergraph: ServedSupergraph;
  /** After coercion: the plan is for the way that `@skip` and `@include` go with them. */
  variables: Readonly<Record<string, unknown>>;
  /** What the caller may see of it. Default: everything. */
  access?: FieldAccess;
}

/** Explains how an operation is going to be run. */
export function explainPlan({
  prepared,
  plan,
  supergraph,
  variables,
  access = FULL_ACCESS,
}: PlanToExplain): PlanExplanation {
  const { name, fingerprint } = prepared;
  const fetches = listFetches(plan, variables);
  const program = tryProgram({ prepared, plan, supergraph, variables, access });
  return {
    ...(name === undefined ? {} : { name }),
    fingerprint,
    plan,
    fetches: explainFetches(fetches, handedInContext(supergraph), 'source' in program ? program : undefined),
    fields: findFieldOrigins(prepared, fetches, { ...supergraph, variables }),
    program: 'source' in program ? { source: program.source } : program,
  };
}

function tryProgram({
  prepared: { operation, fragments, dataKeys },
  plan,
  supergraph: { apiSchema, fullSchema },
  variables,
  access,
}: Required<PlanToExplain>): Program | { runsPlainBecause: string } {
  try {
    return compileProgram({ plan, operation, fragments, dataKeys, apiSchema, fullSchema, variables, access });
  } catch (error) {
    if (error instanceof NotCompilable) return { runsPlainBecause: error.message };
    throw error;
  }
}

function explainFetches(
  fetches: readonly PlannedFetch[],
  context: HandedInContext,
  program: Program | undefined,
): ExplainedFetch[] {
  const groups = new Map(program?.fetches.map(({ node, group }) => [node, group]));
  return fetches.map(({ number, node, path }) => {
    const group = groups.get(node) ?? number;
    return {
      number,
      service: node.serviceName,
      path: path.join('.'),
      ...(group === number ? {} : { sharesWith: group }),
      handsIn: handedIn(node, context),
      query: node.operation,
    };
  });
}

const handedInContexts = new WeakMap<ServedSupergraph, HandedInContext>();

/** Read once for a supergraph. */
function handedInContext(supergraph: ServedSupergraph): HandedInContext {
  let context = handedInContexts.get(supergraph);
  if (!context) {
    context = { schema: supergraph.fullSchema, keysOf: readKeys(supergraph.sdl) };
    handedInContexts.set(supergraph, context);
  }
  return context;
}
