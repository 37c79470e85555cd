import cluster from 'node:cluster';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import { addAuditCommands } from './cli/audit-commands.ts';
import { addComposeCommand } from './cli/compose-command.ts';
import { addContractCommand } from './cli/contract-command.ts';
import { addDispatchCommands } from './cli/dispatch-commands.ts';
import { addExplainCommand } from './cli/explain-command.ts';
import { onNpmGone } from './cli/npm-parent.ts';
import { addPolicyCommands } from './cli/policy-commands.ts';
import { addRegistryCommands } from './cli/registry-commands.ts';
import { addServeCommand } from './cli/serve-command.ts';
import { STOP_WORKER, type Terminal } from './cli/terminal.ts';
import { addWrapCommands } from './cli/wrap-commands.ts';

/** Not imported: the compiler would take it for one of the sources. By the package's name, since what was built lies deeper. */
const packageJson = createRequire(import.meta.url)('switchyard/package.json') as {
  description: string;
  version: string;
};

/** How long a supervisor may take to find that a worker is connected to it no more, in milliseconds. */
const LEAVE_MS = 100;

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
  if (cluster.isWorker)
    process.on('message', (message) => {
      if (message !== STOP_WORKER || isStopping) return;
      process.off('disconnect', stopOnce);
      void leaveSupervisor().then(stopOnce);
    });
  onNpmGone(stopOnce);
}

/**
 * The supervisor has an end of the workers' socket too, which is gone once no worker is connected to it. Were it the last to go, connections that come
 * between the last worker's and its own would be taken by nobody, and reset.
 */
async function leaveSupervisor(): Promise<void> {
  // Without this the process would end with the connection to its supervisor.
  cluster.worker!.exitedAfterDisconnect = true;
  process.disconnect?.();
  await setTimeout(LEAVE_MS);
}

/** The command line. A command's code is loaded when it is run: most of what this program could do is not needed for any one thing. */
export function commandLine(terminal: Terminal): Command {
  const command = new Command('switchyard').description(packageJson.description).version(packageJson.version);
  addServeCommand(command, terminal);
  addComposeCommand(command, terminal);
  addExplainCommand(command, terminal);
  addContractCommand(command, terminal);
  addWrapCommands(command, terminal);
  addPolicyCommands(command, terminal);
  addAuditCommands(command, terminal);
  addRegistryCommands(command, terminal);
  addDispatchCommands(command, terminal);
  return command;
}
