import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/** Fire and emergency, over the brigade's folder of spreadsheets. Settings: `FIRE_DROP_DIR` (required). */
export const fire: Department = departmentFrom(new URL('department.yaml', import.meta.url));
