import { execFile, execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyStore } from '../../gateway/audit/verify-store.ts';
import type { GatewayFault } from '../../gateway/errors.ts';
import { connectTo } from '../kit/postgres-client.ts';
import { someEntry } from './entries.ts';
import { makePlace, STORES, writeMany, type TrailPlace } from './trail-kit.ts';

const UNAVAILABLE = expect.objectContaining({ code: 'TRAIL_UNAVAILABLE' });

let place: TrailPlace;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(() => place.close());

/** Keeps others from writing for as long as it is held. */
function holdStore(): { letGo(): void } {
  const database = new DatabaseSync(place.settings().store);
  database.exec('BEGIN IMMEDIATE');
  return {
    letGo() {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

describe('a trail whose store cannot be written', () => {
  test('refuses what waited too long, says so, and comes back by itself', async () => {
    const problems: (string | undefined)[] = [];
    const trail = await place.open({ maxDelayMs: 100 }, (problem) => problems.push(problem));
    await trail.write(someEntry(), []);
    const held = holdStore();
    await expect(trail.write(someEntry(), [])).rejects.toEqual(UNAVAILABLE);
    expect(trail.health()).toMatchObject({ up: false, problem: expect.any(String) });
    await expect
      .poll(() => trail.write(someEntry(), []).catch((error: unknown) => (error as GatewayFault).detail))
      .toContain('locked');
    held.letGo();
    await expect.poll(() => trail.health().up).toBe(true);
    await trail.write(someEntry(), []);
    expect(problems).toEqual([expect.any(String), undefined]);
    await trail.close();
    expect(await verifyStore(await place.store())).toMatchObject({ ok: true, unsealed: 0 });
  });

  test('refuses at once what comes when it has been down for longer than a record may wait', async () => {
    const trail = await place.open({ maxDelayMs: 200 });
    const held = holdStore();
    await expect(trail.write(someEntry(), [])).rejects.toEqual(UNAVAILABLE);
    await expect
      .poll(async () => {
        const began = performance.now();
        await trail.write(someEntry(), []).catch(() => undefined);
        return performance.now() - began;
      })
      .toBeLessThan(50);
    held.letGo();
  });

  test('takes no more than its queue holds', async () => {
    const trail = await place.open({ maxDelayMs: 5_000, maxQueue: 10 });
    const held = holdStore();
    const waiting = Promise.all(Array.from({ length: 10 }, () => trail.write(someEntry(), [])));
    expect(trail.health().waiting).toBe(10);
    await expect(trail.write(someEntry(), [])).rejects.toEqual(UNAVAILABLE);
    await expect(trail.write(someEntry(), [], 'soon')).rejects.toEqual(UNAVAILABLE);
    held.letGo();
    await waiting;
    expect(trail.health().waiting).toBe(0);
  });

  test('keeps what is to be written soon until it can be', async () => {
    const trail = await place.open({ maxDelayMs: 100 });
    const held = holdStore();
    await expect(trail.write(someEntry(), [])).rejects.toEqual(UNAVAILABLE);
    const entry = someEntry({ initiatorPerson: 'patient' });
    await trail.write(entry, [], 'soon');
    held.letGo();
    await expect
      .poll(async () => (await trail.find({ by: 'person', of: 'patient', limit: 1 }).catch(() => []))[0]?.queryId)
      .toBe(entry.queryId);
  });

  test('rejects while the disk takes no more, and goes on when it does again', { timeout: 30_000 }, async () => {
    const trail = await place.open({ maxDelayMs: 300 });
    await writeMany(trail, 50);
    const log = `${place.settings().store}-wal`;
    limitFiles(String(statSync(log).size));
    try {
      await expect(writeMany(trail, 50)).rejects.toEqual(UNAVAILABLE);
      expect(trail.health()).toMatchObject({ up: false });
    } finally {
      limitFiles('unlimited');
    }
    await expect.poll(() => trail.health().up, { timeout: 5_000 }).toBe(true);
    await writeMany(trail, 50);
    await trail.close();
    expect(await verifyStore(await place.store())).toMatchObject({ ok: true, unsealed: 0 });
  });

  test('is not opened where there is no store', async () => {
    await expect(place.open({ store: '/dev/null/trail.db' })).rejects.toEqual(UNAVAILABLE);
    await expect(place.open({ store: 'postgres://127.0.0.1:1/none' })).rejects.toEqual(UNAVAILABLE);
    await expect(place.open({ keyFile: place.folder })).rejects.toEqual(UNAVAILABLE);
  });
});

/** As large as files of this process may become. */
function limitFiles(bytes: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);
}

describe('a trail', () => {
  test('makes its key and its secret for their owner alone, and the public key for everybody', async () => {
    await place.open();
    const modeOf = (file: string): number => statSync(file).mode & 0o777;
    expect(modeOf(place.file('key.pem'))).toBe(0o600);
    expect(modeOf(place.file('secret'))).toBe(0o600);
    expect(modeOf(place.file('key.pem.pub'))).toBe(0o644);
  });

  test('writes what waits when it is closed, and takes no more', async () => {
    const trail = await place.open();
    const written = writeMany(trail, 100);
    await trail.write(someEntry(), [], 'soon');
    const closed = trail.close();
    await expect(trail.write(someEntry(), [])).rejects.toEqual(UNAVAILABLE);
    await written;
    await closed;
    await trail.close();
    const report = await verifyStore(await place.store());
    expect(report).toMatchObject({ ok: true, records: 101, chains: [{ isClosed: true }] });
  });

  test('leaves nothing running, where it is closed while its store cannot be written', async () => {
    const program = fileURLToPath(new URL('closed-program.ts', import.meta.url));
    const env = { ...process.env, SETTINGS: JSON.stringify(place.settings({ maxDelayMs: 50 })) };
    const ended = promisify(execFile)(process.execPath, [program], { env, timeout: 10_000 });
    expect((await ended).stdout.trim()).toBe('TRAIL_UNAVAILABLE');
  });

  test('does not hold up the event loop', async () => {
    const trail = await place.open();
    const held = holdStore();
    const written = trail.write(someEntry(), []);
    const began = performance.eventLoopUtilization();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(performance.eventLoopUtilization(began).active).toBeLessThan(100);
    held.letGo();
    await written;
  });

  test('keeps nobody waiting who is to be recorded while somebody reads far back', async () => {
    const trail = await place.open({ maxDelayMs: 60_000 });
    await writeMany(trail, 4_000);
    const ended: string[] = [];
    const read = async (): Promise<void> => {
      await trail.find({ by: 'everything', of: '', limit: 1_000 });
      ended.push('read');
    };
    const reads = Array.from({ length: 20 }, read);
    await reads[0];
    await trail.write(someEntry(), []);
    ended.push('written');
    await Promise.all(reads);
    expect(ended).toHaveLength(21);
    expect(ended.at(-1)).toBe('read');
  });

  test('copies its seals to a second place', async () => {
    const rootsCopyFile = place.file('roots.jsonl');
    const trail = await place.open({ rootsCopyFile, sealEveryRecords: 5 });
    await writeMany(trail, 12);
    await trail.close();
    expect(await verifyStore(await place.store(), { rootsCopyFile })).toMatchObject({ ok: true, seals: 4 });
  });

  test('says that it is not durable where the database does not wait for the disk', async () => {
    const [, makePostgres] = STORES[1]!;
    const other = await makePostgres();
    try {
      const client = await connectTo(other.settings().store);
      const { rows } = await client.query<{ fsync: string }>('SHOW fsync');
      await client.close();
      expect((await other.open()).health()).toMatchObject({ isDurable: rows[0]!.fsync === 'on' });
      expect((await place.open()).health()).toMatchObject({ isDurable: true });
    } finally {
      await other.close();
    }
  });

  test('goes on after its connections are cut', async () => {
    const [, makePostgres] = STORES[1]!;
    const other = await makePostgres();
    try {
      const trail = await other.open({ maxDelayMs: 5_000 });
      await writeMany(trail, 10);
      const client = await connectTo(other.settings().store);
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'switchyard trail'`,
      );
      await client.close();
      await writeMany(trail, 10);
      await trail.close();
      expect(await verifyStore(await other.store())).toMatchObject({ ok: true, records: 20, unsealed: 0 });
    } finally {
      await other.close();
    }
  });
});
