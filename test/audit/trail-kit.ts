import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TrailEntry } from '../../gateway/audit/entry.ts';
import { openSigner, type Signer } from '../../gateway/keys/signer.ts';
import { openStore } from '../../gateway/audit/open-store.ts';
import type { TrailStore } from '../../gateway/audit/store.ts';
import { openTrail, type Trail, type TrailSettings } from '../../gateway/audit/trail.ts';
import { resolveConfig } from '../../gateway/config/config.ts';
import { emptyDatabase } from '../kit/postgres-client.ts';
import { someEntry } from './entries.ts';

/** A place for a trail of a test's own, with what it opens. */
export interface TrailPlace {
  folder: string;
  file(name: string): string;
  settings(changed?: Partial<TrailSettings>): TrailSettings;
  open(changed?: Partial<TrailSettings>, onProblem?: (problem: string | undefined) => void): Promise<Trail>;
  store(): Promise<TrailStore>;
  signer(): Promise<Signer>;
  close(): Promise<void>;
}

/** Every store must pass the same tests. */
export const STORES: [string, () => Promise<TrailPlace>][] = [
  ['SQLite', () => makePlace()],
  ['PostgreSQL', postgresPlace],
];

async function postgresPlace(): Promise<TrailPlace> {
  const database = await emptyDatabase();
  return makePlace(database.url, database.close);
}

/** A place for a trail: an SQLite file in a folder of its own where no store is named. */
export async function makePlace(storePlace?: string, closeStore?: () => Promise<void>): Promise<TrailPlace> {
  const folder = mkdtempSync(path.join(tmpdir(), 'switchyard-audit-'));
  const file = (name: string): string => path.join(folder, name);
  const opened: { close(): Promise<void> }[] = [];
  const settings: TrailPlace['settings'] = (changed = {}) => ({
    ...resolveConfig({}, {}).audit,
    store: storePlace ?? file('trail.db'),
    keyFile: file('key.pem'),
    secretFile: file('secret'),
    ...changed,
  });
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    opened.push(part);
    return part;
  };
  return {
    folder,
    file,
    settings,
    open: async (changed, onProblem = () => undefined) => keep(await openTrail(settings(changed), onProblem)),
    store: async () => keep(await openStore(settings().store, { timeoutMs: 5_000 })),
    signer: () => openSigner(settings().keyFile),
    async close() {
      for (const part of opened.reverse()) await part.close().catch(() => undefined);
      await closeStore?.();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes so many entries at once, each about an enterprise of its number. */
export async function writeMany(trail: Trail, count: number, changed: Partial<TrailEntry> = {}): Promise<TrailEntry[]> {
  const entries = Array.from({ length: count }, () => someEntry(changed));
  await Promise.all(entries.map((entry, index) => trail.write(entry, [`Enterprise:${index}`])));
  return entries;
}
