import type { Config } from '../config/config.ts';
import { createLog } from '../observe/log.ts';
import { startGateway, type RunningGateway } from '../start.ts';
import { readConfig, type SettingsOptions } from './settings-file.ts';
import { explain } from './start-error.ts';
import type { Terminal } from './terminal.ts';

export interface ServeOptions extends SettingsOptions {
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
