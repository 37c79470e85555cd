import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { customsMadeFrom } from '../systems/customs/seed.ts';
import { planningMadeFrom } from '../systems/planning/seed-mariadb.ts';
import { StartError } from '../subgraphs/kit/program.ts';
import type { DataFolder } from './data-folder.ts';
import { fingerprintData, readDatabaseMark } from './data-mark.ts';
import type { Report } from './events.ts';
import { storeNames, type StoreName } from './parts.ts';
import { lastLines, spawnProgram } from './process.ts';
import type { SeedMessage, SeedOrder } from './seed-messages.ts';
import { cityMonths, citySeed, projectRoot, type NetworkSettings } from './settings.ts';

/** A city of a hundred thousand takes minutes; nothing sane takes longer than this. */
const SEED_DEADLINE_MS = 600_000;

/** Stores kept in databases: whether they stand is seen only once those answer. */
const IN_DATABASE: readonly StoreName[] = [
  'territory-data',
  'market-data',
  'public-security-data',
  'planning-data',
  'customs-data',
];

export interface DataOptions {
  settings: NetworkSettings;
  data: DataFolder;
  /** Resolves once PostgreSQL answers. */
  databaseUrl: Promise<string>;
  report: Report;
  signal: AbortSignal;
}

/** A store that is there, each as soon as it is. */
export type Stores = ReadonlyMap<StoreName, Promise<void>>;

/**
 * Makes the departments' data, or keeps what an earlier start made from the same.
 *
 * @returns a promise a store, so that a department need not wait for the data of another
 */
export function makeData(options: DataOptions): Stores {
  const fingerprint = fingerprintData(options.settings);
  const stores = new Map(storeNames.map((name) => [name, Promise.withResolvers<void>()]));
  const keep = (names: readonly StoreName[]): void => names.forEach((name) => stores.get(name)?.resolve());
  const fail = (error: unknown): void => stores.forEach((store) => store.reject(error));
  const filesStand = readMark(options.data) === fingerprint;
  if (filesStand) keep(storeNames.filter((name) => !IN_DATABASE.includes(name)));
  void (async () => {
    const startedMs = performance.now();
    const reused = filesStand && (await standInDatabases(options, fingerprint));
    if (!reused) await runSeeds(options, fingerprint, (store) => keep([store]));
    keep(storeNames);
    const detail = reused ? 'kept from the last start' : 'made';
    options.report({ event: 'ready', name: 'data', says: 'data', detail, elapsedMs: performance.now() - startedMs });
  })().catch(fail);
  return new Map([...stores].map(([name, { promise }]) => [name, promise]));
}

async function standInDatabases({ databaseUrl, settings }: DataOptions, fingerprint: string): Promise<boolean> {
  const { mariadbUrl, streamsUrl } = settings;
  if (streamsUrl !== undefined && (await customsMadeFrom(streamsUrl)) !== fingerprint) return false;
  if (mariadbUrl !== undefined && (await planningMadeFrom(mariadbUrl)) !== fingerprint) return false;
  return (await readDatabaseMark(await databaseUrl)) === fingerprint;
}

async function runSeeds(options: DataOptions, fingerprint: string, made: (store: StoreName) => void): Promise<void> {
  const { settings, data, report, signal } = options;
  const { release: _, ...folders } = data;
  const order: SeedOrder = {
    seed: settings.seed ?? citySeed,
    enterprises: settings.enterprises,
    months: cityMonths,
    fingerprint,
    data: folders,
    ...(settings.mariadbUrl !== undefined && { mariadbUrl: settings.mariadbUrl }),
    ...(settings.streamsUrl !== undefined && { streamsUrl: settings.streamsUrl }),
  };
  const logFile = join(data.logs, 'seed.log');
  const program = spawnProgram({
    name: 'data',
    args: [join(projectRoot, 'network/seed.ts')],
    env: { ...settings.env, SEED_ORDER: JSON.stringify(order) },
    logFile,
    readyWithinMs: SEED_DEADLINE_MS,
    stopWithinMs: 2_000,
  });
  let reason: string | undefined;
  program.child.on('message', (message) => {
    const told = message as SeedMessage;
    if (told.kind === 'made') made(told.store);
    if (told.kind === 'failed') reason = told.reason;
    else report({ event: told.kind, name: 'data', detail: told.detail });
  });
  void options.databaseUrl.then(
    (databaseUrl) => program.child.connected && program.child.send({ databaseUrl }),
    () => program.stop(),
  );
  const stopped = AbortSignal.any([signal, AbortSignal.timeout(SEED_DEADLINE_MS)]);
  stopped.addEventListener('abort', () => void program.stop(), { once: true });
  const { code } = await program.exited;
  if (code === 0) return;
  reason ??= stopped.aborted ? 'was stopped' : (lastLines(logFile, 1)[0] ?? `ended with code ${code}`);
  throw new StartError(`data: ${reason}; see ${logFile}`);
}

function readMark(data: DataFolder): string | undefined {
  const { municipalFile, taxFile, socialSecurityFile, identityFile, cityOperationsFile, creditRegistryFile } = data;
  const files = [municipalFile, taxFile, socialSecurityFile, identityFile, cityOperationsFile, creditRegistryFile];
  const made = [...files, data.planningFile, data.powerDrop, data.courtCases, data.fireDrop];
  if (!made.every((file) => existsSync(file)) || !existsSync(data.madeFrom)) return undefined;
  return readFileSync(data.madeFrom, 'utf8').trim();
}
