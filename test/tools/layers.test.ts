import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkProject } from '../../tools/layers/project.ts';

/** A small tree that keeps every rule. */
const CLEAN: Record<string, string> = {
  'gateway/errors.ts': 'export class Fault extends Error {}\n',
  'gateway/message.ts': "import type { Fault } from './errors.ts';\nexport type Answer = Fault | string;\n",
  'gateway/supergraph/load.ts': "import { readFile } from 'node:fs/promises';\nexport const load = readFile;\n",
  'gateway/operation/parse.ts': "import { load } from '../supergraph/load.ts';\nexport const parse = load;\n",
  'gateway/plan/planner.ts': "import { parse } from '../operation/parse.ts';\nexport const plan = parse;\n",
  'gateway/execute/fetcher.ts': "import { Fault } from '../errors.ts';\nexport const fault = new Fault();\n",
  'gateway/execute/compile.ts': "import { plan } from '../plan/planner.ts';\nexport const compile = plan;\n",
  'gateway/fetch/http.ts':
    "import { Pool } from 'undici';\nimport { fault } from '../execute/fetcher.ts';\nexport const http = [Pool, fault];\n",
  'gateway/index.ts': "export { run } from './gateway.ts';\n",
  'gateway/gateway.ts': "import { compile } from './execute/compile.ts';\nexport const run = compile;\n",
  'gateway/main.ts': "import { http } from './fetch/http.ts';\nconsole.log(process.env, http);\n",
  'subgraphs/kit/program.ts': 'export const start = process.env;\n',
  'subgraphs/tax/main.ts': "import { start } from '../kit/program.ts';\nexport const tax = [start, process.env];\n",
  'systems/tax/main.ts':
    "import { start } from '../../subgraphs/kit/program.ts';\nimport { seed } from '../city/seed.ts';\nexport const legacy = [start, seed];\n",
  'systems/city/seed.ts': 'export const seed = 1;\n',
  'test/whole.test.ts': "import '../gateway/index.ts';\nimport '../subgraphs/tax/main.ts';\n",
};

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'layers-'));
  await plant(CLEAN);
});

afterEach(() => rm(root, { recursive: true }));

async function plant(files: Record<string, string>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
}

async function findings(files: Record<string, string> = {}) {
  await plant(files);
  return (await checkProject(root)).findings;
}

test('a tree that keeps the rules gives no finding', async () => {
  expect(await findings()).toEqual([]);
});

describe('a forbidden import is named with its line and the rule', () => {
  const planted: [what: string, file: string, line: string, specifier: string, rule: string][] = [
    [
      'a stage that imports a later one',
      'gateway/plan/a.ts',
      "import '../execute/compile.ts';",
      '../execute/compile.ts',
      'plan may not import execute',
    ],
    [
      'a type of a later stage',
      'gateway/plan/a.ts',
      "import type { C } from '../execute/compile.ts';",
      '../execute/compile.ts',
      'plan may not import execute',
    ],
    [
      'a type written as import()',
      'gateway/plan/a.ts',
      "export type A = import('../execute/compile.ts').C;",
      '../execute/compile.ts',
      'plan may not import execute',
    ],
    [
      'a dynamic import',
      'gateway/plan/a.ts',
      "void import('../execute/compile.ts');",
      '../execute/compile.ts',
      'plan may not import execute',
    ],
    [
      'a re-export',
      'gateway/plan/a.ts',
      "export { compile } from '../execute/compile.ts'; export const b = 1;",
      '../execute/compile.ts',
      'plan may not import execute',
    ],
    [
      'the executor reaching for transport',
      'gateway/execute/a.ts',
      "import '../fetch/http.ts';",
      '../fetch/http.ts',
      'execute may not import fetch',
    ],
    [
      'transport reaching into the executor',
      'gateway/fetch/a.ts',
      "import '../execute/compile.ts';",
      '../execute/compile.ts',
      'fetch may not import execute',
    ],
    [
      'the ground importing a stage',
      'gateway/errors.ts',
      "import './operation/parse.ts';",
      './operation/parse.ts',
      'ground may not import operation',
    ],
    [
      'an observer importing what runs',
      'gateway/observe/a.ts',
      "import { plan } from '../plan/planner.ts';",
      '../plan/planner.ts',
      'observe may import types of plan, and nothing that runs',
    ],
    [
      'a pure stage touching files',
      'gateway/plan/a.ts',
      "import 'node:fs/promises';",
      'node:fs/promises',
      'plan does not touch the world',
    ],
    [
      'a pure stage touching the network',
      'gateway/execute/a.ts',
      "import { request } from 'undici';",
      'undici',
      'execute does not touch the world',
    ],
    [
      "Apollo's gateway outside its folder",
      'gateway/cli/a.ts',
      "import '@apollo/gateway';",
      '@apollo/gateway',
      '@apollo/gateway is imported in gateway/apollo/ only',
    ],
    [
      'the gateway importing the deployment',
      'gateway/main.ts',
      "import '../subgraphs/tax/main.ts';",
      '../subgraphs/tax/main.ts',
      'command may not import subgraph subgraphs/tax/',
    ],
    [
      'a subgraph importing the gateway',
      'subgraphs/tax/a.ts',
      "import '../../gateway/index.ts';",
      '../../gateway/index.ts',
      'subgraph subgraphs/tax/ may not import gateway',
    ],
    [
      "a subgraph importing the gateway by the package's name",
      'subgraphs/tax/a.ts',
      "import 'switchyard';",
      'switchyard',
      'subgraph subgraphs/tax/ may not import gateway',
    ],
    [
      'a subgraph importing another',
      'subgraphs/power/a.ts',
      "import '../tax/main.ts';",
      '../tax/main.ts',
      'subgraph subgraphs/power/ may not import subgraph subgraphs/tax/',
    ],
    [
      'a subgraph importing a system',
      'subgraphs/tax/a.ts',
      "import '../../systems/tax/main.ts';",
      '../../systems/tax/main.ts',
      'subgraph subgraphs/tax/ may not import system systems/tax/',
    ],
    [
      'a system importing another',
      'systems/power/a.ts',
      "import '../tax/main.ts';",
      '../tax/main.ts',
      'system systems/power/ may not import system systems/tax/',
    ],
    [
      'a system importing a subgraph',
      'systems/tax/a.ts',
      "import '../../subgraphs/tax/main.ts';",
      '../../subgraphs/tax/main.ts',
      'system systems/tax/ may not import subgraph subgraphs/tax/',
    ],
    [
      'the schema importing the gateway',
      'schema/a.ts',
      "import '../gateway/index.ts';",
      '../gateway/index.ts',
      'schema may not import gateway',
    ],
  ];

  test.each(planted)('%s', async (_what, file, line, specifier, rule) => {
    const found = await findings({ [file]: `// first line\n${line}\nexport const planted = 1;\n` });
    expect(found).toContainEqual({ file, line: 2, imports: specifier, rule, instead: expect.stringMatching(/\w/) });
  });
});

describe('a file that breaks a rule without a forbidden import is named', () => {
  const planted: [what: string, file: string, text: string, rule: RegExp][] = [
    [
      'reading process in a stage',
      'gateway/plan/a.ts',
      '\nexport const a = process.env;\n',
      /^plan does not read process/,
    ],
    ['taking process apart', 'gateway/plan/a.ts', '\nexport const { env } = process;\n', /^plan does not read process/],
    [
      'importing node:process',
      'gateway/plan/a.ts',
      "\nimport { env } from 'node:process';\nexport const a = env;\n",
      /^plan does not read process/,
    ],
    [
      'reading process in a seed',
      'systems/tax/seed.ts',
      '\nexport const a = process.cwd();\n',
      /^system does not read process/,
    ],
    ['a barrel', 'gateway/plan/a.ts', "export * from './planner.ts';\n", /^no barrel but gateway\/index.ts/],
    [
      'a barrel in two steps',
      'gateway/plan/a.ts',
      "import { plan } from './planner.ts';\nexport { plan };\n",
      /^no barrel/,
    ],
    ['a file at no known place', 'gateway/drawer/a.ts', 'export const a = 1;\n', /^a file belongs to a layer/],
    ['a file that is not TypeScript', 'gateway/plan/a.ts', 'export const = ;\n', /^cannot be parsed/],
  ];

  test.each(planted)('%s', async (_what, file, text, rule) => {
    const found = await findings({ [file]: text });
    expect(found).toEqual([expect.objectContaining({ file, rule: expect.stringMatching(rule) })]);
  });

  test('a variable or property that is only called process is no reading of it', async () => {
    const text = 'export const a = (work: { process: number }) => work.process;\n';
    expect(await findings({ 'gateway/plan/a.ts': text })).toEqual([]);
  });
});

test('an import cycle is named once, with the whole way round, types included', async () => {
  const found = await findings({
    'gateway/plan/a.ts': "import { b } from './b.ts';\nexport const a = b;\nexport type A = 1;\n",
    'gateway/plan/b.ts': "import { c } from './c.ts';\nexport const b = c;\n",
    'gateway/plan/c.ts': "import type { A } from './a.ts';\nexport const c: A = 1;\n",
  });
  const way = 'gateway/plan/a.ts -> gateway/plan/b.ts -> gateway/plan/c.ts -> gateway/plan/a.ts';
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({
    file: 'gateway/plan/a.ts',
    line: 1,
    imports: './b.ts',
    rule: `no import cycle: ${way}`,
  });
});

describe('the command', () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      execFile(process.execPath, [path.resolve('tools/layers.ts'), ...args], (error, stdout) => {
        resolve({ code: Number(error?.code ?? 0), output: stdout });
      });
    });

  test('exits 0 on a clean tree, and 1 with file, line, import, rule and advice on a planted import', async () => {
    expect((await run(root)).code).toBe(0);
    await plant({ 'gateway/execute/a.ts': "import '../fetch/http.ts';\nexport const a = 1;\n" });
    const { code, output } = await run(root);
    expect(code).toBe(1);
    expect(output).toContain('gateway/execute/a.ts:1  imports ../fetch/http.ts');
    expect(output).toMatch(/rule: execute may not import fetch\n {2}do: {3}the executor is handed its fetcher/);
    expect(JSON.parse((await run(root, '--json')).output)).toHaveLength(1);
  });

  test('does not call an empty folder clean', async () => {
    expect((await run(path.join(root, 'gateway/execute'))).code).toBe(1);
  });
});

test('the project itself keeps the rules', async () => {
  const { files, findings: found } = await checkProject(path.resolve('.'));
  expect(files).toBeGreaterThan(20);
  expect(found).toEqual([]);
});
