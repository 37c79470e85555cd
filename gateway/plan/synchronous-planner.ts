import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner, type QueryPlan } from '@apollo/query-planner';
import { buildASTSchema, parse, type DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { GuardedField } from '../operation/field-access.ts';
import { buildSupergraph } from '../supergraph/load.ts';
import { planWholly } from './faults/dropped-members.ts';
import { MemberTypes } from './faults/member-types.ts';
import { plannerSupergraph } from './faults/planner-supergraph.ts';
import type { Separated } from './faults/requirement-graphs.ts';
import { translatePlan } from './faults/translate-plan.ts';
import { refuseUnguarded } from './unguarded.ts';

/** Planners that are kept: one for all who see every record, and one for each way that records decide. */
const MAX_PLANNERS = 8;

type PlanDocument = (document: DocumentNode, operationName: string | undefined) => QueryPlan;

/** Plans operations in the thread that asks: Apollo's planner, with what stands around it. */
export class SynchronousPlanner {
  readonly #memberTypes: MemberTypes;
  readonly #planners = new LRUCache<string, PlanDocument>({ max: MAX_PLANNERS });

  /** @throws what Apollo's packages throw at a supergraph that they cannot read */
  constructor(sdl: string) {
    this.#memberTypes = new MemberTypes(sdl);
    this.#plannerFor([]);
  }

  /**
   * @param text a valid document; introspection taken out
   * @param guarded fields that are to be fetched only where the record allows it
   * @throws what the planner throws at what it cannot plan
   */
  plan(text: string, operationName: string | undefined, guarded: readonly GuardedField[]): QueryPlan {
    return planWholly(parse(text), this.#memberTypes, (document) =>
      this.#planOrSeparate(document, operationName, guarded),
    );
  }

  /** The planner may fail at what it merges; where no requirement can be merged into anything it does not. */
  #planOrSeparate(
    document: DocumentNode,
    operationName: string | undefined,
    guarded: readonly GuardedField[],
  ): QueryPlan {
    try {
      return this.#plannerFor(guarded)(document, operationName);
    } catch (error) {
      try {
        return this.#plannerFor(guarded, 'all')(document, operationName);
      } catch {
        throw error;
      }
    }
  }

  #plannerFor(guarded: readonly GuardedField[], separates: Separated = 'wrong'): PlanDocument {
    const key = JSON.stringify([guarded, separates]);
    let planner = this.#planners.get(key);
    if (!planner) this.#planners.set(key, (planner = makePlanner(this.#memberTypes.sdl, guarded, separates)));
    return planner;
  }
}

function makePlanner(sdl: string, guarded: readonly GuardedField[], separates: Separated): PlanDocument {
  const rewritten = plannerSupergraph(sdl, guarded, separates);
  const supergraph = buildSupergraph(rewritten.sdl, { validate: !rewritten.isRewritten });
  const apiSchema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph, { typeConditionedFetching: true });
  // Supergraphs of Federation 1, rewritten, are not what graphql-js takes for valid.
  const schema = buildASTSchema(parse(sdl), { assumeValid: true, assumeValidSDL: true });
  return (document, operationName) => {
    const options = { ...(operationName ? { operationName } : {}), validate: false };
    const operation = operationFromDocument(apiSchema, document, options);
    const plan = translatePlan(planner.buildQueryPlan(operation), rewritten);
    return refuseUnguarded(plan, guarded, schema);
  };
}
