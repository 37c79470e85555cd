/**
 * `npm run check`: types, lint, format, unused code, layers, schema drift. A line for each, the output of those that failed,
 * exit code 1 if any did. `--json` prints the results as JSON; `--fix` mends what mends by itself instead.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { colors } from '../gateway/cli/colors.ts';
import { runSteps, type StepResult } from './check/run.ts';
import { checkSteps, fixSteps } from './check/steps.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, fix: { type: 'boolean' } } });
const root = path.resolve(import.meta.dirname, '..');

function line({ ok, name, seconds }: StepResult): string {
  const mark = ok ? colors.green('ok  ') : colors.red('FAIL');
  return `${mark}  ${name.padEnd(28)} ${seconds.toFixed(1).padStart(6)} s`;
}

const results = await runSteps(values.fix ? fixSteps(root) : checkSteps(root), {
  root,
  // Fixes write the same files, one after the other.
  atOnce: values.fix ? 1 : Math.min(2, availableParallelism()),
  ...(values.json ? {} : { onResult: (result) => console.log(line(result)) }),
});
const failed = results.filter((result) => !result.ok);
if (values.json) console.log(JSON.stringify(results, undefined, 2));
else for (const { name, output } of failed) console.log(`\n${colors.bold(`── ${name}`)}\n${output.trimEnd()}`);
process.exitCode = failed.length > 0 ? 1 : 0;
