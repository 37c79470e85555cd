import { runDepartment } from '../kit/subgraph.ts';
import { cityOperations } from './department.ts';

await runDepartment(cityOperations);
