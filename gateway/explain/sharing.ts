import type { QueryPlan } from '@apollo/query-planner';
import { compilePlan } from '../execute/compile.ts';
import type { ExecutionInput } from '../execute/execution.ts';
import type { SubgraphRequest } from '../execute/fetcher.ts';
import { compileRepresentation } from '../execute/representations.ts';
import { compileTargetPath, findTargets } from '../execute/targets.ts';
import type { FieldAccess } from '../operation/field-access.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import { findFetch, type PlannedFetch } from './planned-fetches.ts';

/** How often a fetch's entities occur, and how often they had to be asked for. */
export interface FetchSharing {
  fetch: number;
  /** Places in the data that need an entity of this fetch. */
  places: number;
  /** Entities that the department was asked for. */
  asked: number;
  /** Entities that the cache remembered. */
  remembered: number;
  /** Places that needed no asking: the same entity was asked for another place, or the department gave all of it elsewhere. */
  shared: number;
}

/** What counting depends on. */
export interface SharingInput {
  plan: QueryPlan;
  fetches: readonly PlannedFetch[];
  supergraph: ServedSupergraph;
  /** What the caller may see. */
  access: FieldAccess;
  /** Runs the plan again over the answers that were given; its fetcher asks nobody. */
  replay: ExecutionInput;
  /** What the gateway asked for, of the cache where there is one. */
  wanted: readonly SubgraphRequest[];
  /** What departments were asked for. */
  asked: readonly SubgraphRequest[];
}

/** Counts what each entity fetch of a request that is answered did not have to ask for. */
export async function countSharing({
  plan,
  fetches,
  supergraph: { fullSchema, tolerantFields, entityKeys },
  access,
  replay,
  wanted,
  asked,
}: SharingInput): Promise<FetchSharing[]> {
  const { data } = await compilePlan(plan, {
    ...{ schema: fullSchema, maskErrors: false, access },
    ...{ tolerantFields, entityKeys },
  })(replay);
  return fetches.flatMap((fetch) => {
    const { number, node, path } = fetch;
    if (!node.requires) return [];
    const represent = compileRepresentation(node.requires, node.inputRewrites, fullSchema);
    const targets = findTargets(data, compileTargetPath(path, fullSchema));
    const places = targets.filter((target) => represent(target) !== undefined).length;
    const countRepresentations = (requests: readonly SubgraphRequest[]): number => {
      const own = requests.filter(({ template }) => findFetch(fetches, template) === fetch);
      return own.reduce((count, { representations }) => count + representations.length, 0);
    };
    const wantedOf = countRepresentations(wanted);
    const askedOf = countRepresentations(asked);
    return [{ fetch: number, places, asked: askedOf, remembered: wantedOf - askedOf, shared: places - wantedOf }];
  });
}
