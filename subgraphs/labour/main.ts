import { runDepartment } from '../kit/subgraph.ts';
import { labour } from './department.ts';

await runDepartment(labour);
