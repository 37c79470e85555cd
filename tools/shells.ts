/**
 * How well shell companies are found: cities of seeds that nothing was built by, each through departments, gateway, dispatch and rule.
 *
 *     npm run shells -- --enterprises 5000 --seeds 9001-9010
 *
 * `--sql` has the rule look at the generator's records without any department, for more cities than have the time to go the whole way; `--json`
 * prints a line of JSON for each city. Exits 1 where precision or recall is under 0.95.
 */
import { parseArgs } from 'node:util';
import { generateCity } from '../systems/city/generate.ts';
import { scoreOf, type ShellScore } from './shells/score.ts';
import { findBySqlAlone } from './shells/sql-alone.ts';
import { findThroughGraph, type GraphRun } from './shells/through-graph.ts';

const LEAST = 0.95;
const MONTHS = 24;

const { values } = parseArgs({
  options: {
    enterprises: { type: 'string', default: '5000' },
    seeds: { type: 'string', default: '9001-9010' },
    sql: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

type Row = ShellScore & { way: 'graph' | 'sql'; seed: number; enterprises: number } & Partial<Omit<GraphRun, 'found'>>;

function seedsOf(text: string): number[] {
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (from === undefined || Number(to) < Number(from))
    fail(`--seeds is "${text}"; it must be a number, or two with - between`);
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => Number(from) + at);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

async function rowOf(seed: number, enterprises: number): Promise<Row> {
  const { found, ...took } = values.sql
    ? await findBySqlAlone({ seed, enterprises })
    : await findThroughGraph({ seed, enterprises });
  const { truth } = generateCity({ seed, enterprises, months: MONTHS });
  return { way: values.sql ? 'sql' : 'graph', seed, enterprises, ...scoreOf(truth, found), ...took };
}

function lineOf(row: Row): string {
  const cells = [
    ...[row.seed, row.shells, row.found, row.precision.toFixed(4), row.recall.toFixed(4)],
    ...Object.values(row.lookAlikes).map(({ all, taken }) => `${taken}/${all}`),
    ...[row.startMs, row.feedMs, row.rulesMs].map((ms) => (ms === undefined ? '-' : (ms / 1_000).toFixed(1))),
    ...[row.requests, row.systemRequests, row.gatewayMiB, row.analysisMiB].map((count) => count ?? '-'),
  ];
  return cells.map((cell) => String(cell).padStart(9)).join('');
}

const HEADER = [
  ...['seed', 'shells', 'found', 'precision', 'recall', 'holding', 'new', 'season', 'landlord', 'payroll'],
  ...['start s', 'feed s', 'rules s', 'requests', 'to SS', 'gw MiB', 'an MiB'],
];

if (!/^[1-9]\d{0,5}$/.test(values.enterprises))
  fail(`--enterprises is "${values.enterprises}"; it must be a number from 1 to 999999`);
const enterprises = Number(values.enterprises);
const how = values.sql
  ? 'the rule alone, on the records of the generator'
  : 'through departments, gateway and dispatch';
if (!values.json) console.log(`${enterprises} enterprises, ${how}\n${HEADER.map((cell) => cell.padStart(9)).join('')}`);
for (const seed of seedsOf(values.seeds)) {
  const row = await rowOf(seed, enterprises);
  console.log(values.json ? JSON.stringify(row) : lineOf(row));
  if (row.precision < LEAST || row.recall < LEAST) process.exitCode = 1;
}
