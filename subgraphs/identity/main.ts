import { runDepartment } from '../kit/subgraph.ts';
import { identity } from './department.ts';

await runDepartment(identity);
