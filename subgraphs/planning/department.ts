import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/**
 * Planning and land. Settings: `MARIADB_URL` (the book in MariaDB) or `PLANNING_DATABASE_FILE` (in SQLite), one of them required;
 * `PLANNING_TIMEOUT_MS` (default 3000, for one statement of MariaDB).
 */
export const planning: Department = departmentFrom(new URL('department.yaml', import.meta.url));
