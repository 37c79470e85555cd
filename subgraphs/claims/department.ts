import { factsFrom } from '../kit/facts/facts-department.ts';
import type { Department } from '../kit/subgraph.ts';

/** What several departments of the city assert of an enterprise, as `facts.yaml` says it. It has no system and no settings of its own. */
export const claims: Department = factsFrom(new URL('facts.yaml', import.meta.url));
