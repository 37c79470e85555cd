/** `npm start`: brings up the whole network and keeps it running until it is told to stop. */
import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { onNpmGone } from '../gateway/cli/npm-parent.ts';
import { Command, InvalidArgumentError, Option } from 'commander';
import { StartError } from '../subgraphs/kit/program.ts';
import type { Report } from './events.ts';
import { startFeeds } from './feeds.ts';
import { askFirst } from './first-answer.ts';
import { startNetwork, type Network } from './network.ts';
import { jsonProgress, textProgress, type Progress } from './progress.ts';
import { compileCacheFolder, projectRoot, type NetworkSettings } from './settings.ts';

interface Flags {
  enterprises: number;
  port: number;
  data: string;
  redis?: string;
  ports: 'own' | 'free';
  all?: boolean;
  json?: boolean;
}

enableCompileCache(compileCacheFolder);
const flags = readFlags();
const progress = flags.json ? jsonProgress(process.stdout) : textProgress(terminal());
process.exitCode = await run(toSettings(flags), progress);
// The children's channels are closed by now; what else may keep the process has nothing left to do.
process.exit();

async function run(settings: NetworkSettings, { report, close }: Progress): Promise<number> {
  const stop = listenForStop();
  let network: Network | undefined;
  try {
    network = await startNetwork(settings, report, stop);
    const answer = await askFirst(network, settings.dataFolder);
    if (answer && !stop.aborted) report(answer);
    if (!stop.aborted) await feedAnalysis(network, report, stop);
    await whenAborted(stop);
  } catch (error) {
    if (!stop.aborted) {
      report({ event: 'failed', reason: explain(error) });
      close();
      return 1;
    }
  }
  const startedMs = performance.now();
  report({ event: 'stopping' });
  await network?.stop();
  report({ event: 'stopped', elapsedMs: performance.now() - startedMs });
  close();
  return 0;
}

/** Without it the network is whole, and the analysis department finds nothing. */
async function feedAnalysis({ gatewayUrl, headers }: Network, report: Report, signal: AbortSignal): Promise<void> {
  try {
    await startFeeds({ gatewayUrl, headers, signal });
  } catch (error) {
    if (signal.aborted) return;
    const says = 'what is dispatched to the analysis department';
    report({ event: 'left-out', name: 'analysis', says, reason: (error as Error).message });
  }
}

/** Aborts at the first signal to stop. At the second this process goes at once, and the programs after it. */
function listenForStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1);
      controller.abort();
    });
  }
  onNpmGone(() => controller.abort());
  // Whoever reads the lines is gone: `npm start | head`, a test that was killed.
  process.stdout.on('error', () => controller.abort());
  return controller.signal;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function readFlags(): Flags {
  const command = new Command('npm start --')
    .description('Brings up the whole network: PostgreSQL, the departments and their systems, the gateway.')
    .option('--enterprises <number>', 'how many enterprises the city has', wholeNumber(1, 1_000_000), 5_000)
    .option('--port <number>', 'where the gateway listens', wholeNumber(0, 65_535), 4000)
    .option('--data <folder>', 'where everything is kept', '.switchyard/data')
    .option(
      '--redis <url>',
      "Redis for the gateway's cache and customs' messages (default: REDIS_URL; without one the cache is in-process)",
    )
    .addOption(
      new Option('--ports <which>', 'every program on its own port, or on any free one')
        .choices(['own', 'free'])
        .default('own'),
    )
    .option('--all', "the economies' departments of indicators as well, 37 departments of the economies in all")
    .option('--json', 'print each event as a line of JSON');
  return command.parse().opts<Flags>();
}

function toSettings({ enterprises, port, data, redis, ports, all = false }: Flags): NetworkSettings {
  const { DATABASE_URL: databaseUrl, MARIADB_URL: mariadbUrl, REDIS_URL } = process.env;
  const redisUrl = redis ?? REDIS_URL;
  return {
    dataFolder: resolve(projectRoot, data),
    enterprises,
    gatewayPort: port,
    all,
    freePorts: ports === 'free',
    ...(databaseUrl && { databaseUrl }),
    ...(redisUrl && { redisUrl, streamsUrl: redisUrl }),
    ...(mariadbUrl && { mariadbUrl }),
  };
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function explain(error: unknown): string {
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function terminal() {
  return {
    write: (text: string) => process.stdout.write(text),
    isTerminal: process.stdout.isTTY,
    columns: () => process.stdout.columns || 80,
  };
}
