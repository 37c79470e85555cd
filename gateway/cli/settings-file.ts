import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError, resolveConfig, type Config } from '../config/config.ts';
import type { Terminal } from './terminal.ts';

/** What a command is told of settings. */
export interface SettingsOptions {
  supergraph?: string;
  port?: number;
  host?: string;
  /** The settings file. Default: `switchyard.config.ts`, where there is one */
  config?: string;
}

/** Flags win over the environment, the environment over the settings file. */
export async function readConfig(
  { supergraph, port, host, config: file }: SettingsOptions,
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
