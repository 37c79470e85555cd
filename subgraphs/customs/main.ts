import { runDepartment } from '../kit/subgraph.ts';
import { customs } from './department.ts';

await runDepartment(customs);
