import { Option, type Command } from 'commander';
import type { DevOptions } from './dev.ts';
import type { Terminal } from './terminal.ts';
import type { WrapOptions } from './wrap.ts';

/** Adds the commands of those who bring a system into the graph. */
export function addWrapCommands(command: Command, terminal: Terminal): void {
  command
    .command('wrap <source>')
    .description('look at a file, a folder of files, a database or a service, and write a first department for it')
    .option(
      '-o, --out <folder>',
      "where department.yaml and schema.graphql are written (default: the department's name)",
    )
    .option('-n, --name <name>', "the department's name (default: by the source's)")
    .option('--schema <name>', 'the schema that the tables are in, where PostgreSQL has several')
    .addOption(
      manyTimes(
        '-j, --join <column=Type.key>',
        'a column that leads to a type of the graph, such as country=Place.iso; may be repeated',
      ),
    )
    .addOption(
      manyTimes(
        '-H, --header <name: text>',
        "sent to a service with each request, such as 'authorization: ${TOKEN}'; may be repeated",
      ),
    )
    .option(
      '-g, --graph <file>',
      'the graph that it joins: a supergraph.yaml or a supergraph (default: supergraph.yaml, where there is one)',
    )
    .option('--json', 'print the outcome as JSON')
    .action(async (source: string, options: WrapOptions) =>
      (await import('./wrap.ts')).runWrap(source, options, terminal),
    );
  command
    .command('dev [folders...]')
    .description('serve the departments of folders with the rest of the graph, and follow their files as they change')
    .option(
      '-g, --graph <file>',
      'the graph that they join, a supergraph.yaml (default: supergraph.yaml, where there is one)',
    )
    .option('-m, --mock', 'make up answers of departments that are not running; extensions.mocked says which')
    .addOption(
      new Option('-p, --port <number>', 'port of the graph (default: 4001); 0 takes any free one').argParser(Number),
    )
    .option('-c, --config <file>', 'settings file (default: switchyard.config.ts, where there is one)')
    .action(async (folders: string[], options: DevOptions) =>
      (await import('./dev.ts')).runDev(folders, options, terminal),
    );
}

function manyTimes(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((text: string, texts: string[]) => [...texts, text])
    .default([], 'none');
}
