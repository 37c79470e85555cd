import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort, temporaryFolder } from '../kit/department.ts';
import { LINK } from '../kit/federation.ts';
import { ask, serveWrapped, wrapIn } from '../kit-wrap/wrapping.ts';

const BIN = path.resolve(import.meta.dirname, '../../bin/switchyard.js');
const SOON = { timeout: 10_000, interval: 50 };

/** A graph with a department that runs and one that does not, and a folder with a new one. */
const folder = temporaryFolder();
let places: Awaited<ReturnType<typeof serveWrapped>>;
let dev: RunningDev | undefined;

beforeAll(async () => {
  writeFileSync(folder.file('places.csv'), 'iso;name\nDE;Germany\nFR;France\n');
  writeFileSync(folder.file('wells.csv'), 'no;land;depth\nW1;DE;12,5\nW2;FR;7,25\nW3;XX;1,5\n');
  places = await serveWrapped(await wrapIn(folder.path, 'places.csv'));
  writeFileSync(
    folder.file('holidays.graphql'),
    `${LINK}type Query { era: String } type Place @key(fields: "iso") { iso: ID! holidays: [String!] }`,
  );
  const nobody = `http://127.0.0.1:${await freePort()}/graphql`;
  const graph = {
    places: { routing_url: places.url, schema: { file: 'places/schema.graphql' } },
    holidays: { routing_url: nobody, schema: { file: 'holidays.graphql' } },
  };
  writeFileSync(folder.file('supergraph.yaml'), JSON.stringify({ subgraphs: graph }));
  // The other departments have rules, and the new one has none yet.
  writeFileSync(folder.file('switchyard.config.ts'), `export default { authorisation: { rules: 'rules' } };`);
  mkdirSync(folder.file('rules'));
  for (const department of ['places', 'holidays'])
    writeFileSync(
      folder.file(`rules/${department}.yaml`),
      JSON.stringify({
        department,
        rules: [{ id: `${department}-open`, text: 'Open.', outcome: 'ALLOW', classes: '*' }],
      }),
    );
  await wrapIn(folder.path, 'wells.csv', { joins: ['land=Place.iso'] });
  dev = await startDev(['wells', '--mock', '--port', '0']);
});
afterAll(async () => {
  dev?.child.kill('SIGKILL');
  await places.close();
  folder.close();
});

interface RunningDev {
  child: ChildProcess;
  url: string;
  /** All that it has printed. */
  output(): string;
}

async function startDev(args: readonly string[]): Promise<RunningDev> {
  const child = spawn(process.execPath, [BIN, 'dev', ...args], { cwd: folder.path });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const isUp = (): string | undefined => {
    if (child.exitCode !== null) throw new Error(`It ended.\n${output}`);
    return /^graph +(http:\S+)$/m.exec(output)?.[1];
  };
  const url = await vi.waitUntil(isUp, { timeout: 55_000, interval: 50 });
  return { child, url, output: () => output };
}

/** Changes the SDL of the new department, and waits for what is said about it. */
async function changeSdl(change: (sdl: string) => string, says: RegExp): Promise<string> {
  const before = dev!.output().length;
  const file = folder.file('wells/schema.graphql');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  return vi.waitUntil(() => says.exec(dev!.output().slice(before))?.[0], SOON);
}

test('A new department is joined with those that run, and what is made up of others is marked', async () => {
  const query = '{ wells { no depth place { name holidays } } place(iso: "FR") { wells { no } } }';
  expect(await ask(dev!.url, query)).toEqual({
    data: {
      wells: [
        {
          no: 'W1',
          depth: 12.5,
          place: { name: 'Germany', holidays: [expect.stringContaining('mocked'), expect.any(String)] },
        },
        { no: 'W2', depth: 7.25, place: { name: 'France', holidays: expect.any(Array) } },
        { no: 'W3', depth: 1.5, place: { name: null, holidays: expect.any(Array) } },
      ],
      place: { wells: [{ no: 'W2' }] },
    },
    extensions: { mocked: { holidays: ['wells.place.holidays'] } },
  });
  expect(dev!.output()).toContain('1 department running; made up, and marked so in extensions.mocked: holidays');
});

test('The first query that it prints joins the new department with another, and is answered', async () => {
  const query = /^ask +(\{.*\})$/m.exec(dev!.output())![1]!;
  expect(query).toBe('{ wells(first: 3) { no land depth place { name } } }');
  expect(await ask(dev!.url, query)).toMatchObject({ data: { wells: [{ place: { name: 'Germany' } }, {}, {}] } });
});

test('GraphiQL is at the root', async () => {
  const page = await fetch(new URL('/', dev!.url));
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
});

test('A change of the SDL is taken while it is served', async () => {
  await changeSdl((sdl) => sdl.replace('  land: String', '  "Where it is."\n  land: String'), /taken: wells/);
  const query = '{ __type(name: "Well") { fields { description } } }';
  expect(JSON.stringify(await ask(dev!.url, query))).toContain('Where it is.');
});

test('What cannot be served, or is not one graph, is said with file and line, and what was there before still answers', async () => {
  const wrongType = await changeSdl(
    (sdl) => sdl.replace('depth: Float', 'depth: Flaot'),
    /wells\/schema\.graphql:\d+:\d+: .*/,
  );
  expect(wrongType).toContain('Unknown type "Flaot"');
  const clash = await changeSdl(
    (sdl) => sdl.replace('depth: Flaot', 'depth: Float').replace('type Place @key(fields: "iso") {', '$& name: Int'),
    /The departments are not one graph[^]*To do:.*/,
  );
  expect(clash).toMatch(/FIELD_TYPE_MISMATCH[^]*wells\/schema\.graphql:\d+:\d+ \(wells\)/);
  expect(await ask(dev!.url, '{ well(no: "W1") { depth place { name } } }')).toEqual({
    data: { well: { depth: 12.5, place: { name: 'Germany' } } },
  });
  await changeSdl((sdl) => sdl.replace(' name: Int', ''), /taken: wells/);
});

test('Ctrl-C ends it, with all that it served', async () => {
  const ended = once(dev!.child, 'exit');
  dev!.child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  await expect(fetch(dev!.url)).rejects.toThrow('fetch failed');
});

test('A folder without a manifest is refused', async () => {
  const child = spawn(process.execPath, [BIN, 'dev', 'nowhere'], { cwd: folder.path });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toBe(
    'switchyard dev: there is no nowhere/department.yaml; name the folder of a department, which switchyard wrap can write\n',
  );
});
