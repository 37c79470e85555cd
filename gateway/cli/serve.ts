import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { RuleError } from '../authorise/rule-set.ts';
import { ConfigError, resolveConfig, type Config } from '../config.ts';
import { GatewayFault } from '../errors.ts';
import { KeyFileError } from '../keys/key-file.ts';
import { createLog } from '../observe/log.ts';
import { startGateway, type RunningGateway } from '../start.ts';
import { SupergraphError } from '../supergraph/load.ts';
import type { Terminal } from './terminal.ts';

export interface ServeOptions {
  supergraph?: string;
  port?: number;
  host?: string;
  config?: string;
  /** Processes that serve on one port. Default: this one alone */
  workers?: number;
}

/** The variable by which the supervisor of several processes tells each which it is. */
export const WORKER_NUMBER = 'SWITCHYARD_WORKER';

/** `switchyard serve`: runs until it is told to stop. */
export async function runServe(options: ServeOptions, terminal: Terminal): Promise<void> {
  let gateway: RunningGateway | undefined;
  // One that is told to stop before it answers has nothing to finish.
  let announceMs = 0;
  terminal.onStop(() => void (gateway?.close(announceMs) ?? Promise.resolve()).then(() => terminal.exit(0)));
  try {
    const worker = terminal.env[WORKER_NUMBER] ? Number(terminal.env[WORKER_NUMBER]) : undefined;
    const config = withOwnMetricsPort(await readConfig(options, terminal.env), worker);
    const log = createLog(terminal.logDestination, terminal.env['LOG_LEVEL'], worker);
    announceMs = config.http.shutdownAnnounceMs;
    gateway = await startGateway(config, log, { worker });
    const { reload } = gateway;
    terminal.onReload(() => void reload());
    await terminal.tellParent?.({ ready: true, url: gateway.url });
    if (worker === undefined) terminal.print(`switchyard serves ${config.supergraph} at ${gateway.url}`);
    if (gateway.metricsUrl !== undefined) terminal.print(`metrics are at ${gateway.metricsUrl}`);
  } catch (error) {
    const reason = explain(error);
    await terminal.tellParent?.({ ready: false, reason });
    if (terminal.env[WORKER_NUMBER] === undefined) terminal.printError(reason);
    terminal.exit(1);
  }
}

/** Each worker has metrics of its own, and a port to read them at: that of the settings, and those after it. */
function withOwnMetricsPort(config: Config, worker: number | undefined): Config {
  const { metrics } = config;
  return worker === undefined || !metrics.port
    ? config
    : { ...config, metrics: { ...metrics, port: metrics.port + worker - 1 } };
}

/** Flags win over the environment, the environment over the settings file. */
export async function readConfig(
  { supergraph, port, host, config: file }: ServeOptions,
  env: Terminal['env'],
): Promise<Config> {
  const resolved = resolveConfig(await loadConfigFile(file), env);
  const http = { ...resolved.http, ...(port === undefined ? {} : { port }), ...(host ? { host } : {}) };
  return resolveConfig({ ...resolved, http, ...(supergraph ? { supergraph } : {}) }, {});
}

/** What the settings file says; where none is named and there is none, nothing. */
export async function loadConfigFile(file: string | undefined): Promise<unknown> {
  const found = path.resolve(file ?? 'switchyard.config.ts');
  if (!existsSync(found)) {
    if (file) throw new ConfigError(`The settings file ${file} does not exist.`);
    return {};
  }
  const module = (await import(pathToFileURL(found).href)) as { default?: unknown };
  if (module.default === undefined)
    throw new ConfigError(`${found} has no default export; write "export default defineConfig({ ... })".`);
  return module.default;
}

/** One line a person can act on; a stack only for what nobody foresaw. */
export function explain(error: unknown): string {
  if (
    error instanceof ConfigError ||
    error instanceof SupergraphError ||
    error instanceof RuleError ||
    error instanceof KeyFileError
  )
    return error.message;
  if (error instanceof GatewayFault && error.code === 'TRAIL_UNAVAILABLE') return error.detail;
  const { code, port, message, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is taken: stop what listens there, or choose another with --port.`;
  if (code === 'EACCES') return `Port ${port} needs a permission this user lacks: choose one above 1023 with --port.`;
  return stack ?? message;
}
