import type { Command } from 'commander';
import type { ExportOptions, PruneOptions, RotateOptions, VerifyOptions, WhoSawOptions } from './audit.ts';
import type { Terminal } from './terminal.ts';

const STORE = [
  '--store <place>',
  'SQLite file or PostgreSQL address (default: SWITCHYARD_AUDIT_URL, or the settings)',
] as const;
const KEY = [
  '--key <file>',
  'public keys that may sign, as they were published (PEM); without it those that come with the trail',
] as const;
const TSA_CA = [
  '--tsa-ca <file>',
  'certificates that those of time-stamping authorities must lead to (PEM); without it whoever has stamped is believed',
] as const;
const CONFIG = ['-c, --config <file>', 'settings file (default: switchyard.config.ts, where there is one)'] as const;
const JSON_OUT = ['--json', 'print the outcome as JSON'] as const;

/** Adds `switchyard audit` and what is below it. */
export function addAuditCommands(program: Command, terminal: Terminal): void {
  const audit = program.command('audit').description('check, export and read the trail');
  addVerify(audit, terminal);
  addArchives(audit, terminal);
  addWhoSaw(audit, terminal);
  addSchema(audit, terminal);
  addKeys(audit, terminal);
}

const actions = (): Promise<typeof import('./audit.ts')> => import('./audit.ts');

function addVerify(audit: Command, terminal: Terminal): void {
  audit
    .command('verify')
    .description(
      'check chains, seals, signatures and completeness, and say where the first fault is; exit code 1 where there is one',
    )
    .option('--archive <folder>', 'an archive instead of a store')
    .option(...STORE)
    .option(...KEY)
    .option('--roots <file>', 'a copy of the seals in a second place, which must fit')
    .option(...TSA_CA)
    .option(...CONFIG)
    .option(...JSON_OUT)
    .action(async (options: VerifyOptions) => (await actions()).runVerify(options, terminal));
}

function addArchives(audit: Command, terminal: Terminal): void {
  audit
    .command('export')
    .description('write what was sealed before a time into an archive that verifies on its own')
    .requiredOption('--until <date>', 'the time, such as 2026-07-01 or 2026-07-01T12:00:00Z')
    .requiredOption('--out <folder>', 'where to; empty, or not there yet')
    .option('--gzip', 'pack the files')
    .option(...STORE)
    .option(...CONFIG)
    .option(...JSON_OUT)
    .action(async (options: ExportOptions) => (await actions()).runExport(options, terminal));
  audit
    .command('prune')
    .description('delete from the store what an archive holds, once that verifies; a signed note stays')
    .requiredOption('--archive <folder>', 'the archive')
    .option(...STORE)
    .option(...CONFIG)
    .option(...JSON_OUT)
    .action(async (options: PruneOptions) => (await actions()).runPrune(options, terminal));
}

function addWhoSaw(audit: Command, terminal: Terminal): void {
  audit
    .command('who-saw <subject> [key]')
    .description('who was given something of `Enterprise:KEY` (or type and key), what for, by which rules; is recorded')
    .option('--since <date>', 'from this time on')
    .option('--limit <number>', 'how many at most, the newest first', Number, 100)
    .option('--purpose <text>', 'what for: goes into the record of this look', 'audit who-saw')
    .option(...STORE)
    .option(...CONFIG)
    .option(...JSON_OUT)
    .action(async (subject: string, key: string | undefined, options: WhoSawOptions) =>
      (await actions()).runWhoSaw({ ...options, subject, key }, terminal),
    );
}

function addSchema(audit: Command, terminal: Terminal): void {
  audit
    .command('schema')
    .description('print the schema of the trail as a department of the graph, for supergraph.yaml')
    .action(async () => (await actions()).runSchema(terminal));
}

function addKeys(audit: Command, terminal: Terminal): void {
  audit
    .command('rotate-key')
    .description('add a new key to the key file; gateways sign with it from their next start on')
    .option(...CONFIG)
    .option(...JSON_OUT)
    .action(async (options: RotateOptions) => (await actions()).runRotateKey(options, terminal));
}
