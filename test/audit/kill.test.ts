/** `SWITCHYARD_KILLS=100 npx vitest run test/audit/kill.test.ts` kills more often. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyStore } from '../../gateway/audit/verify-store.ts';
import { readChain, type TrailStore } from '../../gateway/audit/store.ts';
import { Random } from '../property/random.ts';
import { STORES, type TrailPlace } from './trail-kit.ts';

const KILLS = Number(process.env['SWITCHYARD_KILLS'] ?? 5);
const MAX_ACKNOWLEDGED = 400;

describe.each(STORES)('a trail in %s whose process is killed under load', (_name, make) => {
  let place: TrailPlace;
  beforeEach(async () => {
    place = await make();
  });
  afterEach(() => place.close());

  /** Starts a writer, kills it once so many writes have resolved, and gives their ids and those that came in before its end. */
  async function writeAndKill(after: number): Promise<string[]> {
    const program = fileURLToPath(new URL('writer-program.ts', import.meta.url));
    const settings = place.settings({ sealEveryRecords: 50, rootsCopyFile: place.file('roots.jsonl') });
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, SETTINGS: JSON.stringify(settings) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const acknowledged: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      acknowledged.push(line);
      if (acknowledged.length === after) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    return acknowledged;
  }

  async function recordedIds(store: TrailStore, chain: string): Promise<string[]> {
    const ids: string[] = [];
    for await (const item of readChain(store, chain))
      if (item.kind === 'record') ids.push((JSON.parse(item.text) as { queryId: string }).queryId);
    return ids;
  }

  test(
    `lacks no record of a write that resolved, and verifies, ${KILLS} times`,
    { timeout: 30_000 + KILLS * 3_000 },
    async () => {
      const random = new Random(9);
      const store = await place.store();
      let known = 0;
      for (let killed = 1; killed <= KILLS; killed += 1) {
        const acknowledged = await writeAndKill(random.between(1, MAX_ACKNOWLEDGED));
        const { chain } = (await store.chains()).at(-1)!;
        const ids = await recordedIds(store, chain);
        expect(new Set(ids).size).toBe(ids.length);
        expect(acknowledged.filter((id) => !ids.includes(id))).toEqual([]);
        const report = await verifyStore(store, { rootsCopyFile: place.file('roots.jsonl') });
        known += ids.length;
        expect(report).toMatchObject({ ok: true, faults: [], records: known });
        expect(report.chains).toHaveLength(killed);
        expect(report.chains.at(-1)).toMatchObject({ isClosed: false });
      }
    },
  );
});
