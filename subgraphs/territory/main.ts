import { runDepartment } from '../kit/subgraph.ts';
import { territory } from './department.ts';

await runDepartment(territory);
