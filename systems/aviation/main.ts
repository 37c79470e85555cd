import { runProgram } from '../../subgraphs/kit/program.ts';
import { startAviationSystem } from './service.ts';

await runProgram('aviation registry', () => startAviationSystem(process.env));
