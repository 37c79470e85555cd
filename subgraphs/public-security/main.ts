import { runDepartment } from '../kit/subgraph.ts';
import { publicSecurity } from './department.ts';

await runDepartment(publicSecurity);
