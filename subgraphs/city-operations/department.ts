import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/** City operations' hotline, over its SQLite file. Settings: `CITY_OPERATIONS_DATABASE_FILE` (required). */
export const cityOperations: Department = departmentFrom(new URL('department.yaml', import.meta.url));
