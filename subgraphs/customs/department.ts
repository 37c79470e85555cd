import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/** Customs, over its stream of messages. Settings: `CUSTOMS_REDIS_URL` (required). */
export const customs: Department = departmentFrom(new URL('department.yaml', import.meta.url));
