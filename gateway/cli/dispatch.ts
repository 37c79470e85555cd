import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError } from '../config/config.ts';
import { readDispatchFile } from './dispatch-file.ts';
import {
  describeDispatch,
  describeDispatches,
  describeEvents,
  describePreview,
  describeRun,
  describeRuns,
  progressOf,
  type ToldDispatch,
  type ToldEvent,
  type ToldPreview,
  type ToldRun,
} from './dispatch-text.ts';
import { openGraph, type AskGraph, type GraphOptions } from './graph-client.ts';
import type { Terminal } from './terminal.ts';

export interface DispatchOptions extends GraphOptions {
  json?: boolean;
  /** All that there are, and not those of the own department: for the auditor. */
  all?: boolean;
  wait?: boolean;
  limit?: string;
  after?: string;
  follow?: boolean;
}

/** Ends a run that was refused, is dead or waits to be tried again, and a preview of what is refused. */
const NOT_GIVEN = 2;
const LOOK_EVERY_MS = 300;
const WAIT_AT_MOST_MS = 3_600_000;

const REASON = '{ code text rule }';
const RUN = `number state reason isFull dueAt beganAt endedAt attempt retryAt why ${REASON} rows rowsRead removed parts partsTaken queryGroupId`;
const DISPATCH = `id name title state stateReason ${REASON} recipient receiver department purpose legalBasis caseNumber content whenRefused
  trigger { cron timeZone everyMs onChangeOf settleMs } expiresAt revision madeBy madeAt nextRunAt operation variables`;
const EVENT = `cursor kind at name recipient by run rows removed retryAt why ${REASON}`;

/** What a command does: gives its exit code. */
type Run = (ask: AskGraph, print: (told: unknown, text: () => string) => void) => Promise<number>;

/** Runs a command, and tells what went wrong in a line. */
async function withGraph(options: DispatchOptions, terminal: Terminal, run: Run): Promise<void> {
  try {
    const ask = await openGraph(options, terminal.env);
    const code = await run(ask, (told, text) => terminal.print(options.json ? JSON.stringify(told) : text()));
    if (code !== 0) terminal.exit(code);
  } catch (error) {
    terminal.showProgress(undefined);
    if (!(error instanceof ConfigError)) throw error;
    terminal.printError(error.message);
    terminal.exit(1);
  }
}

/** `switchyard dispatch list`. */
export function runList(options: DispatchOptions, terminal: Terminal): Promise<void> {
  return withGraph(options, terminal, async (ask, print) => {
    const found = await listed(ask, options, undefined, 1);
    print(found, () => describeDispatches(found));
    return 0;
  });
}

/** `switchyard dispatch show` and `runs`. */
export function runShow(
  what: 'show' | 'runs',
  name: string,
  options: DispatchOptions,
  terminal: Terminal,
): Promise<void> {
  return withGraph(options, terminal, async (ask, print) => {
    const dispatch = await named(ask, options, name, Number(options.limit ?? '20'));
    if (what === 'show') print(dispatch, () => describeDispatch(dispatch));
    else print(dispatch.runs, () => describeRuns(dispatch.runs));
    return 0;
  });
}

/** `switchyard dispatch create`, and `change` where one is named. */
export function runWrite(file: string, options: DispatchOptions, terminal: Terminal, name?: string): Promise<void> {
  return withGraph(options, terminal, async (ask, print) => {
    const dispatch = await readDispatchFile(file);
    const id = name === undefined ? undefined : (await named(ask, options, name, 1)).id;
    const field =
      id === undefined ? 'createDispatch(dispatch: $dispatch)' : 'changeDispatch(id: $id, dispatch: $dispatch)';
    const declared = id === undefined ? '' : ', $id: ID!';
    const query = `mutation ($dispatch: DispatchInput!${declared}) { it: ${field} { id name state } }`;
    const { it } = await ask<{ it: ToldDispatch }>(query, { dispatch, ...(id === undefined ? {} : { id }) });
    print(it, () => `${it.name} is ${it.state}: look what it gives with "switchyard dispatch preview ${it.name}".`);
    return 0;
  });
}

/** `switchyard dispatch preview`. */
export function runPreview(name: string, options: DispatchOptions, terminal: Terminal): Promise<void> {
  return withGraph(options, terminal, async (ask, print) => {
    const { id } = await named(ask, options, name, 1);
    const query = `mutation ($id: ID!) { it: previewDispatch(id: $id) {
      dispatch { name state } columns { name type } rows rowsOnPage refusals ${REASON} masked } }`;
    terminal.showProgress('asking as the recipient');
    const { it } = await ask<{ it: ToldPreview }>(query, { id });
    terminal.showProgress(undefined);
    print(it, () => describePreview(it));
    return it.refusals.length > 0 ? NOT_GIVEN : 0;
  });
}

/** `switchyard dispatch activate`, `pause`, `resume` and `delete`. */
export function runTurn(
  field: 'activateDispatch' | 'pauseDispatch' | 'resumeDispatch' | 'deleteDispatch',
  name: string,
  options: DispatchOptions,
  terminal: Terminal,
): Promise<void> {
  return withGraph(options, terminal, async (ask, print) => {
    const { id } = await named(ask, options, name, 1);
    const { it } = await ask<{ it: ToldDispatch }>(`mutation ($id: ID!) { it: ${field}(id: $id) { id name state } }`, {
      id,
    });
    print(it, () => (field === 'deleteDispatch' ? `${it.name} is deleted.` : `${it.name} is ${it.state}.`));
    return 0;
  });
}

/** `switchyard dispatch run`, and `replay` where a run is named: waits for its end, and shows how far it is. */
export function runNow(name: string, options: DispatchOptions, terminal: Terminal, replayed?: number): Promise<void> {
  return withGraph(options, terminal, async (ask, print) => {
    const { id, runs } = await named(ask, options, name, 1);
    const before = runs[0];
    const field = replayed === undefined ? 'runDispatchNow(id: $id)' : 'replayDispatchRun(id: $id, run: $run)';
    const declared = replayed === undefined ? '' : ', $run: Int!';
    await ask(`mutation ($id: ID!${declared}) { ${field} { id } }`, {
      id,
      ...(replayed === undefined ? {} : { run: replayed }),
    });
    if (options.wait === false) return 0;
    const number = await awaitedRun(ask, options, name, before);
    const run = await whenOver(ask, options, { name, number }, terminal);
    print(run, () => describeRun(run));
    return run.state === 'DELIVERED' || run.state === 'UNCHANGED' ? 0 : NOT_GIVEN;
  });
}

/** The one that goes on where one was waiting, else the next. */
async function awaitedRun(
  ask: AskGraph,
  options: DispatchOptions,
  name: string,
  before: ToldRun | undefined,
): Promise<number> {
  if (!before) return 1;
  if (before.state === 'RETRYING') return before.number;
  const now = (await named(ask, options, name, 1)).runs[0]!;
  // A dead one that is replayed goes on under its number.
  return now.number === before.number && now.endedAt === before.endedAt ? before.number + 1 : now.number;
}

async function whenOver(
  ask: AskGraph,
  options: DispatchOptions,
  { name, number }: { name: string; number: number },
  terminal: Terminal,
): Promise<ToldRun> {
  const untilMs = Date.now() + WAIT_AT_MOST_MS;
  for (;;) {
    const run = (await named(ask, options, name, 5)).runs.find((each) => each.number === number);
    if (run && run.state !== 'RUNNING') {
      terminal.showProgress(undefined);
      return run;
    }
    if (Date.now() > untilMs) throw new ConfigError(`Run ${number} is not over after an hour.`);
    terminal.showProgress(run ? progressOf(run) : `run ${number} is due`);
    await pause(LOOK_EVERY_MS);
  }
}

/** `switchyard dispatch discard`. */
export function runDiscard(name: string, run: number, options: DispatchOptions, terminal: Terminal): Promise<void> {
  return withGraph(options, terminal, async (ask, print) => {
    const { id } = await named(ask, options, name, 1);
    const query = 'mutation ($id: ID!, $run: Int!) { it: discardDispatchRun(id: $id, run: $run) { id name state } }';
    const { it } = await ask<{ it: ToldDispatch }>(query, { id, run });
    print(it, () => `What run ${run} of ${it.name} kept is given up.`);
    return 0;
  });
}

/** `switchyard dispatch events`: what happened, and with `--follow` what happens. */
export function runEvents(options: DispatchOptions, terminal: Terminal): Promise<void> {
  return withGraph(options, terminal, async (ask) => {
    const field = options.all ? 'allEvents' : 'events';
    const query = `query ($after: ID, $first: Int) { dispatches { it: ${field}(after: $after, first: $first) { events { ${EVENT} } endCursor hasMore } } }`;
    const stopping = new AbortController();
    terminal.onStop(() => stopping.abort());
    for (let after: string | null = options.after ?? null; ;) {
      const { dispatches } = await ask<{
        dispatches: { it: { events: ToldEvent[]; endCursor: string | null; hasMore: boolean } };
      }>(query, { after, first: Number(options.limit ?? '100') });
      const { events, endCursor, hasMore } = dispatches.it;
      if (options.json) for (const event of events) terminal.print(JSON.stringify(event));
      else if (events.length > 0) terminal.print(describeEvents(events));
      after = endCursor;
      if (!options.follow || stopping.signal.aborted) return 0;
      if (!hasMore) await pause(LOOK_EVERY_MS);
    }
  });
}

async function named(ask: AskGraph, options: DispatchOptions, name: string, runs: number): Promise<ToldDispatch> {
  const [found] = await listed(ask, options, name, runs);
  if (!found) throw new ConfigError(`There is no dispatch ${name} that you may see.`);
  return found;
}

async function listed(
  ask: AskGraph,
  { all }: DispatchOptions,
  name: string | undefined,
  first: number,
): Promise<ToldDispatch[]> {
  const query = `query ($name: String, $first: Int) {
    dispatches { it: ${all ? 'everything' : 'ofDepartment'}(name: $name) { ${DISPATCH} runs(first: $first) { ${RUN} } } } }`;
  const { dispatches } = await ask<{ dispatches: { it: ToldDispatch[] } }>(query, { name, first });
  return dispatches.it;
}
