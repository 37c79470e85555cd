import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigInput } from '../../gateway/config/config.ts';
import { startProgram, type StartedProgram } from '../../network/process.ts';
import { projectRoot } from '../../network/settings.ts';

/**
 * Starts a gateway with settings of its own, as a process, on a free port; it serves the project's supergraph.
 *
 * @param folder where its settings file and its log go
 * @param env wins over the settings
 * @param flags of `switchyard serve`
 */
export function startGatewayProgram(
  folder: string,
  config: ConfigInput,
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<StartedProgram> {
  return startCommand(['serve', ...flags], { name: 'gateway', folder, config, env });
}

/** Starts a registry with settings of its own, as a process; see {@link startGatewayProgram}. */
export function startRegistryProgram(folder: string, config: ConfigInput): Promise<StartedProgram> {
  return startCommand(['registry', 'serve'], { name: 'registry', folder, config, env: {} });
}

async function startCommand(
  command: readonly string[],
  { name, folder, config, env }: { name: string; folder: string; config: ConfigInput; env: NodeJS.ProcessEnv },
): Promise<StartedProgram> {
  const file = join(folder, `${name}-${randomUUID()}`);
  await writeFile(`${file}.mjs`, `export default ${JSON.stringify(config)};`);
  return startProgram({
    name: `another ${name}`,
    args: [join(projectRoot, 'bin/switchyard.js'), ...command, '--config', `${file}.mjs`],
    // An empty one: what the user has set is not the test's.
    env: { PORT: '0', REDIS_URL: '', ...env },
    logFile: `${file}.log`,
    readyWithinMs: 60_000,
    stopWithinMs: 4_000,
  });
}
