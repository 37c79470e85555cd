import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runSteps, type Step } from '../../tools/check/run.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'check-'));
});

afterEach(() => rm(root, { recursive: true }));

function nodeStep(name: string, code: string): Step {
  return { name, command: [process.execPath, '-e', code] };
}

test('every step runs though one failed, and the results keep the order of the steps', async () => {
  const steps = [
    nodeStep('breaks', "console.log('on stdout'); console.error('on stderr'); process.exit(3)"),
    nodeStep('works', "console.log('fine')"),
  ];
  const ended: string[] = [];
  const results = await runSteps(steps, { root, atOnce: 1, onResult: ({ name }) => ended.push(name) });
  expect(results).toMatchObject([
    { name: 'breaks', ok: false },
    { name: 'works', ok: true, output: 'fine\n' },
  ]);
  expect(results[0]?.output).toMatch(/on stdout[^]*on stderr/);
  expect(results[0]?.seconds).toBeGreaterThan(0);
  expect(ended).toEqual(['breaks', 'works']);
});

test('no more steps run at the same time than allowed', async () => {
  // Each step leaves a mark while it runs, and prints how many marks there are.
  const code = `const fs = require('node:fs'); const mark = String(process.pid); fs.writeFileSync(mark, '');
    setTimeout(() => { console.log(fs.readdirSync('.').length); fs.rmSync(mark); }, 200)`;
  const steps = Array.from({ length: 5 }, (_, index) => nodeStep(String(index), code));
  const results = await runSteps(steps, { root, atOnce: 2 });
  const together = results.map(({ output }) => Number(output));
  expect(Math.max(...together)).toBe(2);
  expect(await readdir(root)).toEqual([]);
});

test('a step that takes too long is ended and says so', async () => {
  const results = await runSteps([nodeStep('stuck', 'setInterval(() => {}, 1000)')], {
    root,
    atOnce: 1,
    timeoutMs: 300,
  });
  expect(results).toMatchObject([{ ok: false, output: 'ended, because it took longer than 0.3 s' }]);
});

test('a program that is not installed is told as such', async () => {
  const results = await runSteps([{ name: 'lint', command: ['no-such-linter'] }], { root, atOnce: 1 });
  expect(results).toMatchObject([{ ok: false, output: 'not found; run npm ci first' }]);
});
