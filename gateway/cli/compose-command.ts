import type { Command } from 'commander';
import type { ComposeOptions } from './compose.ts';
import type { Terminal } from './terminal.ts';

/** Adds the command that makes a supergraph. */
export function addComposeCommand(command: Command, terminal: Terminal): void {
  command
    .command('compose')
    .description('compose the subgraphs of supergraph.yaml into one supergraph')
    .option('-c, --config <file>', 'what to compose', 'supergraph.yaml')
    .option('-o, --output <file>', 'where the supergraph is written', 'schema/supergraph.graphql')
    .option('--check', 'write nothing; fail where the file is not what would be written')
    .option('--json', 'print the outcome as JSON')
    .action(async (options: ComposeOptions) => (await import('./compose.ts')).runCompose(options, terminal));
}
