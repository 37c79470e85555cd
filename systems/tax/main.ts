import { runProgram } from '../../subgraphs/kit/program.ts';
import { startTaxSystem } from './service.ts';

await runProgram('tax system', () => startTaxSystem(process.env));
