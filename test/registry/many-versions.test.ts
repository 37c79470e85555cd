import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSigner } from '../../gateway/keys/signer.ts';
import { signSupergraph } from '../../gateway/registry/signed-supergraph.ts';
import { openVersionStore } from '../../gateway/registry/sql-store.ts';
import type { PublishedSubgraph, SignedSupergraph, VersionHead } from '../../gateway/registry/version.ts';
import { openDatabase } from '../../gateway/sql/open-database.ts';
import { makeFolder } from '../kit/folder.ts';
import { openRegistry } from './registry-kit.ts';

const VERSIONS = 1_000;
const DEPARTMENTS = 36;
const MAX_START_MS = 1_000;
const schemaFolder = join(import.meta.dirname, '../../schema');

/** Puts versions of the reference deployment's size where a registry keeps them: `first` is published once, the others over and over. */
async function fill(folder: string): Promise<void> {
  const supergraph = await readFile(join(schemaFolder, 'supergraph.graphql'), 'utf8');
  const sdl = await readFile(join(schemaFolder, 'tax.graphql'), 'utf8');
  const signer = await openSigner(join(folder, 'registry-key.pem'));
  const options = { timeoutMs: 5_000, applicationName: 'a test', isDurable: false };
  const store = await openVersionStore(await openDatabase(join(folder, 'registry.db'), options));
  const subgraphs = new Map<string, PublishedSubgraph>();
  for (let number = 1; number <= VERSIONS; number += 1) {
    const name = number === 1 ? 'first' : `department${number % DEPARTMENTS}`;
    const origin = `${name}.graphql`;
    subgraphs.set(name, { name, owner: name, routingUrl: `http://${name}`, origin, publishedIn: number });
    const at = new Date(number * 60_000).toISOString();
    const head = { number, kind: 'publish', subgraph: name, at, by: name, subgraphs: [...subgraphs.values()] } as const;
    const text = `# ${number}\n${supergraph}`;
    const statement = signSupergraph({ number, at, supergraph: text }, [], signer);
    await store.add({ ...head, sdl, supergraph: text, statement });
  }
  await store.close();
}

test(`a registry with ${VERSIONS} versions gives the newest, and the history, within a second of its start`, async () => {
  const folder = await makeFolder('switchyard-versions-');
  onTestFinished(() => folder.remove());
  await fill(folder.path);
  const beganMs = performance.now();
  const registry = await openRegistry(folder.path);
  onTestFinished(() => registry.close());
  const { statement } = (await registry.ask('gateway', 'GET', 'supergraph')).body as SignedSupergraph;
  const startMs = performance.now() - beganMs;
  expect(JSON.parse(statement.text)).toMatchObject({ version: VERSIONS });
  const rare = (await registry.ask('tax', 'GET', 'history?subgraph=first')).body as VersionHead[];
  expect(rare.map(({ number }) => number)).toEqual([1]);
  const allMs = performance.now() - beganMs;
  console.log(
    `${VERSIONS} versions: the newest ${Math.round(startMs)} ms after the start, a history ${Math.round(allMs)} ms`,
  );
  expect(allMs).toBeLessThan(MAX_START_MS);
});
