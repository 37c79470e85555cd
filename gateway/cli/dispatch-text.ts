import { colors } from './colors.ts';
import { table } from './table.ts';

/** Why something is not as it should be, as the graph tells it. */
export interface ToldReason {
  code: string;
  text: string;
  rule: string | null;
}

/** A run as the graph tells it. */
export interface ToldRun {
  number: number;
  state: string;
  reason: string;
  isFull: boolean;
  dueAt: string;
  beganAt: string;
  endedAt: string | null;
  attempt: number;
  retryAt: string | null;
  why: ToldReason | null;
  rows: number;
  rowsRead: number;
  removed: number;
  parts: number;
  partsTaken: number;
  queryGroupId: string;
}

/** A dispatch as the graph tells it. */
export interface ToldDispatch {
  id: string;
  name: string;
  title: string | null;
  state: string;
  stateReason: ToldReason | null;
  recipient: string;
  receiver: string | null;
  department: string | null;
  purpose: string;
  legalBasis: string;
  caseNumber: string | null;
  content: string;
  whenRefused: string;
  trigger: { cron: string | null; timeZone: string; everyMs: string | null; onChangeOf: string[]; settleMs: number };
  expiresAt: string | null;
  revision: number;
  madeBy: string;
  madeAt: string;
  nextRunAt: string | null;
  operation: string;
  variables: string;
  runs: ToldRun[];
}

/** What a dispatch would give, as the graph tells it. */
export interface ToldPreview {
  dispatch: { name: string; state: string };
  columns: { name: string; type: string }[];
  rows: (string | null)[][];
  rowsOnPage: number;
  refusals: ToldReason[];
  masked: string[];
}

/** Something that happened, as the graph tells it. */
export interface ToldEvent {
  cursor: string;
  kind: string;
  at: string;
  name: string;
  recipient: string;
  by: string | null;
  run: number | null;
  rows: number | null;
  removed: number | null;
  retryAt: string | null;
  why: ToldReason | null;
}

const GOOD = new Set(['ACTIVE', 'DELIVERED', 'UNCHANGED', 'READY', 'ACTIVATED', 'RESUMED']);
const BAD = new Set(['STOPPED', 'REFUSED', 'DEAD', 'EXPIRED']);

function painted(state: string): string {
  if (GOOD.has(state)) return colors.green(state);
  return BAD.has(state) ? colors.red(state) : colors.yellow(state);
}

/** Dispatches, for people. */
export function describeDispatches(dispatches: readonly ToldDispatch[]): string {
  if (dispatches.length === 0) return 'There is no dispatch that you may see.';
  const rows = dispatches.map((each) => [
    each.name,
    painted(each.state),
    each.recipient,
    triggerOf(each.trigger),
    each.runs[0] ? `${each.runs[0].number} ${painted(each.runs[0].state)}` : '-',
    timeOf(each.nextRunAt),
  ]);
  return table([['name', 'state', 'recipient', 'runs', 'last run', 'next run (UTC)'], ...rows]).join('\n');
}

/** One dispatch with its runs, for people. */
export function describeDispatch(dispatch: ToldDispatch): string {
  const { name, title, state, stateReason, operation, runs } = dispatch;
  const facts = [
    ['recipient', `${dispatch.recipient}, department ${dispatch.department ?? '-'}`],
    ['goes to', dispatch.receiver ?? 'nowhere: the settings have no such recipient any more'],
    ['purpose', [dispatch.purpose, dispatch.legalBasis, dispatch.caseNumber].filter(Boolean).join('; ')],
    ['gives', `${dispatch.content === 'FULL' ? 'everything' : 'what changed'}; refused: ${dispatch.whenRefused}`],
    ['runs', triggerOf(dispatch.trigger)],
    ['next run', timeOf(dispatch.nextRunAt)],
    ['expires', timeOf(dispatch.expiresAt)],
    ['made by', `${dispatch.madeBy}, ${timeOf(dispatch.madeAt)}, revision ${dispatch.revision}`],
    ['variables', dispatch.variables],
  ];
  return [
    `${colors.bold(name)} ${painted(state)}${title === null ? '' : ` ${title}`}`,
    ...(stateReason ? [colors.red(reasonText(stateReason))] : []),
    table(facts).join('\n'),
    operation.trim(),
    describeRuns(runs),
  ].join('\n\n');
}

/** Runs, for people. */
export function describeRuns(runs: readonly ToldRun[]): string {
  if (runs.length === 0) return 'It has not run yet.';
  const rows = runs.map((run) => [
    String(run.number),
    painted(run.state),
    run.reason.toLowerCase(),
    run.isFull ? 'all' : 'changes',
    String(run.rows),
    String(run.removed),
    `${run.partsTaken}/${run.parts}`,
    timeOf(run.beganAt),
    tookOf(run),
    String(run.attempt),
    run.why ? reasonText(run.why) : '',
  ]);
  const head = ['run', 'state', 'by', 'gives', 'rows', 'removed', 'parts', 'began (UTC)', 'took', 'tries', 'why'];
  return table([head, ...rows], new Set([0, 4, 5, 6, 8, 9])).join('\n');
}

/** How a run ended, or stands, in a line. */
export function describeRun(run: ToldRun): string {
  const { number, state, rows, removed, parts, why, retryAt } = run;
  const what: Record<string, string> = {
    DELIVERED: `${rows} rows and ${removed} that are no more, in ${parts} ${parts === 1 ? 'part' : 'parts'}`,
    UNCHANGED: 'nothing has changed, and nothing was delivered',
    RETRYING: `tried again at ${timeOf(retryAt)}`,
  };
  const said = [what[state], why ? reasonText(why) : undefined].filter((text) => text !== undefined);
  return `run ${number} ${painted(state)}: ${said.join(': ')}`;
}

/** What is being done, for the line of progress. */
export function progressOf({ number, parts, partsTaken, rows, attempt }: ToldRun): string {
  const tries = attempt > 1 ? ` (try ${attempt})` : '';
  if (parts === 0) return `run ${number}${tries}: asking`;
  return `run ${number}${tries}: ${rows} rows, part ${partsTaken + 1} of ${parts}`;
}

/** What a dispatch would give, for people. */
export function describePreview({ dispatch, columns, rows, rowsOnPage, refusals, masked }: ToldPreview): string {
  const cells = rows.map((row) => row.map((value) => value ?? colors.dim('null')));
  const names = columns.map(({ name }) => colors.bold(name));
  const more = rowsOnPage > rows.length ? `${rowsOnPage - rows.length} more on the first page` : '';
  return [
    ...refusals.map((reason) => `${colors.red('refused')} ${reasonText(reason)}`),
    ...(masked.length > 0 ? [`given masked: ${masked.join(', ')}`] : []),
    rows.length > 0 ? table([names, ...cells]).join('\n') : 'No rows.',
    ...(more === '' ? [] : [more]),
    `${dispatch.name} is ${painted(dispatch.state)}; nothing was delivered.`,
  ].join('\n\n');
}

/** What happened, a line each. */
export function describeEvents(events: readonly ToldEvent[]): string {
  const rows = events.map((event) => [
    event.cursor,
    timeOf(event.at),
    event.name,
    event.run === null ? '' : String(event.run),
    painted(event.kind),
    event.by ?? '',
    detailOf(event),
  ]);
  return table(rows, new Set([0, 3])).join('\n');
}

function detailOf({ rows, removed, why, retryAt }: ToldEvent): string {
  const given = rows === null ? '' : `${rows} rows, ${removed ?? 0} removed`;
  const again = retryAt === null ? '' : `again at ${timeOf(retryAt)}`;
  return [given, again, why ? reasonText(why) : ''].filter((text) => text !== '').join('; ');
}

function reasonText({ code, text, rule }: ToldReason): string {
  return `${code}${rule === null ? '' : ` by rule ${rule}`}: ${text}`;
}

function triggerOf({ cron, timeZone, everyMs, onChangeOf }: ToldDispatch['trigger']): string {
  const ways = [
    ...(cron === null ? [] : [`${cron} ${timeZone}`]),
    ...(everyMs === null ? [] : [`every ${Number(everyMs) / 1_000} s`]),
    ...(onChangeOf.length === 0 ? [] : [`on change of ${onChangeOf.join(', ')}`]),
  ];
  return ways.length > 0 ? ways.join('; ') : 'by hand';
}

function tookOf({ beganAt, endedAt }: ToldRun): string {
  return endedAt === null ? '-' : `${((Date.parse(endedAt) - Date.parse(beganAt)) / 1_000).toFixed(1)} s`;
}

function timeOf(time: string | null): string {
  return time === null ? '-' : time.replace('T', ' ').slice(0, 19);
}
