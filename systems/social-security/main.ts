import { runProgram } from '../../subgraphs/kit/program.ts';
import { startSocialSecuritySystem } from './service.ts';

await runProgram('social security system', () => startSocialSecuritySystem(process.env));
