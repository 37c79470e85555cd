import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { exportArchive } from '../audit/archive.ts';
import { subjectName, type TrailEntry } from '../audit/entry.ts';
import { openSigner, readPublicKeys, rotateKey } from '../keys/signer.ts';
import { pruneArchived } from '../audit/prune.ts';
import { openStore } from '../audit/open-store.ts';
import { TRAIL_SDL } from '../audit/reading/sdl.ts';
import type { TrailStore } from '../audit/store.ts';
import { TrailError } from '../audit/trail-error.ts';
import { KeyFileError } from '../keys/key-file.ts';
import { openTrail } from '../audit/trail.ts';
import { verifyArchive } from '../audit/verify-archive.ts';
import { verifyStore, type VerifyOptions as CheckOptions } from '../audit/verify-store.ts';
import { ConfigError, resolveConfig, type Config } from '../config/config.ts';
import { GatewayFault } from '../errors.ts';
import { describeExport, describePruned, describeRecords, describeVerification, progressLine } from './audit-text.ts';
import { colors } from './colors.ts';
import { loadConfigFile } from './settings-file.ts';
import type { Terminal } from './terminal.ts';

interface CommonOptions {
  store?: string;
  config?: string;
  json?: boolean;
}
export interface VerifyOptions extends CommonOptions {
  archive?: string;
  key?: string;
  roots?: string;
  tsaCa?: string;
}
export interface ExportOptions extends CommonOptions {
  until: string;
  out: string;
  gzip?: boolean;
}
export interface PruneOptions extends CommonOptions {
  archive: string;
}
export interface WhoSawOptions extends CommonOptions {
  since?: string;
  limit: number;
  purpose: string;
}
export type RotateOptions = Omit<CommonOptions, 'store'>;

/** Commands may read a long time; nobody waits for them but who started them. */
const STEP_TIMEOUT_MS = 600_000;

/** `switchyard audit verify`: exit code 0 where everything fits, 1 where not. */
export function runVerify(options: VerifyOptions, terminal: Terminal): Promise<void> {
  return command(terminal, async () => {
    if (options.archive !== undefined && options.store !== undefined)
      throw new ConfigError('Give --archive or --store, not both.');
    const check: CheckOptions = {
      ...(options.key === undefined ? {} : { pinned: await readPublicKeys(options.key) }),
      ...(options.roots === undefined ? {} : { rootsCopyFile: options.roots }),
      ...(options.tsaCa === undefined ? {} : { tsaCaFile: options.tsaCa }),
      ...showProgress(terminal),
    };
    const { archive } = options;
    const report =
      archive === undefined
        ? await withStore(options, { terminal, readOnly: true }, (store) => verifyStore(store, check))
        : await verifyArchive(archive, check);
    terminal.print(options.json ? JSON.stringify(report) : describeVerification(report));
    return report.ok ? 0 : 1;
  });
}

/** `switchyard audit export` */
export function runExport(options: ExportOptions, terminal: Terminal): Promise<void> {
  return command(terminal, async () => {
    const until = readTime('--until', options.until);
    const { audit } = await readSettings(options, terminal);
    const signer = await openSigner(audit.keyFile);
    const manifest = await withStore(options, { terminal, readOnly: true }, (store) =>
      exportArchive(store, { until, folder: options.out, signer, isCompressed: options.gzip ?? false }),
    );
    terminal.print(options.json ? JSON.stringify(manifest) : describeExport(manifest, options.out));
    return 0;
  });
}

/** `switchyard audit prune` */
export function runPrune(options: PruneOptions, terminal: Terminal): Promise<void> {
  return command(terminal, async () => {
    const { audit } = await readSettings(options, terminal);
    const signer = await openSigner(audit.keyFile);
    const pruned = await withStore(options, { terminal, readOnly: false }, (store) =>
      pruneArchived(store, signer, { folder: options.archive, ...showProgress(terminal) }),
    );
    terminal.print(options.json ? JSON.stringify(pruned) : describePruned(pruned));
    return 0;
  });
}

/** `switchyard audit who-saw`: recorded before anything is shown. */
export function runWhoSaw(
  options: WhoSawOptions & { subject: string; key: string | undefined },
  terminal: Terminal,
): Promise<void> {
  return command(terminal, async () => {
    const { subject, key, limit } = options;
    if (key === undefined && !subject.includes(':'))
      throw new ConfigError(`Say of which ${subject}: ${subject}:KEY, or ${subject} KEY.`);
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new ConfigError('--limit is from 1 to 1000.');
    const since = options.since === undefined ? {} : { since: readTime('--since', options.since) };
    const { audit } = await readSettings(options, terminal);
    // Made anew it would find nobody.
    await access(audit.secretFile).catch((error: unknown) => {
      throw new ConfigError(`The secret ${audit.secretFile} is needed: nobody can be found without it.`, {
        cause: error,
      });
    });
    // Time stamps are the gateways' to ask for: this is over before one is there.
    const settings = { ...audit, maxDelayMs: STEP_TIMEOUT_MS, timeStamps: undefined };
    const trail = await openTrail(settings, () => undefined);
    try {
      const name = key === undefined ? subject : subjectName(subject, key);
      const records = await trail.find({ by: 'subject', of: name, limit, ...since });
      await trail.write(lookEntry(options.purpose, terminal), [name]);
      terminal.print(options.json ? JSON.stringify(records) : describeRecords(records, name));
    } finally {
      await trail.close();
    }
    return 0;
  });
}

/** `switchyard audit rotate-key` */
export function runRotateKey(options: RotateOptions, terminal: Terminal): Promise<void> {
  return command(terminal, async () => {
    const { audit } = await readSettings(options, terminal);
    const { keyId } = await rotateKey(audit.keyFile);
    const text = `${audit.keyFile} signs with key ${keyId} from the next start on; publish ${audit.keyFile}.pub.`;
    terminal.print(options.json ? JSON.stringify({ key: keyId }) : text);
    return 0;
  });
}

/** `switchyard audit schema` */
export function runSchema(terminal: Terminal): void {
  terminal.print(stripIndent(TRAIL_SDL));
}

/** The record of a look into the trail by who runs it. */
function lookEntry(purpose: string, { env }: Terminal): TrailEntry {
  const person = env['SUDO_USER'] ?? env['USER'];
  return {
    logTime: new Date().toISOString(),
    queryId: randomUUID(),
    outcome: 'answered',
    ...(person === undefined ? {} : { initiatorPerson: person }),
    roles: ['operator'],
    proof: 'operating-system',
    purpose,
    operationName: 'audit who-saw',
    operationHash: '',
    variablesDigest: '',
    supergraphHash: '',
    fetches: [],
    fields: [],
    refused: [],
    answerBytes: 0,
    durationMs: 0,
  };
}

async function command(terminal: Terminal, run: () => Promise<number>): Promise<void> {
  let exitCode: number;
  try {
    exitCode = await run();
  } catch (error) {
    terminal.printError(explain(error));
    exitCode = 1;
  }
  terminal.exit(exitCode);
}

/** One line a person can act on; a stack only for what nobody foresaw. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof TrailError || error instanceof KeyFileError)
    return error.message;
  if (error instanceof GatewayFault) return error.detail;
  const { code, message, stack } = error as NodeJS.ErrnoException;
  return code === undefined ? (stack ?? message) : message;
}

async function readSettings({ store, config }: CommonOptions, { env }: Terminal): Promise<Config> {
  const { audit, ...rest } = resolveConfig(await loadConfigFile(config), env);
  const place = store ?? audit.store;
  if (place === 'off')
    throw new ConfigError('There is no trail: give --store, SWITCHYARD_AUDIT_URL, or audit.store in the settings.');
  return { ...rest, audit: { ...audit, store: place } };
}

async function withStore<Value>(
  options: CommonOptions,
  { terminal, readOnly }: { terminal: Terminal; readOnly: boolean },
  use: (store: TrailStore) => Promise<Value>,
): Promise<Value> {
  const { audit } = await readSettings(options, terminal);
  const store = await openStore(audit.store, { readOnly, timeoutMs: STEP_TIMEOUT_MS });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Without the indent that a text has in the source that it stands in. */
function stripIndent(text: string): string {
  return text.replaceAll(/^ {2}/gm, '').trim();
}

function readTime(option: string, text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new ConfigError(`${option} is a time such as 2026-07-01, not "${text}".`);
  return time.toISOString();
}

/** Where a person looks: how far it has come, on a line that is written over. */
function showProgress({ logDestination }: Terminal): Pick<CheckOptions, 'onProgress'> {
  if (!colors.isColorSupported) return {};
  return { onProgress: (records, total) => logDestination.write(progressLine(records, total)) };
}
