/**
 * Random operations on random federations, each compared with a monolith over the same data.
 *
 *     npm run oracle -- --operations 10000 --seed 1
 *
 * `--authority` makes up access classes, rules of departments and a caller for each operation; `--traced` records requests, and compares whom both ways say they are about; `--chains` also makes fields required that are themselves given against a requirement; `--max-differences` (default 5) ends it
 * after so many; `--replay FOLDER` runs the cases of a folder instead. Each difference is made as small as it gets and kept in test/property/cases/, unless `--no-cases`. Exits 1 on a difference.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startPlanner } from '../gateway/plan/planner.ts';
import { caseFiles, describeDifference, replayCase, writeCase } from '../test/property/case-file.ts';
import { runCampaign, type FoundDifference, type Tally } from '../test/property/oracle.ts';
import { shrinkDifference } from '../test/property/shrink.ts';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    chains: { type: 'boolean', default: false },
    authority: { type: 'boolean', default: false },
    traced: { type: 'boolean', default: false },
    'max-differences': { type: 'string', default: '5' },
    replay: { type: 'string' },
    'no-cases': { type: 'boolean', default: false },
  },
});
const seed = wholeNumber('seed', values.seed);
const operations = wholeNumber('operations', values.operations);
const maxDifferences = wholeNumber('max-differences', values['max-differences']);

function wholeNumber(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`--${name} is "${text}"; it must be a whole number`);
  process.exit(2);
}

/** Ends a campaign that has found enough. */
class Enough extends Error {}

const started = performance.now();
let found = 0;
let latest: Readonly<Tally> | undefined;

async function keep(difference: FoundDifference): Promise<void> {
  found += 1;
  console.log(`\n${difference.differences[0]!.kind}, found by the ${difference.way} way; making it smaller`);
  const smallest = await shrinkDifference(difference);
  console.log(await describeDifference(smallest));
  if (!values['no-cases']) console.log(`── kept as ${path.relative(process.cwd(), await writeCase(smallest))}`);
  if (found >= maxDifferences) throw new Enough();
}

function progress(tally: Readonly<Tally>): void {
  latest = { ...tally };
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const line = `${tally.operations} of ${operations} operations, ${tally.federations} federations, ${tally.differences} differences, ${seconds} s`;
  if (process.stdout.isTTY) process.stdout.write(`\r${line}`);
  else if (tally.federations % 20 === 0) console.log(line);
}

if (values.replay !== undefined) {
  await replay(path.resolve(values.replay));
  process.exit();
}

/** Runs the cases of a folder, a line for each. */
async function replay(folder: string): Promise<void> {
  for (const name of await caseFiles(folder)) {
    const { differences, way } = await replayCase(name, folder);
    if (differences.length > 0) process.exitCode = 1;
    const kinds = [...new Set(differences.map(({ kind }) => kind))].join(', ');
    console.log(
      `${differences.length > 0 ? 'FAIL' : 'ok  '}  ${name}  ${differences.length > 0 ? `${way} way: ${kinds}` : ''}`,
    );
  }
}

try {
  latest = await runCampaign({
    seed,
    operations,
    chains: values.chains,
    authority: values.authority,
    traced: values.traced,
    // Some of so many take the planner longer than anybody waits.
    startPlanner,
    onDifference: keep,
    onProgress: progress,
  });
} catch (error) {
  if (!(error instanceof Enough)) throw error;
}
if (latest) {
  const { federations, refused, withErrors, mutations, fetches, invalid, unplanned } = latest;
  console.log(
    `\n${federations} federations (${refused} made in vain), ${withErrors} operations with errors, ${mutations} mutations, ` +
      `${fetches} subgraph requests, ${invalid} invalid operations left out, ${unplanned} not planned in time`,
  );
}
console.log(`${latest?.operations ?? 0} operations, ${found} differences, seed ${seed}`);
process.exitCode = found > 0 ? 1 : 0;
