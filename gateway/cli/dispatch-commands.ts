import { InvalidArgumentError, Option, type Command } from 'commander';
import type { DispatchOptions } from './dispatch.ts';
import type { Terminal } from './terminal.ts';

function runNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('It is the number of a run, such as 12.');
}

function limit(text: string): string {
  if (/^[1-9]\d{0,2}$|^1000$/.test(text)) return text;
  throw new InvalidArgumentError('It is a number from 1 to 1000.');
}

/** Adds the commands that ask a gateway for what is dispatched, and change it. */
export function addDispatchCommands(program: Command, terminal: Terminal): void {
  const dispatch = program.command('dispatch').description('have results delivered by schedule, on change or by hand');
  addLooking(dispatch, terminal);
  addMaking(dispatch, terminal);
  addRunning(dispatch, terminal);
}

/** Loaded when it is needed. */
function load(): Promise<typeof import('./dispatch.ts')> {
  return import('./dispatch.ts');
}

function addLooking(dispatch: Command, terminal: Terminal): void {
  listing(dispatch, 'list', 'list the dispatches of your department').action(async (options: DispatchOptions) =>
    (await load()).runList(options, terminal),
  );
  for (const [name, description] of [
    ['show', 'show a dispatch with its runs'],
    ['runs', 'list the runs of a dispatch, the newest first'],
  ] as const)
    listing(dispatch, name, description)
      .argument('<name>')
      .addOption(new Option('--limit <number>', 'runs, at most').default('20').argParser(limit))
      .action(async (of: string, options: DispatchOptions) => (await load()).runShow(name, of, options, terminal));
  listing(dispatch, 'events', 'list what happened')
    .option('--after <cursor>', 'go on after an event')
    .addOption(new Option('--limit <number>', 'events at once').default('100').argParser(limit))
    .option('--follow', 'go on until it is stopped')
    .action(async (options: DispatchOptions) => (await load()).runEvents(options, terminal));
}

function addMaking(dispatch: Command, terminal: Terminal): void {
  asking(dispatch, 'create', 'make a dispatch of a YAML file')
    .argument('<file>')
    .action(async (file: string, options: DispatchOptions) => (await load()).runWrite(file, options, terminal));
  asking(dispatch, 'change', 'make a dispatch another one, that is to be previewed anew')
    .argument('<name>')
    .argument('<file>')
    .action(async (name: string, file: string, options: DispatchOptions) =>
      (await load()).runWrite(file, options, terminal, name),
    );
  asking(
    dispatch,
    'preview',
    'ask as the recipient does, show the first rows and deliver nothing; exit code 2 where something is refused',
  )
    .argument('<name>')
    .action(async (name: string, options: DispatchOptions) => (await load()).runPreview(name, options, terminal));
  for (const [name, field, description] of [
    ['activate', 'activateDispatch', 'let it run by its trigger'],
    ['pause', 'pauseDispatch', 'let it run no more until it is resumed'],
    ['resume', 'resumeDispatch', 'let it run again'],
    ['delete', 'deleteDispatch', 'remove it with its runs; the trail keeps what happened'],
  ] as const)
    asking(dispatch, name, description)
      .argument('<name>')
      .action(async (of: string, options: DispatchOptions) => (await load()).runTurn(field, of, options, terminal));
}

function addRunning(dispatch: Command, terminal: Terminal): void {
  asking(dispatch, 'run', 'run it now and wait for the end; exit code 0 where it is delivered or unchanged, else 2')
    .argument('<name>')
    .option('--no-wait', 'do not wait for the end')
    .action(async (name: string, options: DispatchOptions) => (await load()).runNow(name, options, terminal));
  asking(dispatch, 'replay', 'deliver a run again: what a dead one kept, or all there is now')
    .argument('<name>')
    .argument('<run>', 'its number', runNumber)
    .option('--no-wait', 'do not wait for the end')
    .action(async (name: string, run: number, options: DispatchOptions) =>
      (await load()).runNow(name, options, terminal, run),
    );
  asking(dispatch, 'discard', 'give up what a dead run kept, or a run that waits to be tried again')
    .argument('<name>')
    .argument('<run>', 'its number', runNumber)
    .action(async (name: string, run: number, options: DispatchOptions) =>
      (await load()).runDiscard(name, run, options, terminal),
    );
}

function listing(dispatch: Command, name: string, description: string): Command {
  return asking(dispatch, name, description).option('--all', 'of all departments: for the auditor');
}

function asking(dispatch: Command, name: string, description: string): Command {
  return dispatch
    .command(name)
    .description(`${description}. Who asks is said by --headers, SWITCHYARD_API_KEY or SWITCHYARD_TOKEN`)
    .addOption(
      new Option('--url <url>', 'where the graph is').env('SWITCHYARD_GRAPH').default('http://127.0.0.1:4000/graphql'),
    )
    .addOption(
      new Option('--headers <file>', 'file with the headers to send, a line each, as curl -H @file takes').env(
        'SWITCHYARD_HEADERS',
      ),
    )
    .option('--json', 'print everything as JSON');
}
