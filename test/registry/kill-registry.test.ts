/** `npm run registry-kills` kills more often. */
import { statSync } from 'node:fs';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { KeyRing } from '../../gateway/keys/key-ring.ts';
import { readPublicKeys } from '../../gateway/keys/signer.ts';
import { verifySupergraph } from '../../gateway/registry/signed-supergraph.ts';
import { openVersionStore } from '../../gateway/registry/sql-store.ts';
import type { VersionStore } from '../../gateway/registry/store.ts';
import type { SignedSupergraph } from '../../gateway/registry/version.ts';
import { openDatabase } from '../../gateway/sql/open-database.ts';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import { withLink } from '../kit/federation.ts';
import { makeFolder } from '../kit/folder.ts';
import { startRegistryProgram } from '../kit/gateway-program.ts';
import { connectTo } from '../kit/postgres-client.ts';
import { Random } from '../property/random.ts';
import { DATABASES } from './databases.ts';
import { clientOf, registrySettings, type RegistryClient } from './registry-kit.ts';

const KILLS = Number(process.env['SWITCHYARD_REGISTRY_KILLS'] ?? 2);
const NAMES = ['a', 'b', 'c'];
const MAX_ANSWERS = 4;
/** A row takes a while to be written. */
const FILLER = 'what it is about, '.repeat(20_000);
const PATIENCE = { timeout: 20_000, interval: 1 };

/** What clients were told of their publishes. */
interface Told {
  /** By the version, what they published as it. */
  versions: Map<number, { name: string; sdl: string }>;
  /** Publishes that were never answered. */
  unanswered: { name: string; sdl: string }[];
}

/** How a test sees what happens in a database. */
interface Sight {
  /** Resolves once a row is being written. */
  writing(): Promise<void>;
  /** Resolves once nothing is left of a registry that was killed. */
  settled(): Promise<void>;
}

async function look(url: string): Promise<Sight> {
  if (!url.startsWith('postgres')) {
    const changedAt = (): bigint => statSync(`${url}-wal`, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n;
    return {
      async writing() {
        const before = changedAt();
        while (changedAt() === before) await turn();
      },
      settled: () => Promise.resolve(),
    };
  }
  const client = await connectTo(url);
  onTestFinished(() => client.close());
  const sessions = async (condition: string): Promise<number> => {
    const from = `pg_stat_activity WHERE datname = current_database() AND application_name = 'switchyard registry'`;
    return (await client.query(`SELECT 1 FROM ${from} AND ${condition}`)).rows.length;
  };
  return {
    async writing() {
      while ((await sessions(`state = 'active' AND query LIKE 'INSERT INTO graph_versions%'`)) === 0);
    },
    // PostgreSQL may end what it has begun when nobody waits for it any more.
    settled: () => vi.waitUntil(async () => (await sessions('true')) === 0, PATIENCE).then(() => undefined),
  };
}

/** Publishes as several clients do, until the registry is gone. */
async function publishUntilGone(registry: RegistryClient, run: number, onAnswer: () => void): Promise<Told> {
  const told: Told = { versions: new Map(), unanswered: [] };
  const client = async (name: string): Promise<void> => {
    for (let number = 1; ; number += 1) {
      const published = { name, sdl: `"${run}, ${number}: ${FILLER}" type Query { ${name}: Int }` };
      try {
        const { version } = await registry.publish('tax', name, published.sdl);
        told.versions.set(version!, published);
        onAnswer();
      } catch {
        told.unanswered.push(published);
        return;
      }
    }
  };
  await Promise.all(NAMES.map(client));
  return told;
}

/** Holds the versions after one to what they must be. Gives the newest. */
async function verifyAfter(checked: number, store: VersionStore, publicKeyFile: string): Promise<number> {
  const newest = await store.newest();
  const heads = await store.list({ limit: 1_000 });
  expect(heads.map(({ number }) => number)).toEqual(Array.from({ length: newest }, (_, index) => newest - index));
  const publicKeys = await readPublicKeys(publicKeyFile);
  for (let number = checked + 1; number <= newest; number += 1) {
    const { supergraph, statement, subgraphs } = (await store.find(number))!;
    const verified = verifySupergraph({ supergraph, rules: [], statement, announcements: [] }, new KeyRing(publicKeys));
    expect(verified).toMatchObject({ ok: true, statement: { version: number } });
    const texts = await store.published(subgraphs.map(({ publishedIn }) => publishedIn));
    const sources = subgraphs.map((each) => ({ ...each, sdl: texts.get(each.publishedIn)!.sdl! }));
    expect(composeSubgraphs(sources)).toMatchObject({ ok: true, sdl: supergraph });
  }
  return newest;
}

async function expectKept({ versions }: Told, store: VersionStore): Promise<void> {
  for (const [number, { name, sdl }] of versions)
    expect(await store.find(number)).toMatchObject({ kind: 'publish', subgraph: name, sdl: withLink(sdl) });
}

describe.each(DATABASES)('%s', (_name, place) => {
  test(
    `a registry that is killed while it publishes has each publish wholly or not at all, ${KILLS} times`,
    { timeout: 60_000 + KILLS * 30_000 },
    async () => {
      const at = await place();
      onTestFinished(() => at.close());
      const folder = await makeFolder('switchyard-kills-');
      onTestFinished(() => folder.remove());
      const sight = await look(at.url);
      const settings = registrySettings(folder.path, { store: at.url });
      const publicKeyFile = `${settings.registry!.keyFile}.pub`;
      const random = new Random(28);
      const sums = { answered: 0, unanswered: 0, unansweredAndThere: 0 };
      let newest = 0;
      for (let run = 1; run <= KILLS; run += 1) {
        const program = await startRegistryProgram(folder.path, settings);
        onTestFinished(() => program.kill());
        const registry = clientOf(program.url);
        if (newest > 0) {
          const { statement } = (await registry.ask('gateway', 'GET', 'supergraph')).body as SignedSupergraph;
          expect(JSON.parse(statement.text)).toMatchObject({ version: newest });
        }
        let left = random.between(1, MAX_ANSWERS);
        let killed: Promise<void> | undefined;
        const moment = (): Promise<void> => (run % 2 ? sight.writing() : pause(random.between(0, 200)));
        const told = await publishUntilGone(registry, run, () => {
          if ((left -= 1) === 0) killed = moment().then(program.kill);
        });
        await killed;
        await sight.settled();
        const database = await openDatabase(at.url, { timeoutMs: 5_000, applicationName: 'a test', isDurable: true });
        await using opened = new AsyncDisposableStack();
        const store = opened.adopt(await openVersionStore(database), (each) => each.close());
        const before = newest;
        newest = await verifyAfter(before, store, publicKeyFile);
        await expectKept(told, store);
        sums.answered += told.versions.size;
        sums.unanswered += told.unanswered.length;
        sums.unansweredAndThere += newest - before - told.versions.size;
      }
      console.log(`${KILLS} kills, ${newest} versions without a gap, each signed and composing to the same:`, sums);
      expect(sums.answered + sums.unansweredAndThere).toBe(newest);
    },
  );
});
