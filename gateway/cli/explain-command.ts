import { Option, type Command } from 'commander';
import type { ExplainOptions } from './explain.ts';
import type { Terminal } from './terminal.ts';

/** Adds the command that shows how one operation is carried out. */
export function addExplainCommand(command: Command, terminal: Terminal): void {
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
      (await import('./explain.ts')).runExplain(file, options, terminal),
    );
}
