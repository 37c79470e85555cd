import { runDepartment } from '../kit/subgraph.ts';
import { claims } from './department.ts';

await runDepartment(claims);
