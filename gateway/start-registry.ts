import path from 'node:path';
import type { Config } from './config/config.ts';
import { readTls } from './http/tls.ts';
import { openIdentification } from './identity/identify.ts';
import { openSigner, type KeyAnnouncement, type Signer } from './keys/signer.ts';
import type { Log } from './observe/log.ts';
import { serveRegistry, type RegistryServer } from './registry/http-server.ts';
import { Registry } from './registry/registry.ts';
import { openVersionStore } from './registry/sql-store.ts';
import type { VersionStore } from './registry/store.ts';
import { Trier } from './registry/trier.ts';
import { openUsageStore } from './registry/usage-store.ts';
import type { SupergraphStatement } from './registry/version.ts';
import { openDatabase } from './sql/open-database.ts';

/** What a gateway counts goes back thirty days: what was reported longer ago, and not since, says nothing any more. */
const REPORTS_KEPT_MS = 31 * 86_400_000;
const TRIAL_PROGRAM = new URL(`./registry-thread${path.extname(import.meta.url)}`, import.meta.url);
const FORGET_EVERY_MS = 3_600_000;

/**
 * Opens a registry and serves it; resolves once requests are answered.
 *
 * @throws the database's errors; KeyFileError where the key cannot be read; ConfigError where keys of issuers, or the files for HTTPS, cannot be; the system's error where the port is taken
 */
export async function startRegistry(config: Config, log: Log): Promise<RegistryServer> {
  const { store, timeoutMs, keyFile, trialTimeoutMs, usageDays, lint, tls, ...server } = config.registry;
  await using opened = new AsyncDisposableStack();
  const options = { timeoutMs, applicationName: 'switchyard registry', isDurable: true };
  const database = opened.adopt(await openDatabase(store, options), (each) => each.close());
  const versions = await openVersionStore(database);
  const usage = await openUsageStore(database);
  const trier = opened.adopt(new Trier(TRIAL_PROGRAM, trialTimeoutMs), (each) => each.close());
  const onIssuer = (issuer: string, problem: unknown): void => {
    if (problem) log.error({ issuer, err: problem }, 'the keys of an issuer cannot be had');
  };
  const { identify } = opened.adopt(await openIdentification(config.identity, { onIssuer }), (each) => each.close());
  const now = (): string => new Date().toISOString();
  const signer = await openSigner(keyFile);
  await warnOfOtherKey(versions, signer, log);
  const registry = new Registry({ store: versions, usage, signer, trier, usageDays, lint, now });
  const onFault = (error: unknown): void => log.error({ err: error }, 'a request to the registry failed');
  const forget = (): void => {
    void usage.forgetBefore(new Date(Date.now() - REPORTS_KEPT_MS).toISOString()).catch(onFault);
  };
  forget();
  opened.adopt(setInterval(forget, FORGET_EVERY_MS).unref(), (timer) => clearInterval(timer));
  const https = tls && (await readTls(tls));
  const running = await serveRegistry({ ...server, tls: https, registry, usage, identify, onFault, now });
  // What keeps it from being ready is told to whoever wants a change.
  void registry.prepare().catch(() => undefined);
  const rest = opened.move();
  return {
    url: running.url,
    async close() {
      await running.close();
      await rest.disposeAsync();
    },
  };
}

/** A key file that is lost is made anew: gateways would refuse what is published from then on, and nobody would know why. */
async function warnOfOtherKey(versions: VersionStore, signer: Signer, log: Log): Promise<void> {
  const newest = await versions.find(await versions.newest());
  if (!newest) return;
  const { version, key } = JSON.parse(newest.statement.text) as SupergraphStatement;
  const known = signer.announcements.map(({ text }) => (JSON.parse(text) as KeyAnnouncement).key);
  if (known.includes(key)) return;
  const advice = 'put back the key file it was signed with, or give gateways the new public keys';
  log.warn(
    { version, signedWith: key, signsWith: signer.keyId },
    `the newest version is signed with another key: ${advice}`,
  );
}
