import { runDepartment } from '../kit/subgraph.ts';
import { aviation } from './department.ts';

await runDepartment(aviation);
