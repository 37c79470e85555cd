import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportArchive } from '../../gateway/audit/archive.ts';
import { draftOpening, draftRecords, draftSeal } from '../../gateway/audit/chain-draft.ts';
import { readRecordHead, recordHash } from '../../gateway/audit/chain.ts';
import type { Fault } from '../../gateway/audit/fault.ts';
import { openSigner, readPublicKeys } from '../../gateway/keys/signer.ts';
import { subjectDigest } from '../../gateway/audit/subject-secret.ts';
import { verifyArchive } from '../../gateway/audit/verify-archive.ts';
import { verifyStore, type VerifyOptions } from '../../gateway/audit/verify-store.ts';
import { someEntry } from './entries.ts';
import { makePlace, writeMany, type TrailPlace } from './trail-kit.ts';

let place: TrailPlace;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(() => place.close());

/** Writes a chain of 20 records, with a seal after every five, and ends it. */
async function writeChain(rootsCopyFile?: string): Promise<string> {
  const copy = rootsCopyFile === undefined ? {} : { rootsCopyFile };
  const trail = await place.open({ sealEveryRecords: 5, ...copy });
  await writeMany(trail, 20);
  await trail.close();
  return trail.health().chain!;
}

/** What somebody can do who may write the database and knows how all this works, but has not the key. */
function tamper(work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(place.settings().store);
  const triggers = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all();
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${String(name)}`);
  work(database);
  database.close();
}

async function faults(options?: VerifyOptions): Promise<readonly Fault[]> {
  const store = await place.store();
  return (await verifyStore(store, options)).faults;
}

/** Changes a record and makes every record behind it follow from it. */
function rewriteFrom(database: DatabaseSync, seq: number): void {
  let previous: string | undefined;
  const rows = database.prepare('SELECT seq, text FROM trail_records WHERE seq >= ? ORDER BY seq').all(seq);
  for (const row of rows) {
    const before = String(row['text']);
    const text =
      previous === undefined
        ? before.replace('inspector-1', 'inspector-2')
        : before.replace(readRecordHead(before)!.previous, previous);
    previous = recordHash(text);
    database
      .prepare('UPDATE trail_records SET text = ?, hash = ? WHERE seq = ?')
      .run(text, previous, Number(row['seq']));
  }
}

describe('a store that was tampered with', () => {
  test('is found where a record was altered', async () => {
    const chain = await writeChain();
    tamper((database) =>
      database.exec("UPDATE trail_records SET text = replace(text, 'inspector-1', 'x') WHERE seq = 7"),
    );
    expect(await faults()).toEqual([
      { kind: 'altered', chain, seq: 7, message: expect.stringContaining('Record 7 was altered') },
    ]);
    const report = await verifyStore(await place.store());
    expect(report).toMatchObject({ ok: false, records: 6, chains: [{ records: 6, seals: 2 }] });
  });

  test('is found where a record was altered and all hashes behind it made anew', async () => {
    await writeChain();
    tamper((database) => {
      rewriteFrom(database, 7);
      database.exec('DELETE FROM trail_blocks');
    });
    expect(await faults()).toMatchObject([{ kind: 'altered', seq: 6, seal: 2 }]);
  });

  test.each([
    ['a record is gone', 'DELETE FROM trail_records WHERE seq = 7', { kind: 'missing', seq: 7 }],
    ['the last records are gone', 'DELETE FROM trail_records WHERE seq > 17', { kind: 'missing', seq: 18 }],
    ['a seal is gone', 'DELETE FROM trail_seals WHERE number = 2', { kind: 'missing', seal: 2 }],
    ['a seal is of other records', 'UPDATE trail_seals SET last = 12 WHERE number = 2', { kind: 'order', seal: 2 }],
    [
      'a seal says something else',
      `UPDATE trail_seals SET text = replace(text, '"last":10', '"last":11') WHERE number = 2`,
      { kind: 'signature', seal: 2 },
    ],
    ['the seals of all keys are gone', 'DELETE FROM trail_keys', { kind: 'key', seal: 0 }],
    ['a record is called another', 'UPDATE trail_records SET seq = 99 WHERE seq = 7', { kind: 'missing', seq: 7 }],
  ])('is found where %s', async (_what, statement, expected) => {
    await writeChain();
    tamper((database) => database.exec(statement));
    expect(await faults()).toMatchObject([expected]);
  });

  test('is found where a record was put behind the end', async () => {
    await writeChain();
    tamper((database) =>
      database.exec('INSERT INTO trail_records SELECT chain, 21, hash, text FROM trail_records WHERE seq = 20'),
    );
    expect(await faults()).toMatchObject([{ kind: 'unexpected' }]);
  });

  test('is found where a whole chain is gone that another one has seen', async () => {
    const gone = await writeChain();
    await writeChain();
    tamper((database) =>
      database.exec(
        `DELETE FROM trail_records WHERE chain = '${gone}'; DELETE FROM trail_seals WHERE chain = '${gone}'`,
      ),
    );
    expect(await faults()).toMatchObject([{ kind: 'missing', chain: gone }]);
  });

  test('is found where the end of a chain is gone, seals and all, that another one has seen', async () => {
    const cut = await writeChain();
    await writeChain();
    tamper((database) =>
      database.exec(
        `DELETE FROM trail_records WHERE chain = '${cut}' AND seq > 15; DELETE FROM trail_seals WHERE chain = '${cut}' AND number > 3`,
      ),
    );
    expect(await faults()).toMatchObject([{ kind: 'truncated', chain: cut, seq: 16 }]);
  });

  test('is found where the end of a chain is gone that only the second place has seen, and else said to be open', async () => {
    const rootsCopyFile = place.file('roots.jsonl');
    await writeChain(rootsCopyFile);
    tamper((database) =>
      database.exec('DELETE FROM trail_records WHERE seq > 17; DELETE FROM trail_seals WHERE number > 3'),
    );
    const alone = await verifyStore(await place.store());
    expect(alone).toMatchObject({ ok: true, unsealed: 2, chains: [{ isClosed: false, unsealed: 2, last: 17 }] });
    expect(await faults({ rootsCopyFile })).toMatchObject([{ kind: 'truncated', seal: 4 }]);
  });

  test('is found where all of it was made anew with another key, once the published key is given', async () => {
    await writeChain();
    const pinned = await readPublicKeys(`${place.settings().keyFile}.pub`);
    expect(await faults({ pinned })).toEqual([]);
    const forged = await makePlace();
    try {
      await writeMany(await forged.open(), 5);
      const store = await forged.store();
      expect((await verifyStore(store)).ok).toBe(true);
      expect((await verifyStore(store, { pinned })).faults).toMatchObject([{ kind: 'key', seal: 0 }]);
    } finally {
      await forged.close();
    }
  });

  test('is found where a block was altered, so that a look-up would miss a record', async () => {
    await writeChain();
    tamper((database) => database.exec('UPDATE trail_blocks SET filter = zeroblob(length(filter))'));
    expect(await faults()).toMatchObject([{ kind: 'altered', seq: 1, message: expect.stringContaining('block') }]);
  });

  test('is found where more is gone than a note stands for', async () => {
    await writeChain();
    tamper((database) => {
      const forged = JSON.stringify({ chain: 'x', seq: 20, hash: '', seal: 5, sealHash: '', key: '' });
      database.prepare('INSERT INTO trail_notes VALUES (?, 5, 20, ?, ?)').run('x', forged, '00'.repeat(64));
    });
    expect(await faults()).toMatchObject([{ kind: 'signature' }]);
  });

  test('is found where the second place was altered, and a line that was cut off there is no fault', async () => {
    const rootsCopyFile = place.file('roots.jsonl');
    await writeChain(rootsCopyFile);
    const copy = readFileSync(rootsCopyFile, 'utf8');
    writeFileSync(rootsCopyFile, copy.slice(0, -20));
    expect(await faults({ rootsCopyFile })).toEqual([]);
    writeFileSync(rootsCopyFile, copy.replace('"last":10', '"last":11'));
    expect(await faults({ rootsCopyFile })).toMatchObject([{ kind: 'signature', file: rootsCopyFile, line: 3 }]);
  });
});

test(
  '100,000 records verify in seconds, in a store and in an archive, in memory that does not grow',
  { timeout: 120_000 },
  async () => {
    const store = await place.store();
    const signer = await openSigner(place.settings().keyFile);
    await store.addKeys(signer.announcements);
    const sealing = { signer, sealEveryRecords: 1_000, now: () => new Date().toISOString() };
    const opened = draftOpening('gateway-1', { logSourceSystem: 'gateway', subjectSecret: '', others: [] }, sealing);
    await store.append(opened.batch);
    let { state } = opened;
    const entries = Array.from({ length: 1_000 }, () => ({ text: JSON.stringify(someEntry()), subjects: ['x'] }));
    for (let batch = 0; batch < 100; batch += 1) {
      const draft = draftRecords(state, entries, sealing);
      await store.append(draft.batch);
      ({ state } = draft);
    }
    await store.append(draftSeal(state, sealing, { closing: true }).batch);
    await exportArchive(store, { until: '2999', folder: place.file('archive'), signer });

    const seen: number[] = [];
    const onProgress = (): void => void seen.push(process.memoryUsage().heapUsed + process.memoryUsage().external);
    for (const verify of [
      () => verifyStore(store, { onProgress }),
      () => verifyArchive(place.file('archive'), { onProgress }),
    ]) {
      seen.length = 0;
      const began = performance.now();
      expect(await verify()).toMatchObject({ ok: true, records: 100_000, seals: 102 });
      expect(performance.now() - began).toBeLessThan(30_000);
      expect(Math.max(...seen) - seen[5]!).toBeLessThan(100_000_000);
    }
  },
);

test('a subject cannot be told from its digest without the secret, and is the same with it', () => {
  expect(subjectDigest('secret-1', 'Person:1')).toBe(subjectDigest('secret-1', 'Person:1'));
  expect(subjectDigest('secret-1', 'Person:1')).not.toBe(subjectDigest('secret-2', 'Person:1'));
  expect(subjectDigest('secret-1', 'Person:1')).not.toBe(subjectDigest('secret-1', 'Person:2'));
});
