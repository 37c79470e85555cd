import { runDepartment } from '../kit/subgraph.ts';
import { fire } from './department.ts';

await runDepartment(fire);
