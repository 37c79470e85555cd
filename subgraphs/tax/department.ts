import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import type { Department } from '../kit/subgraph.ts';

/** The tax bureau, behind its SOAP register; reads `TAX_WSDL_URL`, and `TAX_TIMEOUT_MS` (each request, default 2000). */
export const tax: Department = departmentFrom(new URL('department.yaml', import.meta.url));
