import { request } from 'undici';
import { ConfigError } from '../config/config.ts';
import type { CheckReport } from '../registry/registry.ts';
import type { ToldChange } from '../registry/schema-changes.ts';
import type { VersionHead } from '../registry/version.ts';
import type { ContractRule } from '../supergraph/kept-contracts.ts';
import { trustingRoots } from '../supergraph/private-roots.ts';
import { readSchema, readText } from './published-schema.ts';
import { describeChanges, describeHistory, describeReport } from './registry-text.ts';
import type { Terminal } from './terminal.ts';

export interface RegistryOptions {
  registry: string;
  ca?: string;
  json?: boolean;
  schema?: string;
  rules?: string;
  url?: string;
  message?: string;
  subgraph?: string;
  limit?: string;
}

/** Ends a check, or a publish, of what would break something; where that could not be told the code is 1. */
const REFUSED = 2;
/** How long the registry may take: composing takes seconds where there are many subgraphs. */
const TIMEOUT_MS = 120_000;

/** What is to change. */
type Wanted =
  | { kind: 'publish'; subgraph: string }
  | { kind: 'remove'; subgraph: string }
  | { kind: 'rollback'; to: number }
  | ({ kind: 'set-contract'; contract: string } & ContractRule)
  | { kind: 'remove-contract'; contract: string };

/** `switchyard registry check`, `publish`, `remove` and `rollback`: exit code 0 where it is done, or could be; 2 where not; 1 where that cannot be told. */
export function runChange(
  doing: 'check' | 'publish',
  wanted: Wanted,
  options: RegistryOptions,
  terminal: Terminal,
): Promise<void> {
  return withKnownErrors(terminal, async () => {
    const body = await changeOf(wanted, options);
    const path = doing === 'check' ? 'checks' : 'changes';
    const report = (await ask({ path, body }, options, terminal)) as CheckReport;
    terminal.print(options.json ? JSON.stringify(report) : describeReport(report, doing));
    return report.ok ? 0 : REFUSED;
  });
}

/** `switchyard registry history`. */
export function runHistory(options: RegistryOptions, terminal: Terminal): Promise<void> {
  return withKnownErrors(terminal, async () => {
    const query = new URLSearchParams({ limit: options.limit ?? '20' });
    if (options.subgraph !== undefined) query.set('subgraph', options.subgraph);
    const versions = (await ask({ path: `history?${query.toString()}` }, options, terminal)) as VersionHead[];
    terminal.print(options.json ? JSON.stringify(versions) : describeHistory(versions));
    return 0;
  });
}

/** `switchyard registry diff`. */
export function runDiff(
  { from, to }: { from: number; to: number },
  options: RegistryOptions,
  terminal: Terminal,
): Promise<void> {
  return withKnownErrors(terminal, async () => {
    const changes = (await ask({ path: `diff?from=${from}&to=${to}` }, options, terminal)) as ToldChange[];
    terminal.print(options.json ? JSON.stringify(changes) : describeChanges(changes));
    return 0;
  });
}

async function changeOf(wanted: Wanted, { schema, rules, url, message, subgraph }: RegistryOptions): Promise<object> {
  const said = message === undefined ? {} : { message };
  if (wanted.kind === 'remove') return { kind: 'remove', name: wanted.subgraph, ...said };
  if (wanted.kind === 'rollback')
    return { kind: 'rollback', to: wanted.to, ...(subgraph === undefined ? {} : { name: subgraph }), ...said };
  if ('contract' in wanted) return { ...wanted, ...said };
  const published = await readSchema(schema!, url);
  const ruled = rules === undefined ? {} : { rules: await readText(rules, 'rules') };
  return { kind: 'publish', name: wanted.subgraph, ...published, ...ruled, ...said };
}

/** @throws ConfigError with what the registry says, where it answers with an error */
export async function ask(
  { path, body }: { path: string; body?: object },
  { registry, ca }: RegistryOptions,
  { env }: Terminal,
): Promise<unknown> {
  const { SWITCHYARD_REGISTRY_KEY: key, SWITCHYARD_REGISTRY_TOKEN: token } = env;
  const headers = {
    ...(key === undefined ? {} : { 'x-api-key': key }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body && { 'content-type': 'application/json' }),
  };
  const url = new URL(path, registry.endsWith('/') ? registry : `${registry}/`);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const dispatcher = await trustingRoots(ca);
  const sent = {
    method: body ? ('POST' as const) : ('GET' as const),
    headers,
    signal,
    ...(dispatcher && { dispatcher }),
    ...(body && { body: JSON.stringify(body) }),
  };
  const { statusCode, body: answered } = await request(url, sent).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(`The registry at ${url.origin} cannot be asked (${message || code}); is it running?`);
  });
  const text = await answered.text();
  const answer = parse(text);
  if (answer === undefined)
    throw new ConfigError(`${url.origin} answers with status ${statusCode}, and not as a registry.`);
  const { errors } = answer as { errors?: { message: string; extensions?: { code?: string } }[] };
  if (errors)
    throw new ConfigError(errors.map(({ message, extensions }) => `${extensions?.code}: ${message}`).join('\n'));
  return answer;
}

function parse(text: string): unknown {
  try {
    // Others wrote it, down to the names of clients that nobody knows: nothing in it may speak to the terminal.
    return JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' ? value.replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD') : value,
    );
  } catch {
    return undefined;
  }
}

/** Runs a command, and says what the user must mend; exit code 1 then. */
export async function withKnownErrors(terminal: Terminal, run: () => Promise<number>): Promise<void> {
  try {
    const code = await run();
    if (code !== 0) terminal.exit(code);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    terminal.printError(error.message);
    terminal.exit(1);
  }
}
