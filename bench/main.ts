/** The benchmarks: `npm run bench -- [workload...]`, `npm run bench -- growth`, `npm run bench -- city`, `npm run bench -- registry`, `npm run bench -- soak WORKLOAD`. */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { drawBars, drawPanels } from './chart.ts';
import { endAll } from './child.ts';
import { measureCity, printCity } from './city.ts';
import { choose, compareOn, type Result } from './compare.ts';
import { CONTESTANTS, type Contestant } from './contestants/contestant.ts';
import { makePackage } from './contestants/package.ts';
import { measureGrowth } from './growth.ts';
import { describeMachine, isPinned } from './machine.ts';
import { checkPanel, measureChecks, printChecks } from './registry.ts';
import { createProgress, digits, printTable, type Versions } from './report.ts';
import { soak } from './soak.ts';
import { measureDecisions, measureWrites, printDecisions, printWrites } from './trail.ts';
import { findWorkload, workloadNames, WORKLOADS } from './workloads/catalogue.ts';

const CONNECTIONS = 50;
const PICTURES = path.join(import.meta.dirname, 'results');
const INSTALL = 'npm --prefix bench/rivals ci';

const progress = createProgress(process.stderr);

/** What every command may be told. */
interface Output {
  json?: string;
  pictures: string;
}

interface CompareOptions extends Output {
  rounds: number;
  seconds: number;
  only?: readonly Contestant[];
}

async function runCompare(names: readonly string[], options: CompareOptions): Promise<void> {
  const workloads = names.length > 0 ? await Promise.all(names.map(findWorkload)) : WORKLOADS;
  const rows: Result['row'][] = [];
  console.log(
    howItIsMeasured(
      `${options.rounds} ${options.rounds === 1 ? 'round' : 'rounds'} of ${options.seconds} s after warming up, ${CONNECTIONS} connections`,
    ),
  );
  for (const workload of workloads) {
    const { ready, leftOut } = choose(options.only ?? CONTESTANTS, workload);
    if (ready.length === 0) throw new Error(`Nobody is left to run ${workload.name}.`);
    const results = await compareOn(
      workload,
      ready,
      { ...options, connections: workload.connections ?? CONNECTIONS },
      progress.show,
    );
    progress.clear();
    console.log(`\n${printTable(workload, results)}`);
    sayLeftOut(leftOut);
    const bars = results.map(({ row }) => ({ label: row.name, value: row.cpuMsPerRequest }));
    await draw(
      options,
      workload.name,
      drawBars(`${workload.name}: CPU a request`, `${workload.title}: less is better`, bars),
    );
    rows.push(...results.map(({ row }) => row));
    // Written after each workload: what was measured is not lost when a later one fails.
    await writeJson(options.json, { rows });
  }
}

async function runGrowth(options: Output & { seconds: number; only?: readonly Contestant[] }): Promise<void> {
  const { seconds, only } = options;
  const { ready, leftOut } = choose(only ?? CONTESTANTS.slice(0, 2), WORKLOADS[0]!);
  console.log(howItIsMeasured(`one round of ${seconds} s at each point`));
  const { rows, panels } = await measureGrowth(ready, seconds, progress.show);
  progress.clear();
  for (const { title, series } of panels) {
    console.log(`\n${title}: CPU ms a request`);
    for (const { label, points } of series)
      console.log(`  ${label.padEnd(16)}${points.map(({ x, y }) => `${x}: ${digits(y)}`).join('   ')}`);
  }
  sayLeftOut(leftOut);
  await draw(
    options,
    'growth',
    drawPanels('CPU a request as the work grows', 'milliseconds on a logarithmic scale: less is better', panels),
  );
  await writeJson(options.json, { rows });
}

async function runSoak(name: string, options: Output & { minutes: number }): Promise<void> {
  const { minutes } = options;
  const workload = await findWorkload(name);
  const result = await soak(workload, CONTESTANTS[0]!, { minutes, connections: CONNECTIONS }, progress.show);
  progress.clear();
  const slope = `${result.slopeMiBPerMinute.toFixed(2)} MiB a minute after the first fifth`;
  const peak = `peak ${result.peakMemoryMiB.toFixed(0)} MiB`;
  const rate = `${digits(result.sample.requestsPerSecond)} requests/s`;
  console.log(`${workload.name}, ${minutes} minutes: ${slope}, ${peak}, ${rate}, no wrong answer.`);
  const panel = {
    title: peak,
    xLabel: 'minutes',
    yLabel: 'MiB',
    series: [{ label: 'switchyard', points: result.points }],
  };
  await draw(
    options,
    `soak-${workload.name}`,
    drawPanels(`${workload.name} for ${minutes} minutes: memory`, slope, [panel]),
  );
  await writeJson(options.json, { soak: { workload: workload.name, minutes, ...result } });
}

async function runTrail(options: Pick<Output, 'json'> & { rounds: number; seconds: number }): Promise<void> {
  console.log(howItIsMeasured(`${options.rounds} rounds of ${options.seconds} s after warming up`));
  const decisions = measureDecisions();
  console.log(printDecisions(decisions));
  const writes = await measureWrites(options, progress.show);
  progress.clear();
  console.log(printWrites(writes));
  await writeJson(options.json, { decisions, writes });
}

async function runCity(options: Pick<Output, 'json'> & { rounds: number; seconds: number }): Promise<void> {
  console.log(howItIsMeasured(`${options.rounds} rounds of ${options.seconds} s after warming up`));
  const rows = await measureCity(options, progress.show);
  progress.clear();
  console.log(printCity(rows));
  await writeJson(options.json, { city: rows });
}

async function runRegistry(options: Output): Promise<void> {
  const { cpu, cores, node } = describeMachine();
  console.log(`${cpu}, ${cores} cores, Node ${node}; SQLite, the registry and who asks it in one process.`);
  const rows = await measureChecks(progress.show);
  progress.clear();
  console.log(printChecks(rows));
  const svg = drawPanels('Checks as the graph grows', 'seconds: less is better', [checkPanel(rows)]);
  await draw(options, 'registry', svg);
  await writeJson(options.json, { checks: rows });
}

function howItIsMeasured(turns: string): string {
  const { cpu, cores, node } = describeMachine();
  const where = isPinned() ? 'one core for the gateway, the rest for load and subgraphs' : 'all on the same cores';
  return `${cpu}, ${cores} cores, Node ${node}; ${where}; ${turns}; nothing shared between requests.`;
}

function sayLeftOut(leftOut: readonly Contestant[]): void {
  if (leftOut.length > 0)
    console.log(`Left out, not installed: ${leftOut.map(({ name }) => name).join(', ')}. Install with "${INSTALL}".`);
}

async function draw({ pictures }: Output, name: string, svg: string): Promise<void> {
  await mkdir(pictures, { recursive: true });
  const file = path.join(pictures, `${name}.svg`);
  await writeFile(file, svg);
  console.log(`Picture: ${path.relative(process.cwd(), file)}`);
}

async function writeJson(file: string | undefined, content: object): Promise<void> {
  if (!file) return;
  const whole = { ...content, machine: describeMachine(), versions: versions(), takenAt: new Date().toISOString() };
  await writeFile(file, `${JSON.stringify(whole, undefined, 2)}\n`);
}

function versions(): Versions {
  const read = (file: string): { version: string; dependencies?: Versions } =>
    JSON.parse(readFileSync(path.join(import.meta.dirname, file), 'utf8')) as { version: string };
  return { switchyard: read('../package.json').version, ...read('rivals/package.json').dependencies };
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('A number above 0 is expected.');
  return value;
}

function contestantsNamed(list: string): Contestant[] {
  const names = list.split(',');
  const unknown = names.find((name) => !CONTESTANTS.some((contestant) => contestant.name === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`"${unknown}" is none of ${CONTESTANTS.map(({ name }) => name).join(', ')}.`);
  return CONTESTANTS.filter(({ name }) => names.includes(name));
}

const json = () => new Option('--json <file>', 'write the figures into a file as JSON');
const pictures = () =>
  new Option('--pictures <folder>', 'where pictures are written').default(PICTURES, 'bench/results');
const only = () =>
  new Option('--only <names>', 'run these contestants, separated by commas').argParser(contestantsNamed);
const seconds = (usual: number) =>
  new Option('--seconds <number>', 'length of one turn').argParser(positive).default(usual);

const program = new Command('bench')
  .hook('preAction', makePackage)
  // Subcommands have options of the same names with defaults of their own.
  .enablePositionalOptions()
  .description('Switchyard and others at the same work, side by side')
  .argument('[workloads...]', `any of ${workloadNames().join(', ')} (default: all but the last)`)
  .addOption(json())
  .addOption(pictures())
  .addOption(new Option('--rounds <number>', 'turns each contestant has').argParser(positive).default(3))
  .addOption(seconds(5))
  .addOption(only())
  .action(runCompare);
program
  .command('growth')
  .description('CPU a request with more entities, more subgraphs, more depth')
  .addOption(json())
  .addOption(pictures())
  .addOption(seconds(3))
  .addOption(only())
  .action(runGrowth);
program
  .command('soak <workload>')
  .description('memory over a long time under load')
  .addOption(json())
  .addOption(pictures())
  .addOption(new Option('--minutes <number>', 'how long').argParser(positive).default(10))
  .action(runSoak);

program
  .command('trail')
  .description('what it costs to decide, and to write the trail before answers leave, on SQLite and PostgreSQL')
  .addOption(json())
  .addOption(new Option('--rounds <number>', 'turns each has').argParser(positive).default(3))
  .addOption(seconds(5))
  .action(runTrail);

program
  .command('city')
  .description('the saved operations before the running network, with nothing remembered and with everything')
  .addOption(json())
  .addOption(new Option('--rounds <number>', 'turns each has').argParser(positive).default(3))
  .addOption(seconds(5))
  .action(runCity);

program
  .command('registry')
  .description('what a check of one added field takes the registry with more departments')
  .addOption(json())
  .addOption(pictures())
  .action(runRegistry);

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopped.abort();
    endAll();
  });
}

try {
  await program.parseAsync();
} catch (error) {
  progress.clear();
  // What is under way then fails because its programs have ended.
  console.error(stopped.signal.aborted ? 'Stopped.' : (error as Error).message);
  process.exitCode = stopped.signal.aborted ? 130 : 1;
}
