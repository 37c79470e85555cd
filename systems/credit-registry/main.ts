import { runProgram } from '../../subgraphs/kit/program.ts';
import { startCreditRegistry } from './service.ts';

await runProgram('credit registry', () => startCreditRegistry(process.env));
