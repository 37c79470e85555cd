import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../kit/department.ts';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');

test('one command prints a table and writes its rows as JSON', { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.close());
  const file = folder.file('rows.json');
  const turns = ['--rounds', '1', '--seconds', '0.2', '--only', 'switchyard,proxy'];
  const output = ['--json', file, '--pictures', folder.file('pictures')];
  const { stdout } = await run(process.execPath, ['bench/main.ts', 'small', ...turns, ...output], { cwd: ROOT });
  expect(stdout).toMatch(/^small {2}one root field/m);
  expect(stdout).toMatch(/^proxy takes .* times the CPU of switchyard a request/m);

  expect(await readFile(path.join(folder.file('pictures'), 'small.svg'), 'utf8')).toMatch(
    /^<svg .*>proxy<.*<\/svg>\n$/s,
  );

  const { rows } = JSON.parse(await readFile(file, 'utf8')) as { rows: Record<string, unknown>[] };
  expect(rows.map(({ workload, name }) => [workload, name])).toEqual([
    ['small', 'switchyard'],
    ['small', 'proxy'],
  ]);
  for (const row of rows) {
    expect(row).toEqual({
      workload: 'small',
      name: expect.any(String),
      cpuMsPerRequest: expect.any(Number),
      requestsPerSecond: expect.any(Number),
      p50Ms: expect.any(Number),
      p99Ms: expect.any(Number),
      peakMemoryMiB: expect.any(Number),
      subgraphRequestsPerRequest: 1,
    });
  }
});

test('a workload or contestant that does not exist is refused in one line that names those that do', async () => {
  const failing = (...args: string[]) =>
    run(process.execPath, ['bench/main.ts', ...args], { cwd: ROOT }).catch((error: unknown) => error);
  expect(await failing('heavier')).toMatchObject({
    code: 1,
    stderr: 'There is no workload "heavier"; there are heavy, distinct, wide, small, economies.\n',
  });
  expect(await failing('small', '--only', 'nobody')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"nobody" is none of switchyard, apollo-gateway'),
  });
});
