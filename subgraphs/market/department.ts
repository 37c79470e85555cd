import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/**
 * Market regulation's enterprise register on PostgreSQL, schema `market`. Settings: `DATABASE_URL` (required),
 * `MARKET_TIMEOUT_MS` (default 3000, for one statement).
 */
export const market: Department = departmentFrom(new URL('department.yaml', import.meta.url));
