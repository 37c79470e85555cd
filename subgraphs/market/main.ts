import { runDepartment } from '../kit/subgraph.ts';
import { market } from './department.ts';

await runDepartment(market);
