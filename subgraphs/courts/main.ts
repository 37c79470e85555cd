import { runDepartment } from '../kit/subgraph.ts';
import { courts } from './department.ts';

await runDepartment(courts);
