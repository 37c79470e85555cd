import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/**
 * Civil aviation, behind its paged REST registry; reads `AVIATION_URL` and `AVIATION_TIMEOUT_MS` (default 3000, for one question
 * with all its pages).
 */
export const aviation: Department = departmentFrom(new URL('department.yaml', import.meta.url));
