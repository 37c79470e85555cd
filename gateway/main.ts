import cluster from 'node:cluster';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { addAuditCommands } from './cli/audit-commands.ts';
import type { ComposeOptions } from './cli/compose.ts';
import { addContractCommand } from './cli/contract-command.ts';
import type { ExplainOptions } from './cli/explain.ts';
import { addDispatchCommands } from './cli/dispatch-commands.ts';
import { addPolicyCommands } from './cli/policy-commands.ts';
import { addRegistryCommands } from './cli/registry-commands.ts';
import { onNpmGone } from './cli/npm-parent.ts';
import type { ServeOptions } from './cli/serve.ts';
import { STOP_WORKER, type Terminal } from './cli/terminal.ts';
import { addWrapCommands } from './cli/wrap-commands.ts';

/** Not imported: the compiler would take it for one of the sources. By the package's name, since what was built lies deeper. */
const packageJson = createRequire(import.meta.url)('switchyard/package.json') as {
  description: string;
  version: string;
};

/** Runs the command line of `switchyard`. */
export async function main(): Promise<void> {
  const terminal: Terminal = {
    env: process.env,
    print: (line) => process.stdout.write(`${line}\n`),
    printError: (line) => process.stderr.write(`${line}\n`),
    showProgress,
    logDestination: process.stderr,
    exit: (code) => process.exit(code),
    onStop,
    onReload: (reload) => {
      if (!process.stdin.isTTY && !process.stdout.isTTY) process.on('SIGHUP', reload);
    },
    onRestart: (restart) => process.on('SIGUSR2', restart),
    // A parent that is gone hears nothing; its loss is what onStop is for.
    tellParent:
      process.send &&
      ((message) => new Promise((resolve) => process.send!(message, undefined, undefined, () => resolve()))),
  };
  await commandLine(terminal).parseAsync(process.argv);
}

function showProgress(line: string | undefined): void {
  if (!process.stderr.isTTY) return;
  const shown = line?.slice(0, (process.stderr.columns || 80) - 1) ?? '';
  process.stderr.write(`\r${shown}\u001B[K`);
}

/** Whoever sends a second signal is not kept waiting: with nobody listening any more it ends the process. */
function onStop(stop: () => void): void {
  let isStopping = false;
  const stopOnce = (): void => {
    if (isStopping) return;
    isStopping = true;
    process.off('SIGTERM', stopOnce);
    process.off('SIGINT', stopOnce);
    stop();
  };
  process.on('SIGTERM', stopOnce);
  process.on('SIGINT', stopOnce);
  process.once('disconnect', stopOnce);
  if (cluster.isWorker) process.on('message', (message) => message === STOP_WORKER && stopOnce());
  onNpmGone(stopOnce);
}

const MAX_WORKERS = 256;

function workerCount(text: string): number {
  const count = text === 'auto' ? availableParallelism() : Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_WORKERS) return count;
  throw new InvalidArgumentError(`It is a number from 1 to ${MAX_WORKERS}, or auto.`);
}

/** The command line. A command's code is loaded when it is run: most of what this program could do is not needed for any one thing. */
export function commandLine(terminal: Terminal): Command {
  const command = new Command('switchyard').description(packageJson.description).version(packageJson.version);
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
        await (await import('./cli/supervise.ts')).runSupervised({ ...options, workers: options.workers }, terminal);
      else await (await import('./cli/serve.ts')).runServe(options, terminal);
    });
  command
    .command('compose')
    .description('compose the subgraphs of supergraph.yaml into one supergraph')
    .option('-c, --config <file>', 'what to compose', 'supergraph.yaml')
    .option('-o, --output <file>', 'where the supergraph is written', 'schema/supergraph.graphql')
    .option('--check', 'write nothing; fail where the file is not what would be written')
    .option('--json', 'print the outcome as JSON')
    .action(async (options: ComposeOptions) => (await import('./cli/compose.ts')).runCompose(options, terminal));
  command
    .command('explain <operation>')
    .description('show how the operation of a file is planned and run')
    .option('-s, --supergraph <file>', 'supergraph file', 'schema/supergraph.graphql')
    .option('-o, --operation-name <name>', 'which operation, where the file has several')
    .option('--variables <json>', 'variables, which decide what is skipped and included')
    .option('--code', 'print the generated program')
    .option('--run', 'run it, mutations too, and show what each subgraph was asked and how long it took')
    .addOption(
      new Option(
        '--subgraph-url <name=url>',
        'where --run asks a subgraph, instead of its routing URL; may be repeated',
      )
        .argParser((pair: string, pairs: string[]) => [...pairs, pair])
        .default([], 'the supergraph, and SWITCHYARD_SUBGRAPH_URLS'),
    )
    .option('--json', 'print everything as JSON')
    .action(async (file: string, options: ExplainOptions) =>
      (await import('./cli/explain.ts')).runExplain(file, options, terminal),
    );
  addContractCommand(command, terminal);
  addWrapCommands(command, terminal);
  addPolicyCommands(command, terminal);
  addAuditCommands(command, terminal);
  addRegistryCommands(command, terminal);
  addDispatchCommands(command, terminal);
  return command;
}
