import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { subgraphNames } from '../../../network/parts.ts';
import { projectRoot } from '../../../network/settings.ts';
import { temporaryFolder } from '../../kit/department.ts';
import { serveFerries } from '../../kit-wrap/ferry-service.ts';
import { city, network } from './network.ts';

/** A folder such as a clone, with the network running beside it, and three systems that nobody knew before. */
const folder = temporaryFolder();
let ferries: Awaited<ReturnType<typeof serveFerries>>;

beforeAll(async () => {
  ferries = await serveFerries();
  for (const name of ['schema', 'rules', 'switchyard.config.ts'])
    symlinkSync(path.join(projectRoot, name), folder.file(name));
  const config = parse(readFileSync(path.join(projectRoot, 'supergraph.yaml'), 'utf8')) as {
    subgraphs: Record<string, { routing_url: string }>;
  };
  for (const name of subgraphNames) config.subgraphs[name]!.routing_url = network.subgraphUrls[name];
  writeFileSync(folder.file('supergraph.yaml'), stringify(config));
  writeFileSync(folder.file('wells.csv'), 'no;Name;country;Depth M\nW1;Alte Quelle;DE;12,5\nW2;Puits neuf;FR;7,25\n');
  using database = new DatabaseSync(folder.file('mines.db'));
  database.exec(`
    CREATE TABLE mine (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT);
    CREATE TABLE shift (mine_id INT REFERENCES mine, day TEXT, workers INT, PRIMARY KEY (mine_id, day));
    INSERT INTO mine VALUES (1, 'Alpha', 'DE'), (2, 'Beta', 'FR');
    INSERT INTO shift VALUES (1, '2026-01-01', 5), (2, '2026-01-01', 7);`);
}, 120_000);
afterAll(async () => {
  await ferries.close();
  folder.close();
});

/** The commands that docs/departments.md has for a system, in the order of the systems. */
function commandsOf(system: number): string[] {
  const page = readFileSync(path.join(projectRoot, 'docs/departments.md'), 'utf8');
  const section = page.slice(page.indexOf('## Wrap your system')).split(/\n##/)[0]!;
  const blocks = [...section.matchAll(/```sh\n([^]*?)```/g)].map(([, text]) => text!.trim().split('\n'));
  return blocks[system]!;
}

const NPX = `"${process.execPath}" "${path.join(projectRoot, 'bin/switchyard.js')}"`;
const env = { ...process.env, NODE_ENV: '', FORCE_COLOR: '', PORT: '' };

/** Does what the page says, as a shell does it. All that is changed are addresses, as a test has other ports. */
async function walk(system: number): Promise<unknown> {
  const [wrap, dev, ask, ...more] = commandsOf(system).map((command) =>
    command.replace('npx switchyard', NPX).replace('http://127.0.0.1:8080/openapi.json', ferries.documentUrl),
  );
  expect(more).toEqual([]);
  await promisify(execFile)('sh', ['-c', wrap!], { cwd: folder.path, env });
  const served = await serve(`exec ${dev} --port 0`);
  try {
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      ask!.replace('http://127.0.0.1:4001/graphql', served.url),
    ]);
    return JSON.parse(stdout);
  } finally {
    await served.stop();
  }
}

async function serve(command: string): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn('sh', ['-c', command], { cwd: folder.path, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const ended = once(child, 'exit');
  const isUp = (): string | undefined => {
    if (child.exitCode !== null) throw new Error(`It ended.\n${output}`);
    return /^graph +(http:\S+)$/m.exec(output)?.[1];
  };
  const url = await vi.waitUntil(isUp, { timeout: 150_000, interval: 50 });
  return {
    url,
    async stop() {
      child.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
    },
  };
}

test.concurrent(
  'The README’s commands of dispatch lead to a file of the fire brigade',
  { timeout: 60_000 },
  async () => {
    const readme = readFileSync(path.join(projectRoot, 'README.md'), 'utf8');
    const [, commands] = /### Dispatch: what another[^]*?```sh\n([^]*?)```/.exec(readme)!;
    const here = commands!.replaceAll('npx switchyard', NPX).replaceAll('.switchyard/data', network.dataFolder);
    const { stdout } = await promisify(execFile)('sh', ['-ec', here], {
      cwd: folder.path,
      env: { ...env, SWITCHYARD_GRAPH: network.gatewayUrl },
    });
    expect(stdout).toContain('fire-register is DRAFT');
    const rows = city.enterprises.length;
    expect(stdout).toContain(`run 1 DELIVERED: ${rows} rows and 0 that are no more, in 1 part`);
    expect(stdout).toMatch(/fire-brigade, department fire/);
    const [head, first] = stdout.trim().split(/\r?\n/).slice(-3);
    expect(head).toBe('uscc,name,status,registeredAddress');
    expect(first).toMatch(/^"[0-9A-Z]{18}",/);
  },
);

// Three gateways start at once, on a machine that may be doing other work.
const PATIENCE = { timeout: 180_000 };

test.concurrent(
  'The three commands of docs/departments.md for a CSV file lead to an answer of it and the running graph',
  PATIENCE,
  async () => {
    expect(await walk(0)).toEqual({
      data: {
        wells: [
          { no: 'W1', depthM: 12.5, place: { name: 'Germany', capital: 'Berlin' } },
          { no: 'W2', depthM: 7.25, place: { name: 'France', capital: 'Paris' } },
        ],
      },
    });
  },
);

test.concurrent(
  'The three commands of docs/departments.md for a SQLite file lead to an answer of it and the running graph',
  PATIENCE,
  async () => {
    expect(await walk(1)).toEqual({
      data: { place: { name: 'Germany', mines: [{ name: 'Alpha', shifts: [{ day: '2026-01-01', workers: 5 }] }] } },
    });
  },
);

test.concurrent(
  'The three commands of docs/departments.md for a service lead to an answer of it and the running graph',
  PATIENCE,
  async () => {
    expect(await walk(2)).toEqual({
      data: { line: { title: 'Line 3', place: { name: 'Germany' }, sailings: [{ boat: 'Boat of F003' }] } },
    });
  },
);
