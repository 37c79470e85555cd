import { InvalidArgumentError, Option, type Command } from 'commander';
import type { RegistryOptions } from './registry.ts';
import type { RegistryServeOptions } from './registry-serve.ts';
import type { Terminal } from './terminal.ts';

function versionNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('It is the number of a version, such as 12.');
}

/** Adds the commands of the registry: the program that keeps it, and what teams and their CI say to it. */
export function addRegistryCommands(program: Command, terminal: Terminal): void {
  const registry = program.command('registry').description('publish subgraphs, and keep what was published');
  addServe(registry, terminal);
  addChanges(registry, terminal);
  addContractCommands(registry, terminal);
  addHistory(registry, terminal);
}

function addServe(registry: Command, terminal: Terminal): void {
  registry
    .command('serve')
    .description('keep the versions of a graph, and give gateways the newest')
    .option('-c, --config <file>', 'settings file (default: switchyard.config.ts, where there is one)')
    .addOption(new Option('-p, --port <number>', 'port to listen on; 0 takes any free one').argParser(Number))
    .action(async (options: RegistryServeOptions) =>
      (await import('./registry-serve.ts')).runRegistryServe(options, terminal),
    );
}

function addChanges(registry: Command, terminal: Terminal): void {
  for (const [name, description] of [
    ['check', 'say what publishing a subgraph would break, and for whom; exit code 0 where nothing, 2 where something'],
    ['publish', 'publish a subgraph, if it breaks nothing; exit code 0 where it is published, 2 where it is refused'],
  ] as const)
    client(registry, name, description)
      .argument('<subgraph>', 'its name')
      .requiredOption(
        '--schema <file>',
        'its schema (SDL): a file, - for standard input, or its address, to ask it itself',
      )
      .option('--url <url>', 'where gateways ask it (default: where it was asked for its schema)')
      .option('--rules <file>', "the department's rules about it (default: those that it has)")
      .option('--message <text>', 'what is otherwise, and why')
      .action(async (subgraph: string, options: RegistryOptions) =>
        (await import('./registry.ts')).runChange(name, { kind: 'publish', subgraph }, options, terminal),
      );
  client(registry, 'remove', 'take a subgraph out of the graph, if that breaks nothing')
    .argument('<subgraph>', 'its name')
    .option('--message <text>', 'why')
    .action(async (subgraph: string, options: RegistryOptions) =>
      (await import('./registry.ts')).runChange('publish', { kind: 'remove', subgraph }, options, terminal),
    );
  client(registry, 'rollback', 'go back to a version: with one subgraph, or (administrators) with all')
    .argument('<version>', 'its number', versionNumber)
    .option('--subgraph <name>', 'the one that goes back (default: the whole graph)')
    .option('--message <text>', 'why')
    .action(async (to: number, options: RegistryOptions) =>
      (await import('./registry.ts')).runChange('publish', { kind: 'rollback', to }, options, terminal),
    );
}

function addHistory(registry: Command, terminal: Terminal): void {
  client(registry, 'history', 'list the versions, the newest first')
    .option('--subgraph <name>', 'those that changed it')
    .option('--limit <number>', 'how many', '20')
    .action(async (options: RegistryOptions) => (await import('./registry.ts')).runHistory(options, terminal));
  client(registry, 'diff', 'show what is otherwise between two versions, for who asks the graph')
    .argument('<from>', 'a version', versionNumber)
    .argument('<to>', 'another', versionNumber)
    .action(async (from: number, to: number, options: RegistryOptions) =>
      (await import('./registry.ts')).runDiff({ from, to }, options, terminal),
    );
}

interface SetContractOptions extends RegistryOptions {
  include: string[];
  exclude: string[];
  check?: boolean;
}

function addContractCommands(registry: Command, terminal: Terminal): void {
  const contracts = registry.command('contracts').description('parts of the graph by @tag, which gateways show');
  const load = () => import('./registry-contracts.ts');
  client(contracts, 'list', 'list them').action(async (options: RegistryOptions) =>
    (await load()).runListContracts(options, terminal),
  );
  client(contracts, 'show', 'print the schema that clients see of one')
    .argument('<name>', 'its name')
    .action(async (name: string, options: RegistryOptions) => (await load()).runShowContract(name, options, terminal));
  client(contracts, 'set', 'add one, or change it (administrators), if that breaks nothing')
    .argument('<name>', 'the end of its path, /graphql/<name>')
    .option('--include <tags...>', 'show what has one of these tags (default: everything)', [])
    .option('--exclude <tags...>', 'hide what has one of these tags', [])
    .option('--check', 'say what it would break, and change nothing')
    .option('--message <text>', 'why')
    .action(async (contract: string, { include, exclude, check, ...options }: SetContractOptions) => {
      const wanted = { kind: 'set-contract', contract, include, exclude } as const;
      await (await import('./registry.ts')).runChange(check ? 'check' : 'publish', wanted, options, terminal);
    });
  client(contracts, 'remove', 'take one away (administrators), if nobody asks it')
    .argument('<name>', 'its name')
    .option('--message <text>', 'why')
    .action(async (contract: string, options: RegistryOptions) =>
      (await import('./registry.ts')).runChange('publish', { kind: 'remove-contract', contract }, options, terminal),
    );
}

function client(registry: Command, name: string, description: string): Command {
  return registry
    .command(name)
    .description(
      `${description}. Who asks is said by SWITCHYARD_REGISTRY_KEY (an API key) or SWITCHYARD_REGISTRY_TOKEN`,
    )
    .addOption(
      new Option('--registry <url>', 'where the registry answers')
        .env('SWITCHYARD_REGISTRY')
        .default('http://127.0.0.1:4300'),
    )
    .addOption(
      new Option('--ca <file>', 'roots (PEM) that vouch for it over HTTPS (default: those that Node knows)').env(
        'SWITCHYARD_REGISTRY_CA',
      ),
    )
    .option('--json', 'print everything as JSON');
}
