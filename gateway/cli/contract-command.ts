import type { Command } from 'commander';
import type { ContractOptions } from './contract.ts';
import type { Terminal } from './terminal.ts';

/** Adds the command that shows a part of the graph. */
export function addContractCommand(command: Command, terminal: Terminal): void {
  command
    .command('contract [name]')
    .description('print what clients see of a part of the graph: of a contract of the settings, or of tags')
    .option('-s, --supergraph <file>', 'supergraph file (default: the one of the settings)')
    .option('-c, --config <file>', 'settings file (default: switchyard.config.ts, where there is one)')
    .option('--include <tags...>', 'show what has one of these tags (default: everything)', [])
    .option('--exclude <tags...>', 'hide what has one of these tags', [])
    .action(async (name: string | undefined, options: ContractOptions) =>
      (await import('./contract.ts')).runContract(name, options, terminal),
    );
}
