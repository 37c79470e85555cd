/** Walks the files and commands of docs/departments.md and docs/registry.md, from an empty folder. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { projectRoot } from '../../network/settings.ts';
import { askWith, type Answer } from '../kit/ask.ts';
import { freePort } from '../kit/department.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';

const PATIENCE = { timeout: 20_000, interval: 20 };
const PAGE_PORTS = ['4200', '4300', '4000'] as const;

let folder: TestFolder;
/** What the pages' ports are here. */
let ports: Map<string, string>;
const running: ChildProcess[] = [];

beforeAll(async () => {
  folder = await makeFolder('switchyard-walk-');
  ports = new Map(await Promise.all(PAGE_PORTS.map(async (port) => [port, String(await freePort())] as const)));
  // What `npm install switchyard` leaves.
  mkdirSync(join(folder.path, 'node_modules'));
  symlinkSync(projectRoot, join(folder.path, 'node_modules/switchyard'));
  for (const { language, text } of blocks('Make a department by hand').concat(blocks('Publish to a registry')))
    // Ten seconds are long for a test.
    if (language !== 'sh' && language !== 'text')
      writeNamed(text.replace('reload: {', 'reload: { reportUsageEveryMs: 100,'));
  write('wells/drop/wells-2026.csv', 'no;name;kind;depth_m;drilled_on\n1;Old well;d;12,5;03.05.1911\n');
});
afterAll(async () => {
  await Promise.all(
    running.map((child) => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      return ended;
    }),
  );
  await folder.remove();
});

function here(text: string): string {
  return text.replaceAll(/\b(4200|4300|4000)\b/g, (port) => ports.get(port)!);
}

/** The pages' blocks below a heading, up to the next heading. */
function blocks(heading: string): { language: string; text: string }[] {
  const pages = ['departments', 'registry']
    .map((name) => readFileSync(join(projectRoot, `docs/${name}.md`), 'utf8'))
    .join('\n');
  const section = pages.split(`## ${heading}\n`)[1]!.split(/\n## /)[0]!;
  return [...section.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }));
}

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder.path, name)), { recursive: true });
  writeFileSync(join(folder.path, name), here(text));
}

/** A file whose first line names it. */
function writeNamed(text: string): void {
  const [, name] = /^(?:#|\/\/) (\S+\.\w+)\n/.exec(text) ?? [];
  if (name !== undefined) write(name, text);
}

/** The pages' command that begins so, as Node runs it. */
function command(heading: string, part: string): { env: NodeJS.ProcessEnv; args: string[] } {
  const lines = blocks(heading).flatMap(({ language, text }) => (language === 'sh' ? text.split('\n') : []));
  const line = lines.find((each) => each.includes(part));
  expect(line, `the page has a command with "${part}"`).toBeDefined();
  return parse(line!);
}

function parse(line: string): { env: NodeJS.ProcessEnv; args: string[] } {
  const words = here(line.split(' #')[0]!).trim().split(/\s+/);
  const env = { ...process.env, NO_COLOR: '1', NODE_ENV: '' };
  while (words[0]!.includes('=')) {
    const [name, value] = words.shift()!.split('=') as [string, string];
    Object.assign(env, { [name]: value });
  }
  const [npx, program, ...args] = words;
  expect(npx).toBe('npx');
  Object.assign(env, { SWITCHYARD_REGISTRY: `http://127.0.0.1:${ports.get('4300')}` });
  return { env, args: [join(projectRoot, 'bin', `${program}.js`), ...args] };
}

/** On a free port instead of its default. */
function onPort(port: (typeof PAGE_PORTS)[number], { env, args }: ReturnType<typeof command>) {
  return { env, args: [...args, '--port', ports.get(port)!] };
}

async function run({ env, args }: ReturnType<typeof command>): Promise<{ exitCode: number; said: string }> {
  const options = { cwd: folder.path, env };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    return { exitCode: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, said: stdout + stderr };
  }
}

/** Starts what runs on, and waits until it has said so. */
async function start({ env, args }: ReturnType<typeof command>, says: string): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: folder.path, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  await vi.waitFor(() => expect(said).toContain(says), PATIENCE);
}

function ask(query: string): Promise<Answer> {
  const client = { 'graphql-client-name': 'map-app', 'graphql-client-version': '2.1' };
  return askWith(client, `http://127.0.0.1:${ports.get('4000')}/graphql`, query);
}

const publish = (): ReturnType<typeof run> => run(command('Publish to a registry', 'registry publish'));

function change(before: string, after: string): void {
  const file = join(folder.path, 'wells/schema.graphql');
  writeFileSync(file, readFileSync(file, 'utf8').replace(before, after));
}

test(
  'a department is published and asked; a change that would break who asks is refused; corrected, it is published',
  { timeout: 60_000 },
  async () => {
    await Promise.all([
      start(command('Make a department by hand', 'switchyard-subgraph'), ports.get('4200')!),
      start(onPort('4300', command('Publish to a registry', 'registry serve')), ports.get('4300')!),
    ]);
    expect(await publish()).toMatchObject({
      exitCode: 0,
      said: expect.stringContaining('Published as version 1.') as string,
    });
    await start(onPort('4000', command('Publish to a registry', 'switchyard serve')), ports.get('4000')!);
    expect(await ask('{ wells { no name kind depthM drilledOn } }')).toEqual({
      data: { wells: [{ no: '1', name: 'Old well', kind: 'DUG', depthM: 12.5, drilledOn: '1911-05-03' }] },
    });

    change('  depthM: Float\n', '');
    const refused = blocks('Publish to a registry').find(({ language }) => language === 'text')!.text;
    await vi.waitFor(async () => {
      const { exitCode, said } = await run(parse(CHECK));
      expect(exitCode).toBe(2);
      expect(said.trim()).toBe(refused.trim().replace('12 requests', '1 request'));
    }, PATIENCE);
    expect(await publish()).toMatchObject({ exitCode: 2 });

    change('  name: String\n', '  name: String\n  depthM: Float\n  depthFeet: Float\n');
    expect(await publish()).toMatchObject({
      exitCode: 0,
      said: expect.stringContaining('Published as version 2.') as string,
    });
    await vi.waitFor(
      async () =>
        expect(await ask('{ wells { depthFeet } }')).not.toHaveProperty(
          'errors.0.extensions.code',
          'GRAPHQL_VALIDATION_FAILED',
        ),
      PATIENCE,
    );
    const history = await run(parse('SWITCHYARD_REGISTRY_KEY=wells-key npx switchyard registry history'));
    expect(history.said.split('\n').map((line) => line.trim().split(/\s{2,}/)[0])).toEqual(['version', '2', '1', '']);
  },
);

const CHECK =
  'SWITCHYARD_REGISTRY_KEY=wells-key npx switchyard registry check wells --schema wells/schema.graphql --url http://127.0.0.1:4200/graphql';
