/**
 * Random changes to an archive, each to be found, with its place. `SWITCHYARD_ARCHIVE_CHANGES=100000 npx vitest run
 * test/audit/archive-changes.test.ts` tries more; `SWITCHYARD_ARCHIVE_SEED` tries others.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportArchive } from '../../gateway/audit/archive.ts';
import type { Fault } from '../../gateway/audit/fault.ts';
import { readLine } from '../../gateway/audit/lines.ts';
import { readRecordHead } from '../../gateway/audit/chain.ts';
import { rotateKey } from '../../gateway/keys/signer.ts';
import { verifyArchive } from '../../gateway/audit/verify-archive.ts';
import { Random } from '../property/random.ts';
import { makePlace, writeMany, type TrailPlace } from './trail-kit.ts';

const CHANGES = Number(process.env['SWITCHYARD_ARCHIVE_CHANGES'] ?? 400);
const SEED = Number(process.env['SWITCHYARD_ARCHIVE_SEED'] ?? 4);

let place: TrailPlace;
let plain: string;
let packed: string;
beforeAll(async () => {
  place = await makePlace();
  for (const count of [17, 9, 0]) {
    const trail = await place.open({ sealEveryRecords: 4 });
    await writeMany(trail, count);
    await trail.close();
    await rotateKey(place.settings().keyFile);
  }
  const [store, signer] = [await place.store(), await place.signer()];
  plain = place.file('plain');
  packed = place.file('packed');
  await exportArchive(store, { until: '2999', folder: plain, signer });
  await exportArchive(store, { until: '2999', folder: packed, signer, isCompressed: true });
});
afterAll(() => place.close());

function contents(folder: string): Map<string, Buffer> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name))]));
}

/** What is found first after a file was changed, which is changed back. */
async function firstFault(folder: string, file: string, changed: Buffer): Promise<Fault | undefined> {
  const name = path.join(folder, file);
  const before = readFileSync(name);
  writeFileSync(name, changed);
  try {
    return (await verifyArchive(folder)).faults[0];
  } finally {
    writeFileSync(name, before);
  }
}

function lineAt(bytes: Buffer, offset: number): number {
  return bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length + 1;
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start) + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}

/** Which record or seal a line holds. */
function numberOf(line: Buffer): { seq: number } | { seal: number } {
  const read = readLine(line.subarray(0, -1))!;
  if (read.kind === 'record') return { seq: readRecordHead(read.text)!.seq };
  return { seal: (JSON.parse(read.text) as { number: number }).number };
}

interface Change {
  what: string;
  bytes: Buffer;
  expected: Partial<Fault>;
}

function changeBytes(bytes: Buffer, random: Random): Change {
  const offset = random.between(0, bytes.length - 1);
  const line = lineAt(bytes, offset);
  const byte = random.between(0, 255);
  const [before, after] = [bytes.subarray(0, offset), bytes.subarray(offset + 1)];
  const kind = random.between(0, 3);
  if (kind === 0)
    return {
      what: `byte ${offset} inserted`,
      bytes: Buffer.concat([before, Buffer.of(byte), bytes.subarray(offset)]),
      expected: { line },
    };
  if (kind === 1) return { what: `byte ${offset} deleted`, bytes: Buffer.concat([before, after]), expected: { line } };
  if (kind === 2) return { what: `cut at ${offset}`, bytes: Buffer.from(before), expected: { line } };
  const changed = byte === bytes[offset] ? byte ^ 0x20 : byte;
  return {
    what: `byte ${offset} is ${changed}`,
    bytes: Buffer.concat([before, Buffer.of(changed), after]),
    expected: { line },
  };
}

function changeLines(bytes: Buffer, other: Buffer, random: Random): Change {
  const lines = linesOf(bytes);
  const at = random.between(0, lines.length - 1);
  const number = numberOf(lines[at]!);
  const isRecord = 'seq' in number;
  const join = (changed: readonly Buffer[]): Buffer => Buffer.concat(changed);
  const kind = random.between(0, 3);
  if (kind === 0) {
    // A seal that is gone is missed where the next one stands.
    const expected = isRecord ? { line: at + 1, ...number } : number;
    return { what: `line ${at + 1} deleted`, bytes: join(lines.toSpliced(at, 1)), expected };
  }
  if (kind === 1) {
    const to = random.between(0, lines.length);
    // A record may well stand before the seal that is over those before it, until the seal comes.
    const isEarly = isRecord && to === at - 1 && 'seal' in numberOf(lines[to]!);
    const line = to === at || isEarly ? to + 2 : to + 1;
    return {
      what: `line ${at + 1} again at ${to + 1}`,
      bytes: join(lines.toSpliced(to, 0, lines[at]!)),
      expected: { line },
    };
  }
  if (kind === 2) {
    const foreign = random.pick(linesOf(other));
    return {
      what: `another chain's line at ${at + 1}`,
      bytes: join(lines.toSpliced(at, 0, foreign)),
      expected: { line: at + 1 },
    };
  }
  const second = (at + 1 + random.between(0, lines.length - 2)) % lines.length;
  const [first, last] = [Math.min(at, second), Math.max(at, second)];
  const swapped = lines.with(first, lines[last]!).with(last, lines[first]!);
  const isLate = last === first + 1 && 'seal' in numberOf(lines[first]!) && 'seq' in numberOf(lines[last]!);
  return {
    what: `lines ${first + 1} and ${last + 1} swapped`,
    bytes: join(swapped),
    expected: { line: first + (isLate ? 2 : 1) },
  };
}

describe('an archive', () => {
  test('verifies as it is, plain and packed', async () => {
    for (const folder of [plain, packed])
      expect(await verifyArchive(folder)).toMatchObject({ ok: true, records: 26, unsealed: 0, faults: [] });
  });

  test(
    `is found to be changed, and where, for ${CHANGES} random changes`,
    { timeout: 20_000 + CHANGES * 40 },
    async () => {
      const random = new Random(SEED);
      const files = contents(plain);
      const names = [...files.keys()];
      const chains = names.filter((name) => name.startsWith('chain-'));
      for (let tried = 0; tried < CHANGES; tried += 1) {
        const isOfLines = random.between(0, 1) === 0;
        const name = random.pick(isOfLines ? chains : names);
        const other = random.pick(chains.filter((each) => each !== name));
        const bytes = files.get(name)!;
        const {
          what,
          bytes: changed,
          expected,
        } = isOfLines ? changeLines(bytes, files.get(other)!, random) : changeBytes(bytes, random);
        if (changed.equals(bytes)) continue;
        const fault = await firstFault(plain, name, changed);
        // A file of keys that is wrong has its line; what a manifest says is one.
        expect(fault, `${name}: ${what}`).toMatchObject({ file: name, ...(changed.length === 0 ? {} : expected) });
      }
    },
  );

  test(
    `is found to be changed where it is packed, for ${CHANGES / 4} random changes`,
    { timeout: 20_000 + CHANGES * 10 },
    async () => {
      const random = new Random(SEED);
      const files = contents(packed);
      for (let tried = 0; tried < CHANGES / 4; tried += 1) {
        const name = random.pick([...files.keys()]);
        const { what, bytes } = changeBytes(files.get(name)!, random);
        if (bytes.equals(files.get(name)!)) continue;
        expect(await firstFault(packed, name, bytes), `${name}: ${what}`).toMatchObject({ file: name });
      }
    },
  );

  test('is found to be changed where a file is missing, added, or another', async () => {
    for (const name of contents(plain).keys()) {
      renameSync(path.join(plain, name), place.file('away'));
      const [fault] = (await verifyArchive(plain)).faults;
      renameSync(place.file('away'), path.join(plain, name));
      expect(fault).toMatchObject({ kind: 'missing', file: name });
    }
    writeFileSync(path.join(plain, 'chain-9999.jsonl'), '');
    expect((await verifyArchive(plain)).faults).toMatchObject([{ kind: 'unexpected', file: 'chain-9999.jsonl' }]);
    rmSync(path.join(plain, 'chain-9999.jsonl'));
    mkdirSync(place.file('empty'));
    expect((await verifyArchive(place.file('empty'))).ok).toBe(false);
    expect((await verifyArchive(place.file('nowhere'))).ok).toBe(false);
    expect(await verifyArchive(plain)).toMatchObject({ ok: true });
  });
});
