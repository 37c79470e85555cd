import { readFacts, type FactsSubgraph } from '../kit/facts/facts-department.ts';
import type { CatalogueDepartment } from './catalogue.ts';
import { economiesSdl } from './sdl.ts';

/**
 * The subgraph of what several of the departments assert of a place, as `facts.yaml` says it.
 * @throws StartError where the file names what the departments do not have
 */
export function economiesClaims(departments: readonly CatalogueDepartment[]): FactsSubgraph {
  return readFacts(new URL('facts.yaml', import.meta.url), economiesSdl(departments));
}
