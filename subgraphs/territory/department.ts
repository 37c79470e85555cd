import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/**
 * The territory registry on PostgreSQL, schema `territory`. Settings: `DATABASE_URL` (required), `TERRITORY_TIMEOUT_MS`
 * (default 3000, for one statement).
 */
export const territory: Department = departmentFrom(new URL('department.yaml', import.meta.url));
