import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyStore } from '../../gateway/audit/verify-store.ts';
import { runSwitchyard, type Output } from '../cli/command.ts';
import { someEntry } from './entries.ts';
import { makePlace, type TrailPlace } from './trail-kit.ts';

let place: TrailPlace;
let config: string;
beforeAll(async () => {
  place = await makePlace();
  config = place.file('settings.mjs');
  writeFileSync(config, `export default ${JSON.stringify({ audit: place.settings() })}`);
  const trail = await place.open();
  const seen = {
    hiddenUntil: '2999-01-01T00:00:00.000Z',
    purpose: 'a\u001B[2Jb',
    rules: ['tax-inspector'],
    fields: ['Enterprise.name', 'Enterprise.status', 'Taxpayer.district', 'Taxpayer.arrearsCny', 'Taxpayer.filings'],
  };
  await trail.write(someEntry(seen), ['Enterprise:9911']);
  await trail.write(someEntry({ initiatorPerson: 'somebody-else' }), ['Enterprise:9922']);
  await trail.close();
});
afterAll(() => place.close());

function audit(args: readonly string[], env: Record<string, string> = {}): Promise<Output> {
  const operator = { SWITCHYARD_AUDIT_URL: '', USER: 'operator-1', SUDO_USER: undefined };
  return runSwitchyard(['audit', ...args], { ...operator, ...env });
}

describe('switchyard audit', () => {
  test('shows who saw somebody, hidden or not, and records that it was asked', async () => {
    const args = ['who-saw', 'Enterprise', '9911', '--config', config, '--purpose', 'complaint 7'];
    const { exitCode, stdout } = await audit(args);
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('inspector-1');
    expect(lines[1]).toContain('2999-01-01');
    expect(lines[1]).toMatch(/ tax-inspector +answered +Enterprise.name Enterprise.status Taxpayer.district \+2 /);
    // What would clear the reader's screen is not printed.
    expect(stdout).toBe(stripVTControlCharacters(stdout));
    expect(JSON.parse((await audit([...args, '--json'])).stdout)).toMatchObject([
      { operationName: 'audit who-saw', initiatorPerson: 'operator-1', purpose: 'complaint 7' },
      { initiatorPerson: 'inspector-1' },
    ]);
    expect((await audit(['who-saw', 'Enterprise:9933', '--config', config])).stdout).toBe(
      'Nobody saw anything of Enterprise:9933.\n',
    );
  });

  test('finds nobody without the secret, and says so', async () => {
    writeFileSync(
      place.file('other.mjs'),
      `export default ${JSON.stringify({ audit: place.settings({ secretFile: place.file('none') }) })}`,
    );
    const { exitCode, stderr } = await audit(['who-saw', 'Enterprise', '9911', '--config', place.file('other.mjs')]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('nobody can be found without it');
  });

  test('verifies a store, an archive and what is left after pruning', { timeout: 60_000 }, async () => {
    const store = ['--config', config];
    const archive = place.file('archive');
    const verified = await audit(['verify', ...store]);
    expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
    expect(verified.stdout).toContain('ok  ');
    expect(verified.stdout).toContain('give the published ones with --key');
    expect(await audit(['export', '--until', '2999-01-01', '--out', archive, '--gzip', ...store])).toMatchObject({
      exitCode: 0,
    });
    const key = `${place.settings().keyFile}.pub`;
    const checked = await audit(['verify', '--archive', archive, '--key', key, '--json']);
    expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true, isPinned: true, faults: [] });
    expect(await audit(['prune', '--archive', archive, ...store])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await audit(['rotate-key', ...store])).toMatchObject({ exitCode: 0 });
    await (await place.open()).close();
    expect(await audit(['verify', '--key', key, ...store])).toMatchObject({ exitCode: 0 });
    expect(await verifyStore(await place.store())).toMatchObject({ ok: true, records: 0 });
  });

  test('says where the first fault is, with exit code 1', { timeout: 60_000 }, async () => {
    const other = await makePlace();
    try {
      const trail = await other.open();
      for (let written = 0; written < 5; written += 1) await trail.write(someEntry(), []);
      await trail.close();
      const archive = other.file('archive');
      const given = ['--store', other.settings().store];
      writeFileSync(other.file('settings.mjs'), `export default ${JSON.stringify({ audit: other.settings() })}`);
      await audit([
        'export',
        '--until',
        '2999-01-01',
        '--out',
        archive,
        ...given,
        '--config',
        other.file('settings.mjs'),
      ]);
      const file = path.join(archive, 'chain-0001.jsonl');
      const text = readFileSync(file, 'utf8');
      const lines = text.split('\n');
      const start = Buffer.byteLength(`${lines.slice(0, 3).join('\n')}\n`);
      writeFileSync(file, text.slice(0, start) + text.slice(start).replace('inspector-1', 'inspector-2'));
      const { exitCode, stdout } = await audit(['verify', '--archive', archive]);
      expect(exitCode).toBe(1);
      expect(stdout).toContain(
        `altered  chain-0001.jsonl line 4 (from byte ${start}), chain ${trail.health().chain}, record 3`,
      );
      appendFileSync(file, 'x');
      expect((await audit(['verify', '--archive', archive])).exitCode).toBe(1);
    } finally {
      await other.close();
    }
  });

  test('prints the schema of the trail for composition', async () => {
    const { exitCode, stdout } = await audit(['schema']);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(readFileSync('schema/trail.graphql', 'utf8'));
  });

  test.each([
    ['no trail', ['verify'], 'There is no trail'],
    ['a store and an archive', ['verify', '--archive', 'a', '--store', 'b'], 'not both'],
    ['a store that is not there', ['verify', '--store', '/nowhere/trail.db'], 'unable to open database file'],
    ['a file that is no store', ['verify', '--store', 'package.json'], 'not a database'],
    ['a type without a key', ['who-saw', 'Enterprise'], 'Say of which Enterprise'],
    ['a time that is none', ['export', '--until', 'soon', '--out', 'x', '--store', 'y'], '--until is a time'],
    ['a file without certificates', ['verify', '--archive', 'a', '--tsa-ca', 'package.json'], 'holds no certificate'],
    ['a key file without keys', ['verify', '--archive', 'a', '--key', 'package.json'], 'holds no public key'],
  ])('refuses %s in one line', async (_what, args, message) => {
    const { exitCode, stderr } = await audit(args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
