import { runDepartment } from '../kit/subgraph.ts';
import { municipal } from './department.ts';

await runDepartment(municipal);
