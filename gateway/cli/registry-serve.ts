import { createLog } from '../observe/log.ts';
import type { RegistryServer } from '../registry/http-server.ts';
import { startRegistry } from '../start-registry.ts';
import { readConfig } from './settings-file.ts';
import { explain } from './start-error.ts';
import type { Terminal } from './terminal.ts';

export interface RegistryServeOptions {
  config?: string;
  port?: number;
}

/** `switchyard registry serve`: runs until it is told to stop. */
export async function runRegistryServe(
  { config: file, port }: RegistryServeOptions,
  terminal: Terminal,
): Promise<void> {
  let server: RegistryServer | undefined;
  terminal.onStop(() => void (server?.close() ?? Promise.resolve()).then(() => terminal.exit(0)));
  try {
    const config = await readConfig({ ...(file === undefined ? {} : { config: file }) }, terminal.env);
    const registry = { ...config.registry, ...(port === undefined ? {} : { port }) };
    const log = createLog(terminal.logDestination, terminal.env['LOG_LEVEL'], undefined);
    server = await startRegistry({ ...config, registry }, log);
    await terminal.tellParent?.({ ready: true, url: server.url });
    terminal.print(`switchyard keeps the graph's versions in ${describe(registry.store)}, at ${server.url}`);
    terminal.print(`gateways know them by ${registry.keyFile}.pub`);
  } catch (error) {
    const reason = explain(error);
    await terminal.tellParent?.({ ready: false, reason });
    terminal.printError(reason);
    terminal.exit(1);
  }
}

/** Without passwords. */
function describe(store: string): string {
  if (!/^postgres(ql)?:/.test(store)) return store;
  const { hostname, port, pathname } = new URL(store);
  return `PostgreSQL ${hostname}:${port || '5432'}${pathname}`;
}
