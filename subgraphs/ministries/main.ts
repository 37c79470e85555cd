import { runProgram } from '../kit/program.ts';
import { openEconomies } from './economies.ts';
import { serveMinistries } from './serve.ts';

await runProgram('ministries', () => serveMinistries(openEconomies(), process.env));
