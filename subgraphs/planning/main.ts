import { runDepartment } from '../kit/subgraph.ts';
import { planning } from './department.ts';

await runDepartment(planning);
