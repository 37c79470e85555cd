import { runDepartment } from '../kit/subgraph.ts';
import { power } from './department.ts';

await runDepartment(power);
