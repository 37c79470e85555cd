import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/**
 * Public security's register of persons on PostgreSQL, schema `public_security`. Settings: `DATABASE_URL` (required),
 * `PUBLIC_SECURITY_TIMEOUT_MS` (default 3000, for one statement).
 */
export const publicSecurity: Department = departmentFrom(new URL('department.yaml', import.meta.url));
