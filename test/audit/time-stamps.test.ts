/** Time stamps of a real authority: `openssl ts`, over HTTP. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exportArchive } from '../../gateway/audit/archive.ts';
import { pruneArchived } from '../../gateway/audit/prune.ts';
import { readLine } from '../../gateway/audit/lines.ts';
import type { TrailStore } from '../../gateway/audit/store.ts';
import { askForTimeStamp } from '../../gateway/audit/time-stamps/authority.ts';
import { implausible, readTimeStamp, type TimeStamp } from '../../gateway/audit/time-stamps/time-stamp.ts';
import type { Trail, TrailSettings } from '../../gateway/audit/trail.ts';
import { verifyArchive } from '../../gateway/audit/verify-archive.ts';
import { verifyStore } from '../../gateway/audit/verify-store.ts';
import { describeVerification } from '../../gateway/cli/audit-text.ts';
import { freePort, temporaryFolder } from '../kit/department.ts';
import { Random } from '../property/random.ts';
import { makePlace, writeMany, type TrailPlace } from './trail-kit.ts';
import { startTsa, type Tsa } from './tsa.ts';

const CITY = 'O=city, CN=Time of city';
const WAIT = { timeout: 30_000 };

const folder = temporaryFolder();
let tsa: Tsa;
let other: Tsa;
beforeAll(async () => {
  [tsa, other] = await Promise.all([startTsa(folder.path), startTsa(folder.path, 'other')]);
}, 60_000);
afterAll(async () => {
  await Promise.all([tsa.close(), other.close()]);
  folder.close();
});

let place: TrailPlace;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(async () => {
  tsa.instead = undefined;
  await place.close();
});

function open(changed: Partial<TrailSettings['timeStamps']> = {}): Promise<Trail> {
  const timeStamps = { url: tsa.url, everyMs: 20, timeoutMs: 30_000, ...changed };
  return place.open({ timeStamps, sealEveryRecords: 5, sealEveryMs: 60_000 });
}

/** Resolves once a seal has its time stamp. */
async function untilStamped(store: TrailStore, trail: Trail, seal: number): Promise<void> {
  const { chain } = trail.health();
  await expect.poll(() => store.timeStamps(chain!, seal - 1, 1), WAIT).toMatchObject([{ seal }]);
}

/** A chain with two seals of five records that are stamped, ended; in the store and in an archive. */
async function stampedChain(): Promise<{ store: TrailStore; chain: string; archive: string }> {
  const trail = await open();
  const store = await place.store();
  for (const seal of [1, 2]) {
    await writeMany(trail, 5);
    await untilStamped(store, trail, seal);
  }
  await trail.close();
  const archive = place.file('archive');
  await exportArchive(store, { until: '2999', folder: archive, signer: await place.signer() });
  return { store, chain: trail.health().chain!, archive };
}

/** Puts another time stamp in a seal's place, as somebody can who has the gateway's key. */
async function replaceStamp(store: TrailStore, chain: string, change: (stamp: TimeStamp) => TimeStamp): Promise<void> {
  const [found] = await store.timeStamps(chain, 1, 1);
  const signed = (await place.signer()).sign('stamp', JSON.stringify(change(readTimeStamp(found!.text)!)));
  const database = new DatabaseSync(place.settings().store);
  database.exec('DROP TRIGGER IF EXISTS trail_time_stamps_stay');
  const update = 'UPDATE trail_time_stamps SET text = ?, signature = ? WHERE chain = ? AND seal = 2';
  database.prepare(update).run(signed.text, signed.signature, chain);
  database.close();
}

describe('a trail that is time-stamped', { timeout: 60_000 }, () => {
  test('verifies from an archive alone, and says what is attested and by whom', async () => {
    const { store, chain, archive } = await stampedChain();
    const report = await verifyArchive(archive, { tsaCaFile: tsa.caFile });
    expect(report).toMatchObject({ ok: true, records: 10, faults: [], timeStamps: { isTrusted: true } });
    expect(report.timeStamps.attested).toEqual([
      { chain, seq: 10, sealedAt: expect.any(String), time: expect.any(String), by: CITY },
    ]);
    expect(report.timeStamps.count).toBeGreaterThanOrEqual(2);
    expect(describeVerification(report)).toContain(`attested  ${chain}: records up to 10`);
    expect(await verifyStore(store, { tsaCaFile: tsa.caFile })).toMatchObject({ timeStamps: report.timeStamps });
    const unchecked = await verifyArchive(archive);
    expect(unchecked).toMatchObject({ ok: true, timeStamps: { isTrusted: false } });
    expect(describeVerification(unchecked)).toContain('was not checked');
  });

  test('is not verified by the certificates of another authority', async () => {
    const { store, archive } = await stampedChain();
    for (const report of [
      await verifyArchive(archive, { tsaCaFile: other.caFile }),
      await verifyStore(store, { tsaCaFile: other.caFile }),
    ])
      expect(report).toMatchObject({
        ok: false,
        faults: [{ kind: 'stamp', message: expect.stringContaining('path') }],
      });
  });

  test('attests a chain that has ended by the opening of the next one', async () => {
    const first = await place.open();
    await writeMany(first, 3);
    await first.close();
    const second = await open();
    await writeMany(second, 1);
    const store = await place.store();
    await untilStamped(store, second, 0);
    await second.close();
    const [about, own] = (await verifyStore(store)).timeStamps.attested;
    expect(about).toMatchObject({ chain: first.health().chain, seq: 3, by: CITY });
    expect(own).toMatchObject({ seq: 0 });
  });

  test('is pruned with what is stamped, and the rest verifies', async () => {
    const { store, chain, archive } = await stampedChain();
    await pruneArchived(store, await place.signer(), { folder: archive });
    expect(await store.timeStamps(chain, -1, 10)).toEqual([]);
    // One that was asked for before.
    await store.addTimeStamp(chain, { seal: 2, text: '{}', signature: '' });
    expect(await verifyStore(store)).toMatchObject({ ok: true, records: 0 });
  });

  test('is found to be changed, and where, for random changes to the lines of its time stamps', async () => {
    const { archive } = await stampedChain();
    const file = path.join(archive, 'chain-0001.jsonl');
    const text = readFileSync(file, 'utf8');
    const lines = text.split('\n');
    const random = new Random(4);
    for (const [index, line] of lines.entries()) {
      if (readLine(Buffer.from(line))?.kind !== 'stamp') continue;
      for (let tried = 0; tried < 40; tried += 1) {
        const at = random.between(0, line.length - 1);
        const changed = line.slice(0, at) + (line[at] === 'A' ? 'B' : 'A') + line.slice(at + 1);
        writeFileSync(file, lines.with(index, changed).join('\n'));
        const { faults } = await verifyArchive(archive);
        expect(faults[0], `byte ${at}`).toMatchObject({ file: 'chain-0001.jsonl', line: index + 1 });
      }
      for (const moved of [lines.toSpliced(index, 0, line), lines.toSpliced(index, 2, lines[index + 1]!, line)]) {
        writeFileSync(file, moved.join('\n'));
        const { faults } = await verifyArchive(archive);
        expect(faults[0]).toMatchObject({ kind: 'order', file: 'chain-0001.jsonl', line: index + 2 });
      }
      writeFileSync(file, lines.toSpliced(index, 1).join('\n'));
      expect((await verifyArchive(archive)).faults).toMatchObject([{ kind: 'altered', file: 'chain-0001.jsonl' }]);
    }
  });

  test.each([
    ['its signature', (token: Buffer) => token.length - 3],
    ['its time', (token: Buffer) => token.indexOf(new Date().getUTCFullYear().toString()) + 3],
  ])('is found where who has the key altered a token: %s', async (_what, placeOf) => {
    const { store, chain } = await stampedChain();
    await replaceStamp(store, chain, (stamp) => {
      const token = Buffer.from(stamp.token, 'base64');
      token[placeOf(token)]! ^= 1;
      return { ...stamp, token: token.toString('base64') };
    });
    expect((await verifyStore(store)).faults).toMatchObject([{ kind: 'stamp', chain, seal: 2 }]);
  });

  test('is found where a token is of another seal, or a seal is gone that was stamped', async () => {
    const { store, chain } = await stampedChain();
    const [first] = await store.timeStamps(chain, 0, 1);
    await replaceStamp(store, chain, (stamp) => ({ ...stamp, token: readTimeStamp(first!.text)!.token }));
    expect((await verifyStore(store)).faults).toMatchObject([
      { kind: 'stamp', chain, seal: 2, message: expect.stringContaining('something else') },
    ]);
    await replaceStamp(store, chain, (stamp) => ({ ...stamp, seal: 9 }));
    expect((await verifyStore(store)).faults).toMatchObject([{ kind: 'missing', chain, seal: 3 }]);
  });
});

/** Status 2, rejection, with the text "no". */
const REFUSAL = Buffer.from('300b300902010230040c026e6f', 'hex');

function answering(status: number, type: string, body: Buffer | string): RequestListener {
  return (_request, response) => void response.writeHead(status, { 'content-type': type }).end(body);
}

describe('an authority that does not stamp', { timeout: 60_000 }, () => {
  test.each([
    ['answers nothing', () => undefined, /timeout|aborted/],
    ['says that it is down', answering(503, 'text/html', 'down'), 'status 503'],
    ['answers a page', answering(200, 'text/html', '<html>'), 'text/html'],
    ['answers rubbish', answering(200, 'application/timestamp-reply', 'rubbish'), 'no time stamp'],
    ['answers nothing at all', answering(200, 'application/timestamp-reply', ''), 'no time stamp'],
    ['answers without end', answering(200, 'application/timestamp-reply', Buffer.alloc(100_000)), 'more than'],
    ['refuses', answering(200, 'application/timestamp-reply', REFUSAL), 'refused, with status 2: no'],
  ])('and %s holds no record up, is told of, and is asked again', async (_what, instead, problem) => {
    tsa.instead = instead;
    const trail = await open({ timeoutMs: 200 });
    const store = await place.store();
    await writeMany(trail, 5);
    await expect
      .poll(() => trail.health(), WAIT)
      .toMatchObject({ up: true, timeStamping: { problem: expect.stringMatching(problem) } });
    await writeMany(trail, 5);
    expect(await store.timeStamps(trail.health().chain!, -1, 10)).toEqual([]);
    await trail.close();
    tsa.instead = undefined;
    const next = await open();
    await writeMany(next, 1);
    await untilStamped(store, next, 0);
    await expect.poll(() => next.health().timeStamping, WAIT).toEqual({ at: expect.any(String) });
  });

  test('and is away is told of, and stamps again by itself when it is back', async () => {
    const url = `http://127.0.0.1:${await freePort()}/`;
    const away = await open({ url });
    await expect
      .poll(() => away.health().timeStamping, WAIT)
      .toEqual({ problem: expect.stringContaining('ECONNREFUSED') });
    await away.close();
    tsa.instead = answering(503, 'text/html', 'down');
    const trail = await open();
    await expect.poll(() => trail.health().timeStamping?.problem, WAIT).toContain('503');
    tsa.instead = undefined;
    await expect.poll(() => trail.health().timeStamping, WAIT).toEqual({ at: expect.any(String) });
  });

  test('and is not the one that is trusted is told of, and its token is not kept', async () => {
    const trail = await open({ caFile: other.caFile });
    await writeMany(trail, 5);
    await expect.poll(() => trail.health().timeStamping?.problem, WAIT).toContain('path');
    expect(await (await place.store()).timeStamps(trail.health().chain!, -1, 10)).toEqual([]);
  });

  test('and answers what it answered before is not believed', async () => {
    const signal = new AbortController().signal;
    const ask = (text: string): Promise<unknown> => askForTimeStamp(text, { url: tsa.url, timeoutMs: 30_000, signal });
    await ask('a seal');
    const before = readFileSync(path.join(folder.path, `city-${tsa.asked}.tsr`));
    tsa.instead = answering(200, 'application/timestamp-reply', before);
    await expect(ask('a seal')).rejects.toThrow('another request');
    await expect(ask('another seal')).rejects.toThrow('something else');
  });

  test('does not hold up the end of a trail', async () => {
    tsa.instead = () => undefined;
    const { asked } = tsa;
    const trail = await open({ timeoutMs: 60_000 });
    await expect.poll(() => tsa.asked, WAIT).toBe(asked + 1);
    await trail.close();
    expect(await verifyStore(await place.store())).toMatchObject({ ok: true, chains: [{ isClosed: true }] });
  });
});

test('a trail is not opened without the certificates that its settings name', async () => {
  await expect(open({ caFile: place.file('none.pem') })).rejects.toMatchObject({
    detail: expect.stringContaining('none.pem'),
  });
});

test("an authority's time is not before the seal's nor yet to come, but for what clocks differ by", () => {
  const [sealedAt, now] = ['2026-05-01T12:00:00.000Z', new Date('2026-05-02T12:00:00.000Z')];
  expect(implausible(new Date('2026-05-01T11:56:00Z'), sealedAt, now)).toBeUndefined();
  expect(implausible(new Date('2026-05-02T12:04:00Z'), sealedAt, now)).toBeUndefined();
  expect(implausible(new Date('2026-05-01T11:54:00Z'), sealedAt, now)).toContain('one of the clocks is wrong');
  expect(implausible(new Date('2026-05-02T12:06:00Z'), sealedAt, now)).toContain('yet to come');
});
