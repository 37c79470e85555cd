/**
 * `npm run source-figures`: what files and a SQLite table of a million rows (or `--rows`) cost a department by manifest. Each (or those of
 * `--kinds csv,json`) is served by a process of its own: how long until it answers, the most memory it ever had, and a batch of 100 entities, with the
 * statements it took.
 */
import { execFile } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync, StatementSync, type SQLInputValue } from 'node:sqlite';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { zipSync } from 'fflate';
import { departmentFrom } from '../subgraphs/kit/manifest/manifest-department.ts';
import { serveDepartment } from '../subgraphs/kit/subgraph.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    manifest: { type: 'string' },
    kinds: { type: 'string', default: 'csv,json,xml,spreadsheet,sqlite' },
  },
});
const rows = Number(values.rows);
const BATCH = 100;
const BATCHES = 50;

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { meters(first: Int = 20, after: ID): [Meter!]! }
type Meter @key(fields: "no") { no: ID! holder: String district: String kwh: Float }`;

const SOURCES = {
  csv: { source: `{ kind: csv, folder: csv }`, from: 'meters.csv', kwh: `{ number: '1234,56' }` },
  json: { source: `{ kind: json, folder: json }`, from: 'meters.json', kwh: 'kwh' },
  xml: { source: `{ kind: xml, folder: xml }`, from: 'meters.xml', kwh: 'kwh' },
  spreadsheet: { source: `{ kind: spreadsheet, folder: spreadsheet }`, from: 'meters.xlsx', kwh: 'kwh' },
  sqlite: { source: `{ kind: sqlite, file: meters.sqlite }`, from: 'meter', kwh: 'kwh' },
};
type Kind = keyof typeof SOURCES;
const kinds = values.kinds.split(',') as Kind[];

interface Meter {
  no: string;
  holder: string;
  district: string;
  kwh: number;
}

/** How a file of each kind is written. */
const WRITERS: Record<
  Exclude<Kind, 'sqlite' | 'spreadsheet'>,
  { begin: string; row(meter: Meter): string; end: string }
> = {
  csv: {
    begin: 'no;holder;district;kwh\n',
    row: ({ no, holder, district, kwh }) => `${no};${holder};${district};${String(kwh).replace('.', ',')}\n`,
    end: '',
  },
  json: { begin: '[', row: (meter) => `${JSON.stringify(meter)},\n`, end: '{}]' },
  xml: {
    begin: '<meters>',
    row: ({ no, holder, district, kwh }) =>
      `<meter no="${no}"><holder>${holder}</holder><district>${district}</district><kwh>${kwh}</kwh></meter>\n`,
    end: '</meters>',
  },
};

async function main(): Promise<void> {
  if (values.manifest) return console.log(JSON.stringify(await measure(values.manifest)));
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-figures-'));
  try {
    await fill(folder);
    console.log(`${rows.toLocaleString('en')} rows`);
    for (const kind of kinds) {
      const manifest = path.join(folder, `${kind}.yaml`);
      const args = [import.meta.filename, '--manifest', manifest, '--rows', values.rows];
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 600_000 });
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
  for (const kind of kinds) {
    if (kind === 'sqlite') fillTable(path.join(folder, 'meters.sqlite'));
    else await writeDrop(path.join(folder, kind), kind);
  }
}

async function writeDrop(folder: string, kind: Exclude<Kind, 'sqlite'>): Promise<void> {
  mkdirSync(folder);
  const file = path.join(folder, SOURCES[kind].from);
  if (kind === 'spreadsheet') writeFileSync(file, workbook());
  else await pipeline(Readable.from(pieces(WRITERS[kind])), createWriteStream(file));
  console.log(`${SOURCES[kind].from} has ${Math.round((await stat(file)).size / 1e6)} MB`);
}

function fillTable(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('BEGIN; CREATE TABLE meter (no TEXT PRIMARY KEY NOT NULL, holder TEXT, district TEXT, kwh REAL)');
  const insert = database.prepare('INSERT INTO meter VALUES (?, ?, ?, ?)');
  for (let at = 0; at < rows; at += 1) insert.run(...(Object.values(meter(at)) as string[]));
  database.exec('COMMIT');
  database.close();
}

function* pieces({ begin, row, end }: { begin: string; row(meter: Meter): string; end: string }): Generator<string> {
  yield begin;
  for (let at = 0; at < rows; at += 1_000)
    yield Array.from({ length: Math.min(1_000, rows - at) }, (_, each) => row(meter(at + each))).join('');
  yield end;
}

/** A workbook of the few parts that it must have, with its texts in the cells. */
function workbook(): Buffer {
  const cell = (text: string): string => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
  const sheet = [
    ...pieces({
      begin: `<worksheet><sheetData><row>${['no', 'holder', 'district', 'kwh'].map(cell).join('')}</row>`,
      row: ({ no, holder, district, kwh }) =>
        `<row>${cell(no)}${cell(holder)}${cell(district)}<c><v>${kwh}</v></c></row>`,
      end: '</sheetData></worksheet>',
    }),
  ];
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const parts = {
    'xl/workbook.xml': '<workbook xmlns:r="urn:r"><sheets><sheet name="s" r:id="r1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="r1" Type="${relations}/worksheet" Target="sheet.xml"/></Relationships>`,
  };
  const texts = Object.entries(parts).map(([name, text]) => [name, Buffer.from(text)] as const);
  return Buffer.from(
    zipSync({ ...Object.fromEntries(texts), 'xl/sheet.xml': Buffer.concat(sheet.map((text) => Buffer.from(text))) }),
  );
}

function meter(at: number): Meter {
  return { no: meterNo(at), holder: `Holder of meter ${at}`, district: `D${at % 17}`, kwh: at / 4 };
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

/** Linux's own count: that of `resourceUsage` begins with what the parent had. */
function peakMiB(): number {
  const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1_024);
}

await main();
