import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../kit/department.ts';
import { runSwitchyard } from './command.ts';

const folder = temporaryFolder();
afterAll(() => folder.close());
writeFileSync(folder.file('wells.csv'), 'no;country;depth\nW1;DE;12,5\nW2;FR;n/a\n');
const graph = ['--graph', 'supergraph.yaml'];

test('switchyard wrap says what it found, what it had to guess and where, and what comes next', async () => {
  const { stdout, stderr, exitCode } = await runSwitchyard([
    ...['wrap', folder.file('wells.csv'), '--out', folder.file('wells'), '--join', 'country=Place.iso', ...graph],
  ]);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(stdout).toMatch(
    /^type +from +rows +key +fields\nWell +wells\.csv +2 +no +no, country, depth, place, provenance$/m,
  );
  expect(stdout).toContain('Place by iso, which gets wells');
  expect(stdout).toMatch(
    /wells\/schema\.graphql:\d+\n {4}Is no the key\? It is different in all 2 rows; so are country, depth$/m,
  );
  expect(stdout).toMatch(/^next: npx switchyard dev .*wells /m);
});

test('switchyard wrap leaves a folder that is there alone, and says what to do', async () => {
  writeFileSync(folder.file('department.yaml'), '');
  const { stdout, stderr, exitCode } = await runSwitchyard(['wrap', folder.file('wells.csv'), '--out', folder.path]);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
  expect(stderr).toMatch(/has a department\.yaml already.*name another folder with --out, or remove it/);
});

test('switchyard wrap --json prints the outcome for programs', async () => {
  const args = ['wrap', folder.file('wells.csv'), '--out', folder.file('other'), '--name', 'other', '--json', ...graph];
  const { stdout } = await runSwitchyard(args);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    department: 'other',
    types: [{ name: 'Well', from: 'wells.csv', rows: 2, keys: [['no']] }],
    questions: expect.arrayContaining([
      { file: expect.any(String), line: expect.any(Number), text: expect.any(String) },
    ]),
  });
});
