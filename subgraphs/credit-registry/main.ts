import { runDepartment } from '../kit/subgraph.ts';
import { creditRegistry } from './department.ts';

await runDepartment(creditRegistry);
