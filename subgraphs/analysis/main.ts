import { runDepartment } from '../kit/subgraph.ts';
import { analysis } from './department.ts';

await runDepartment(analysis);
