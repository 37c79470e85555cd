import { runDepartment } from '../kit/subgraph.ts';
import { tax } from './department.ts';

await runDepartment(tax);
