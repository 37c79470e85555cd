import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/**
 * Social security, behind its REST service; reads `SOCIAL_SECURITY_URL`, `SOCIAL_SECURITY_TIMEOUT_MS` (each request, default 1000)
 * and `SOCIAL_SECURITY_DEADLINE_MS` (one question, with all waiting and repeating, default 5000).
 */
export const socialSecurity: Department = departmentFrom(new URL('department.yaml', import.meta.url));
