import type { Command } from 'commander';
import type { PolicyCheckOptions } from './policy.ts';
import type { Terminal } from './terminal.ts';
import type { WhyOptions } from './why.ts';

const SUPERGRAPH = ['-s, --supergraph <file>', 'supergraph file (default: the one of the settings)'] as const;
const CONFIG = ['-c, --config <file>', 'settings file (default: switchyard.config.ts, where there is one)'] as const;

/** Adds the commands that say what the departments' rules come to. */
export function addPolicyCommands(program: Command, terminal: Terminal): void {
  program
    .command('why <operation>')
    .description(
      'show what is decided about every field of the operation of a file for a caller, by which rule, and what to ask whom for',
    )
    .requiredOption('--as <identity>', 'who asks: "anonymous", JSON such as {"roles":["doctor"]}, or a file with it')
    .option('--purpose <text>', 'what for: what the header switchyard-purpose would say')
    .option('--legal-basis <text>', 'the law that it rests on')
    .option('--consent <reference>', 'the reference of a consent')
    .option('--case <number>', 'the number of a case')
    .option('--rules <folder>', 'rules of the departments (default: those of the settings)')
    .option(...SUPERGRAPH)
    .option('-o, --operation-name <name>', 'which operation, where the file has several')
    .option(
      '--variables <json>',
      'variables, which decide what is skipped and included (default: every field is looked at)',
    )
    .option(...CONFIG)
    .option('--json', 'print everything as JSON')
    .action(async (file: string, options: WhyOptions) => (await import('./why.ts')).runWhy(file, options, terminal));
  const policy = program.command('policy').description('look at the rules of the departments');
  policy
    .command('check')
    .description(
      'show which saved operations and which roles other rules would affect, and what about them is hardly meant; exit code 0 where nothing changes, 2 where something does, 1 where they cannot be taken',
    )
    .requiredOption('--rules <folder>', 'the rules as they are to be')
    .option('--against <folder>', 'the rules as they are (default: those of the settings)')
    .option('--operations <folder>', 'saved operations (default: those of the settings)')
    .option(
      '--identities <file>',
      'who asks, and what for: a list in YAML or JSON (default: made up from what the rules look at)',
    )
    .option(...SUPERGRAPH)
    .option(...CONFIG)
    .option('--json', 'print everything as JSON')
    .action(async (options: PolicyCheckOptions) => (await import('./policy.ts')).runPolicyCheck(options, terminal));
}
