/**
 * Random answers of departments, right ones corrupted in every way, and anything else: the program must give what the plain
 * way gives, which is JSON.parse and what follows from it.
 *
 *     npm run fuzz -- --runs 20000 --seed 1
 *
 * A difference is made as small as it gets and printed, with the bytes. Exits 1 on a difference.
 */
import { parseArgs } from 'node:util';
import { fuzzAnswers } from '../test/program/answer-fuzz.ts';
import { library, people, QUERIES } from '../test/program/library.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [runs, seed] = [wholeNumber('runs', values.runs), wholeNumber('seed', values.seed)];

function wholeNumber(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`--${name} is "${text}"; it must be a whole number`);
  process.exit(2);
}

const started = performance.now();

function progress(tried: number): void {
  if (tried % 1_000 > 0) return;
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(`${tried} of ${runs} answers, ${seconds} s`);
}

const outcome = await fuzzAnswers({
  subgraphs: { library, people },
  queries: QUERIES,
  runs,
  seed,
  onRun: progress,
});
if (outcome.difference !== undefined) console.log(`\n${outcome.difference}\n`);
const { tried, byProgram, difference } = outcome;
console.log(`${tried} answers, ${byProgram} taken by the program, ${difference ? 1 : 0} differences, seed ${seed}`);
process.exitCode = difference === undefined ? 0 : 1;
