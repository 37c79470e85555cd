import { runDepartment } from '../kit/subgraph.ts';
import { socialSecurity } from './department.ts';

await runDepartment(socialSecurity);
