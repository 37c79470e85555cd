import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/** The courts' folder of XML files. Settings: `COURTS_CASE_DIR` (required). */
export const courts: Department = departmentFrom(new URL('department.yaml', import.meta.url));
