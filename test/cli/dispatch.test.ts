import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ARREARS, openOffice, register, type DispatchOffice } from '../dispatch/office.ts';
import { runSwitchyard, type Output } from './command.ts';

let office: DispatchOffice;
beforeAll(async () => {
  office = await openOffice();
  register(office, 4);
});
afterAll(() => office.close());

function dispatch(...args: string[]): Promise<Output> {
  const [name, ...rest] = args;
  const env = { SWITCHYARD_API_KEY: 'officer' };
  return runSwitchyard(['dispatch', name!, '--url', office.federation.url, ...rest], env);
}

function file(name: string, content: object | string): string {
  const where = office.file(name);
  writeFileSync(where, typeof content === 'string' ? content : stringify(content));
  return where;
}

describe('switchyard dispatch', () => {
  test('makes a dispatch of a file, previews, activates and runs it, and shows what became of it', async () => {
    const { operation, ...rest } = ARREARS;
    file('arrears.graphql', operation);
    const made = await dispatch('create', file('arrears.yaml', { ...rest, operationFile: 'arrears.graphql' }));
    expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('arrears is DRAFT') as string });
    const early = await dispatch('activate', 'arrears');
    expect(early).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Preview it first') as string });
    const preview = await dispatch('preview', 'arrears');
    expect(preview.stdout).toMatch(/uscc +name +headcount +arrears\ne01 +Enterprise "1" +1 +100\n/);
    expect(preview.stdout).toContain('arrears is READY; nothing was delivered.');
    expect(await dispatch('activate', 'arrears')).toMatchObject({ exitCode: 0, stdout: 'arrears is ACTIVE.\n' });
    const ran = await dispatch('run', 'arrears');
    expect(ran).toMatchObject({ exitCode: 0, stdout: 'run 1 DELIVERED: 4 rows and 0 that are no more, in 1 part\n' });
    expect((await dispatch('run', 'arrears')).stdout).toMatch(/run 2 UNCHANGED/);
    expect((await dispatch('replay', 'arrears', '1')).stdout).toMatch(/run 3 DELIVERED: 4 rows/);
    expect((await dispatch('list')).stdout).toMatch(/arrears +ACTIVE +bank-risk +by hand +3 DELIVERED/);
    expect((await dispatch('show', 'arrears')).stdout).toMatch(/department bank\n.*\n?goes to +/);
    const [third] = JSON.parse((await dispatch('runs', 'arrears', '--json')).stdout) as {
      number: number;
      rows: number;
    }[];
    expect(third).toMatchObject({ number: 3, rows: 4 });
    const events = (await dispatch('events', '--json')).stdout.trim().split('\n');
    expect(events.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(
      'CREATED PREVIEWED ACTIVATED DELIVERED UNCHANGED REPLAYED DELIVERED'.split(' '),
    );
    expect((await dispatch('delete', 'arrears')).stdout).toBe('arrears is deleted.\n');
  });

  test.each([
    ['what is no YAML', 'name: [', /:1:\d+: this is no YAML/],
    ['what is missing, and what there is no such thing of', 'name: a\ncolour: red\n', /:2:9: colour: Unrecognized key/],
    ['a wrong value where it stands', { ...ARREARS, trigger: { cron: 'often' } }, /:\d+:9: trigger.cron: /],
    ['what the gateway refuses', { ...ARREARS, recipient: 'nobody' }, /DISPATCH_REFUSED: .*no recipient nobody/],
  ])('tells of %s', async (_, content, message) => {
    const { exitCode, stderr } = await dispatch('create', file('wrong.yaml', content));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
  });

  test('says by which rule it is refused, and that nobody is there', async () => {
    const nobody = await runSwitchyard(['dispatch', 'list', '--url', office.federation.url]);
    expect(nobody).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/\(rule dispatch-closed\)\n +it needs the role dispatch-officer/) as string,
    });
    const gone = await runSwitchyard(['dispatch', 'list', '--url', 'http://127.0.0.1:9/graphql']);
    expect(gone).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is it running?') as string });
  });
});
