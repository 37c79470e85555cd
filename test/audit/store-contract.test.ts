import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportArchive } from '../../gateway/audit/archive.ts';
import { rotateKey } from '../../gateway/keys/signer.ts';
import { BLOCK_RECORDS } from '../../gateway/audit/name-block.ts';
import { pruneArchived } from '../../gateway/audit/prune.ts';
import { readChain, type TrailStore } from '../../gateway/audit/store.ts';
import { verifyArchive } from '../../gateway/audit/verify-archive.ts';
import { verifyStore } from '../../gateway/audit/verify-store.ts';
import { connectTo } from '../kit/postgres-client.ts';
import { someEntry } from './entries.ts';
import { STORES, writeMany, type TrailPlace } from './trail-kit.ts';

describe.each(STORES)('a trail in %s', (name, make) => {
  let place: TrailPlace;
  beforeEach(async () => {
    place = await make();
  });
  afterEach(() => place.close());

  async function texts(store: TrailStore, chain: string): Promise<string[]> {
    const found: string[] = [];
    for await (const item of readChain(store, chain)) if (item.kind === 'record') found.push(item.text);
    return found;
  }

  /** Runs a statement as somebody who has the database open. */
  async function tamper(statement: string): Promise<void> {
    if (name === 'SQLite') {
      const database = new DatabaseSync(place.settings().store);
      try {
        database.exec(statement);
      } finally {
        database.close();
      }
      return;
    }
    const client = await connectTo(place.settings().store);
    try {
      await client.query(statement);
    } finally {
      await client.close();
    }
  }

  test('has a record as soon as its write resolves, for everybody who looks', async () => {
    const trail = await place.open();
    const store = await place.store();
    const entry = someEntry();
    await trail.write(entry, ['Enterprise:1', 'Enterprise:1']);
    const [text] = await texts(store, trail.health().chain!);
    const { chain, seq, previous, subjects, ...rest } = JSON.parse(text!);
    expect(rest).toEqual(entry);
    expect({ chain, seq, previous }).toEqual({ chain: trail.health().chain, seq: 1, previous: '0'.repeat(64) });
    expect(subjects).toEqual([expect.stringMatching(/^[\w-]{22}$/)]);
    expect(text).not.toContain('Enterprise:1');
  });

  test('writes what comes together in few commits, each entry once, and verifies when it is closed', async () => {
    const trail = await place.open({ sealEveryRecords: 64 });
    const entries = await writeMany(trail, 500);
    const store = await place.store();
    const { chain } = trail.health();
    await trail.close();
    const ids = (await texts(store, chain!)).map((text) => (JSON.parse(text) as { queryId: string }).queryId);
    expect(ids).toEqual(entries.map(({ queryId }) => queryId));
    const report = await verifyStore(store);
    expect(report).toMatchObject({ ok: true, records: 500, unsealed: 0, faults: [] });
    expect(report.chains).toMatchObject([{ chain, first: 1, last: 500, isClosed: true }]);
    // The opening, seven full ones, and the closing.
    expect(report.seals).toBe(9);
  });

  test('seals what is left after a bounded time', async () => {
    const trail = await place.open({ sealEveryMs: 20 });
    await writeMany(trail, 3);
    const store = await place.store();
    await expect.poll(async () => (await verifyStore(store)).chains[0]).toMatchObject({ unsealed: 0, records: 3 });
    expect(await verifyStore(store)).toMatchObject({ ok: true, chains: [{ isClosed: false }] });
  });

  test('takes a chain of each writer, and one verifier joins them', async () => {
    const trails = await Promise.all([1, 2, 3].map((number) => place.open({ logSourceSystem: `gateway-${number}` })));
    await Promise.all(trails.map((trail) => writeMany(trail, 100)));
    await Promise.all(trails.map((trail) => trail.close()));
    const report = await verifyStore(await place.store());
    expect(report).toMatchObject({ ok: true, records: 300, faults: [] });
    expect(report.chains.map(({ chain }) => chain.slice(0, 9)).sort()).toEqual(['gateway-1', 'gateway-2', 'gateway-3']);
  });

  test('keeps whatever text there is, byte for byte', async () => {
    const trail = await place.open();
    const odd = ['', 'é\u{1F600}漢字', 'a\tb\nc\r\0d', '\uD800', '"\\/', '\u2028', '\u{FEFF}x', 'x'.repeat(100_000)];
    const changed = (text: string): Parameters<typeof someEntry>[0] => ({
      purpose: text,
      initiatorPerson: text,
      fields: odd,
      roles: [],
      fetches: [],
    });
    for (const text of odd) await trail.write(someEntry(changed(text)), [`Person:${text}`]);
    for (const text of odd) {
      const found = await trail.find({ by: 'subject', of: `Person:${text}`, limit: 10 });
      expect(found.map(({ purpose }) => purpose)).toEqual([text]);
      expect(await trail.find({ by: 'person', of: text, limit: 10 })).toEqual(found);
    }
    await trail.close();
    expect(await verifyStore(await place.store())).toMatchObject({ ok: true, records: odd.length });
  });

  test('finds records by subject, person and department, the newest first, and reads on', async () => {
    const trails = await Promise.all([place.open({ logSourceSystem: 'a' }), place.open({ logSourceSystem: 'b' })]);
    const time = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
    for (let minute = 0; minute < 40; minute += 1) {
      const entry = someEntry({
        logTime: time(minute),
        initiatorPerson: `person-${minute % 4}`,
        fetches: [{ department: minute % 5 === 0 ? 'tax' : 'market', requestDigest: '', durationMs: 1, rows: 1 }],
      });
      await trails[minute % 2]!.write(entry, [`Enterprise:${minute % 10}`]);
    }
    const minutes = async (query: Parameters<(typeof trails)[0]['find']>[0]): Promise<number[]> =>
      (await trails[0].find(query)).map(({ logTime }) => new Date(logTime).getUTCMinutes());
    expect(await minutes({ by: 'subject', of: 'Enterprise:3', limit: 10 })).toEqual([33, 23, 13, 3]);
    expect(await minutes({ by: 'subject', of: 'Enterprise:77', limit: 10 })).toEqual([]);
    expect(await minutes({ by: 'person', of: 'person-1', limit: 3 })).toEqual([37, 33, 29]);
    expect(await minutes({ by: 'department', of: 'tax', since: time(20), limit: 10 })).toEqual([35, 30, 25, 20]);
    const [, second] = await trails[0].find({ by: 'everything', of: '', limit: 2 });
    expect(await minutes({ by: 'everything', of: '', before: second!, limit: 3 })).toEqual([37, 36, 35]);
  });

  test('finds among records that blocks stand for, and behind them', async () => {
    const trail = await place.open();
    const hidden = someEntry();
    await trail.write(hidden, ['Person:sought']);
    for (let written = 0; written < BLOCK_RECORDS; written += 1_000) await writeMany(trail, 1_000);
    await trail.write(someEntry(), ['Person:later']);
    const store = await place.store();
    expect(await store.blocks(trail.health().chain!, 0, 10)).toHaveLength(1);
    const idsOf = async (subject: string): Promise<string[]> =>
      (await trail.find({ by: 'subject', of: subject, limit: 10 })).map(({ queryId }) => queryId);
    expect(await idsOf('Person:sought')).toEqual([hidden.queryId]);
    expect(await idsOf('Person:later')).toHaveLength(1);
    expect(await idsOf('Person:nobody')).toEqual([]);
    expect(await verifyStore(store)).toMatchObject({ ok: true });
  });

  test('does not mind a clock that goes back', async () => {
    const trail = await place.open({ sealEveryRecords: 1 });
    for (const logTime of ['2026-05-02T00:00:00.000Z', '2026-05-01T00:00:00.000Z', '2026-05-03T00:00:00.000Z'])
      await trail.write(someEntry({ logTime }), []);
    await trail.close();
    expect(await verifyStore(await place.store())).toMatchObject({ ok: true, records: 3 });
  });

  test('verifies with nothing in it, and with a chain that was only opened and closed', async () => {
    const store = await place.store();
    expect(await verifyStore(store)).toMatchObject({ ok: true, records: 0, chains: [] });
    await (await place.open()).close();
    expect(await verifyStore(store)).toMatchObject({ ok: true, records: 0, seals: 2 });
  });

  test('keeps the first time stamp of each seal, in their order, and lets none be changed or deleted', async () => {
    const store = await place.store();
    const stamp = (seal: number, text = `{"seal":${seal}}`) => ({ seal, text, signature: 's' });
    for (const seal of [12, 2, 7]) await store.addTimeStamp('x', stamp(seal));
    await store.addTimeStamp('y', stamp(3));
    await store.addTimeStamp('x', stamp(7, 'another'));
    expect(await store.timeStamps('x', -1, 10)).toEqual([stamp(2), stamp(7), stamp(12)]);
    expect(await store.timeStamps('x', 2, 1)).toEqual([stamp(7)]);
    expect(await store.timeStamps('z', -1, 10)).toEqual([]);
    await expect(tamper("UPDATE trail_time_stamps SET text = ''")).rejects.toThrow('never changed');
    await expect(tamper('DELETE FROM trail_time_stamps')).rejects.toThrow('but by retention');
  });

  test('keeps time stamps in a store that was made before there were any', async () => {
    await (await place.open()).close();
    await tamper('DROP TABLE trail_time_stamps');
    const store = await place.store();
    await store.addTimeStamp('x', { seal: 1, text: '{}', signature: 's' });
    expect(await store.timeStamps('x', -1, 10)).toHaveLength(1);
    await expect(tamper('DELETE FROM trail_time_stamps')).rejects.toThrow('but by retention');
  });

  test.each(['UPDATE trail_records SET text = hash', 'DELETE FROM trail_records', 'DELETE FROM trail_seals'])(
    'refuses: %s',
    async (statement) => {
      const trail = await place.open();
      await writeMany(trail, 2);
      await expect(tamper(statement)).rejects.toThrow('trail');
      await trail.close();
      expect(await verifyStore(await place.store())).toMatchObject({ ok: true, records: 2 });
    },
  );

  test('writes a batch as a whole or not at all', async () => {
    const store = await place.store();
    const record = (seq: number): { seq: number; hash: string; text: string } => ({ seq, hash: 'h', text: '{}' });
    await store.append({ chain: 'x', records: [record(1)], seals: [] });
    await expect(
      store.append({ chain: 'x', records: [record(1)], seals: [{ number: 0, last: 1, text: '{}', signature: 's' }] }),
    ).rejects.toThrow(/unique/i);
    expect(await store.end('x')).toMatchObject({ seq: 1, seal: -1 });
    await store.append({ chain: 'x', records: [record(2)], seals: [] });
    expect(await store.end('x')).toMatchObject({ seq: 2 });
    expect(await store.end('y')).toBeUndefined();
  });

  test('signs with a new key after rotation, and all of it verifies against the first one alone', async () => {
    await (await place.open()).close();
    const first = (await place.signer()).keyId;
    await rotateKey(place.settings().keyFile);
    await (await place.open()).close();
    const store = await place.store();
    const report = await verifyStore(store);
    expect(report.ok).toBe(true);
    expect(report.keys).toHaveLength(2);
    const { public: firstPublic } = JSON.parse((await store.keys())[0]!.text) as { public: string };
    expect(report.keys[0]).toBe(first);
    expect(await verifyStore(store, { pinned: [firstPublic] })).toMatchObject({ ok: true, isPinned: true });
    expect(await verifyStore(store, { pinned: ['00'.repeat(32)] })).toMatchObject({
      faults: [{ kind: 'key' }, { kind: 'key' }],
    });
  });

  test.each([false, true])(
    'exports, deletes what was exported, and the rest verifies (packed: %s)',
    async (isCompressed) => {
      const ended = await place.open({ sealEveryRecords: 10 });
      await writeMany(ended, 25);
      await ended.close();
      const trail = await place.open({ sealEveryRecords: 10, sealEveryMs: 60_000 });
      await writeMany(trail, 25);
      const store = await place.store();
      const signer = await place.signer();
      const folder = place.file('archive');
      const manifest = await exportArchive(store, { until: '2999', folder, signer, isCompressed });
      expect(manifest.chains.map(({ end }) => end.seq)).toEqual([25, 20]);
      expect(await verifyArchive(folder)).toMatchObject({ ok: true, records: 45 });

      expect(await pruneArchived(store, signer, { folder })).toHaveLength(2);
      await writeMany(trail, 5);
      await trail.write(someEntry(), ['Person:after']);
      expect(await trail.find({ by: 'everything', of: '', limit: 100 })).toHaveLength(11);
      await trail.close();
      const report = await verifyStore(store);
      expect(report).toMatchObject({ ok: true, records: 11, faults: [] });
      expect(report.chains).toMatchObject([{ first: 21, last: 31, isClosed: true }]);
      expect(await pruneArchived(store, signer, { folder })).toEqual([]);

      const later = place.file('later');
      await exportArchive(store, { until: '2999', folder: later, signer });
      expect(await verifyArchive(later)).toMatchObject({ ok: true, records: 11 });
    },
  );

  test('deletes nothing where the archive was changed', async () => {
    const trail = await place.open();
    await writeMany(trail, 5);
    await trail.close();
    const [store, other] = [await place.store(), await place.signer()];
    const folder = place.file('archive');
    await exportArchive(store, { until: '2999', folder, signer: other });
    const { appendFileSync } = await import('node:fs');
    appendFileSync(`${folder}/chain-0001.jsonl`, ' ');
    await expect(pruneArchived(store, other, { folder })).rejects.toThrow('does not verify');
    expect(await verifyStore(store)).toMatchObject({ ok: true, records: 5 });
  });
});
