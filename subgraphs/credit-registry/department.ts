import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/** The credit registry, behind its GraphQL service; reads `CREDIT_REGISTRY_URL`, and `CREDIT_REGISTRY_TIMEOUT_MS` (default 3000). */
export const creditRegistry: Department = departmentFrom(new URL('department.yaml', import.meta.url));
