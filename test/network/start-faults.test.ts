import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { npmStart, type NpmStartOptions } from './npm-start.ts';

const NOBODY = 65_534;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-faults-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts, expects exit code 1 and nothing left, and gives the reason. */
async function failedStart(options: NpmStartOptions): Promise<string> {
  const start = npmStart(options);
  const { code, output } = await start.exited;
  expect({ code, output }).toMatchObject({ code: 1 });
  expect(start.processes()).toEqual([]);
  const failed = start.events.filter((event) => event.event === 'failed');
  expect(failed).toHaveLength(1);
  return failed[0]?.reason ?? '';
}

test('a port that is taken is named with who wants it, before anything is started', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const reason = await failedStart({ args: ['--port', String(port), '--data', join(folder, 'data')] });
  server.close();
  expect(reason).toMatch(
    new RegExp(`${port} \\(gateway\\).* taken; stop what listens there, or start with: npm start -- --ports free$`),
  );
});

test('a file where the data folder should be is named', async () => {
  writeFileSync(join(folder, 'data'), '');
  expect(await failedStart({ args: ['--data', join(folder, 'data')] })).toBe(
    `data folder: ${join(folder, 'data')} is not a folder; move it away, or choose another folder with --data`,
  );
});

test('a data folder that may not be written to is named', async () => {
  const locked = join(folder, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o555);
  chmodSync(folder, 0o755);
  const reason = await failedStart({
    args: ['--data', join(locked, 'data')],
    ...(process.getuid?.() === 0 && { uid: NOBODY }),
  });
  expect(reason).toBe(
    `data folder: no permission to write at ${join(locked, 'data')}; change its owner, or choose another folder with --data`,
  );
});

test('a broken PostgreSQL folder is named with the reason PostgreSQL gives', async () => {
  const cluster = join(folder, 'data/postgres/cluster');
  mkdirSync(cluster, { recursive: true });
  writeFileSync(join(cluster, 'PG_VERSION'), '9\n');
  const reason = await failedStart({
    args: ['--ports', 'free', '--enterprises', '50', '--data', join(folder, 'data')],
  });
  expect(reason).toContain(`PostgreSQL: cannot use ${join(folder, 'data/postgres')}: `);
  expect(reason).toContain('move it away (its contents are made again), or set DATABASE_URL');
});

test('a DATABASE_URL where nobody answers is named', async () => {
  const reason = await failedStart({
    args: ['--ports', 'free', '--enterprises', '50', '--data', join(folder, 'data')],
    env: { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' },
  });
  expect(reason).toContain('PostgreSQL does not let us in');
  expect(reason).toContain('check DATABASE_URL');
});
