/**
 * `npm run source-figures`: what a CSV file and a SQLite table of a million rows (or `--rows`) cost a department by manifest. Each
 * is served by a process of its own: how long until it answers, the most memory it ever had, and a batch of 100 entities, with the
 * statements it took.
 */
import { execFile } from 'node:child_process';
import { createWriteStream, writeFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync, StatementSync, type SQLInputValue } from 'node:sqlite';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { departmentFrom } from '../subgraphs/kit/manifest/manifest-department.ts';
import { serveDepartment } from '../subgraphs/kit/subgraph.ts';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, manifest: { type: 'string' } },
});
const rows = Number(values.rows);
const BATCH = 100;
const BATCHES = 50;

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { meters(first: Int = 20, after: ID): [Meter!]! }
type Meter @key(fields: "no") { no: ID! holder: String district: String kwh: Float }`;

const SOURCES = {
  csv: { source: `{ kind: csv, folder: drop }`, from: 'meters.csv', kwh: `{ number: '1234,56' }` },
  sqlite: { source: `{ kind: sqlite, file: meters.sqlite }`, from: 'meter', kwh: 'kwh' },
};

async function main(): Promise<void> {
  if (values.manifest) return console.log(JSON.stringify(await measure(values.manifest)));
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-figures-'));
  try {
    await fill(folder);
    console.log(`${rows.toLocaleString('en')} rows`);
    for (const kind of ['csv', 'sqlite'] as const) {
      const manifest = path.join(folder, `${kind}.yaml`);
      const args = [import.meta.filename, '--manifest', manifest, '--rows', values.rows];
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 170_000 });
      console.log(kind, JSON.parse(stdout));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(folder: string): Promise<void> {
  writeFileSync(path.join(folder, 'schema.graphql'), SDL);
  for (const [kind, { source, from, kwh }] of Object.entries(SOURCES))
    writeFileSync(
      path.join(folder, `${kind}.yaml`),
      `department: ${kind}\nport: 0\nsource: ${source}\ntypes: { Meter: { from: ${from}, fields: { kwh: ${kwh} } } }\n`,
    );
  const drop = path.join(folder, 'drop');
  await promisify(execFile)('mkdir', [drop]);
  await pipeline(Readable.from(csvLines()), createWriteStream(path.join(drop, 'meters.csv')));
  console.log(`meters.csv has ${Math.round((await stat(path.join(drop, 'meters.csv'))).size / 1e6)} MB`);
  const database = new DatabaseSync(path.join(folder, 'meters.sqlite'));
  database.exec('BEGIN; CREATE TABLE meter (no TEXT PRIMARY KEY NOT NULL, holder TEXT, district TEXT, kwh REAL)');
  const insert = database.prepare('INSERT INTO meter VALUES (?, ?, ?, ?)');
  for (let at = 0; at < rows; at += 1) insert.run(meterNo(at), `Holder of meter ${at}`, `D${at % 17}`, at / 4);
  database.exec('COMMIT');
  database.close();
}

function* csvLines(): Generator<string> {
  yield 'no;holder;district;kwh\n';
  for (let at = 0; at < rows; at += 1_000) {
    const lines = Array.from({ length: Math.min(1_000, rows - at) }, (_, each) => at + each);
    yield lines
      .map((no) => `${meterNo(no)};Holder of meter ${no};D${no % 17};${String(no / 4).replace('.', ',')}\n`)
      .join('');
  }
}

/** Not in the order of the rows, as keys never are. */
function meterNo(at: number): string {
  return `M${String((at * 7_919) % rows).padStart(9, '0')}`;
}

async function measure(manifest: string): Promise<Record<string, unknown>> {
  const rssBefore = peakMiB();
  const startedAt = performance.now();
  const subgraph = await serveDepartment(departmentFrom(pathToFileURL(manifest)), {});
  const readySeconds = (performance.now() - startedAt) / 1_000;
  const rssReady = peakMiB();
  let statements = 0;
  const { all } = StatementSync.prototype;
  Object.assign(StatementSync.prototype, {
    all(this: StatementSync, ...values: SQLInputValue[]): unknown {
      statements += 1;
      return Reflect.apply(all, this, values);
    },
  });
  const times: number[] = [];
  let found = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const askedAt = performance.now();
    found += await askBatch(subgraph.url, batch);
    times.push(performance.now() - askedAt);
  }
  await subgraph.close();
  const [median = 0] = times.toSorted((one, other) => one - other).slice(BATCHES / 2);
  return {
    readySeconds: Number(readySeconds.toFixed(1)),
    peakMiB: { started: rssBefore, read: rssReady, asked: peakMiB() },
    batchOf100: { found: found / BATCHES, statements: statements / BATCHES, medianMs: Number(median.toFixed(1)) },
  };
}

async function askBatch(url: string, batch: number): Promise<number> {
  const numbers = Array.from({ length: BATCH }, (_, at) => meterNo((batch * 99_991 + at * 4_999) % rows));
  const query =
    'query ($keys: [_Any!]!) { _entities(representations: $keys) { ... on Meter { no holder district kwh } } }';
  const variables = { keys: numbers.map((no) => ({ __typename: 'Meter', no })) };
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data } = (await response.json()) as { data: { _entities: ({ no: string } | null)[] } };
  return data._entities.filter((entity, at) => entity?.no === numbers[at]).length;
}

function peakMiB(): number {
  return Math.round(process.resourceUsage().maxRSS / 1_024);
}

await main();
