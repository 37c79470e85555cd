import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ServeOptions } from './serve.ts';
import type { Terminal } from './terminal.ts';

/** Adds the command that serves a supergraph, in this process or in several. */
export function addServeCommand(command: Command, terminal: Terminal): void {
  command
    .command('serve')
    .description('serve a supergraph: /graphql, /health, /ready and GraphiQL at /')
    .option('-s, --supergraph <file>', 'supergraph file (default: the one of the settings)')
    .addOption(new Option('-p, --port <number>', 'port to listen on; 0 takes any free one').argParser(Number))
    .option('--host <address>', 'address to listen on')
    .option('-c, --config <file>', 'settings file (default: switchyard.config.ts, where there is one)')
    .addOption(
      new Option(
        '-w, --workers <count>',
        'processes that serve on one port, restarted one by one on SIGUSR2; auto: one for each processor',
      ).argParser(workerCount),
    )
    .action(async (options: ServeOptions) => {
      if (options.workers !== undefined && cluster.isPrimary)
        await (await import('./supervise.ts')).runSupervised({ ...options, workers: options.workers }, terminal);
      else await (await import('./serve.ts')).runServe(options, terminal);
    });
}

const MAX_WORKERS = 256;

function workerCount(text: string): number {
  const count = text === 'auto' ? availableParallelism() : Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_WORKERS) return count;
  throw new InvalidArgumentError(`It is a number from 1 to ${MAX_WORKERS}, or auto.`);
}
