import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { StartError } from '../subgraphs/kit/program.ts';
import type { DataFolder } from './data-folder.ts';
import { writeEconomies } from './economies.ts';
import type { Report } from './events.ts';
import { lastLines, spawnProgram } from './process.ts';
import { projectRoot, type NetworkSettings } from './settings.ts';

const COMPOSE_DEADLINE_MS = 60_000;
/** A composition with many problems is shown as far as a screen goes. */
const SHOWN_LINES = 30;

/**
 * Composes the departments' schemas into the supergraph this network serves, or keeps the last one where neither
 * schemas nor composition have changed.
 *
 * @throws StartError with what composition found wrong, and where
 */
export async function makeSupergraph(options: {
  settings: NetworkSettings;
  data: DataFolder;
  report: Report;
  signal: AbortSignal;
}): Promise<void> {
  const { settings, data, report, signal } = options;
  const startedMs = performance.now();
  const says = 'composition';
  const config = settings.all ? writeEconomies(data) : join(projectRoot, 'supergraph.yaml');
  const fingerprint = fingerprintSchemas(config);
  const mark = `${data.supergraph}.made-from`;
  const kept = existsSync(data.supergraph) && existsSync(mark) && readFileSync(mark, 'utf8') === fingerprint;
  if (!kept) {
    report({ event: 'starting', name: 'supergraph', says });
    await compose(config, data, signal);
    writeFileSync(mark, fingerprint);
  }
  const detail = kept ? 'kept from the last start' : `composed from ${relative(projectRoot, config)}`;
  report({ event: 'ready', name: 'supergraph', says, detail, elapsedMs: performance.now() - startedMs });
}

async function compose(config: string, data: DataFolder, signal: AbortSignal): Promise<void> {
  const logFile = join(data.logs, 'compose.log');
  const program = spawnProgram({
    name: 'composition',
    args: [join(projectRoot, 'bin/switchyard.js'), 'compose', '--config', config, '--output', data.supergraph],
    env: {},
    logFile,
    readyWithinMs: COMPOSE_DEADLINE_MS,
    stopWithinMs: 1_000,
  });
  const stopped = AbortSignal.any([signal, AbortSignal.timeout(COMPOSE_DEADLINE_MS)]);
  stopped.addEventListener('abort', () => void program.stop(), { once: true });
  if (stopped.aborted) void program.stop();
  const { code } = await program.exited;
  if (code === 0) return;
  const reason = stopped.aborted ? `was stopped; see ${logFile}` : lastLines(logFile, SHOWN_LINES).join('\n');
  throw new StartError(`composition: ${reason}`);
}

function fingerprintSchemas(config: string): string {
  const hash = createHash('sha256');
  const own = globSync(['schema/*.graphql', 'gateway/supergraph/*.ts', 'package-lock.json'], { cwd: projectRoot });
  const besideConfig = globSync('*.graphql', { cwd: dirname(config) }).map((file) => join(dirname(config), file));
  const sources = [config, ...own.map((file) => join(projectRoot, file)), ...besideConfig];
  for (const source of sources.sort()) hash.update(source).update(readFileSync(source));
  return hash.digest('hex');
}
