import { prettyFormatQueryPlan } from '@apollo/query-planner';
import type { AnswerError } from '../errors.ts';
import type { ExplainedFetch, PlanExplanation } from '../explain/explain-plan.ts';
import type { ExplainedRequest, RunExplanation, Timings } from '../explain/explain-run.ts';
import type { FieldOrigin } from '../explain/field-origins.ts';
import type { HandedIn } from '../explain/handed-in.ts';
import { colors } from './colors.ts';
import { table } from './table.ts';

/** What there is to know of an operation before it runs, to be read. */
export function describePlan(
  { name, fingerprint, plan, fetches, fields, program }: PlanExplanation,
  withCode: boolean,
): string {
  return [
    `${colors.bold(name ?? '(unnamed)')}  ${colors.dim(fingerprint)}`,
    heading('Plan'),
    prettyFormatQueryPlan(plan),
    heading('Fetches'),
    ...fetches.flatMap(describeFetch),
    heading('Fields'),
    ...table([FIELD_COLUMNS.map((column) => colors.dim(column)), ...fields.map(fieldRow)]),
    heading('Program'),
    ...describeProgram(program, withCode),
  ].join('\n');
}

/** What happened when it was run, to be read. */
export function describeRun(
  { fetches }: PlanExplanation,
  { answeredBy, because, timings, sharing, answerBytes, errors }: RunExplanation & { errors: readonly AnswerError[] },
): string {
  const sharingOf = new Map(sharing.map((each) => [each.fetch, each]));
  const rows = timings.requests.map((request) => [
    ...requestCells(request, sharingOf.get(request.fetch)?.shared),
    ...(colors.isColorSupported ? [waterfall(request, timings)] : []),
  ]);
  const asked = new Set(timings.requests.map(({ fetch }) => fetch));
  const unasked = fetches.filter(({ number }) => !asked.has(number));
  return [
    heading('Run'),
    ...table([REQUEST_COLUMNS.map((column) => colors.dim(column)), ...rows], RIGHT_ALIGNED),
    ...unasked.map((fetch) => describeUnasked(fetch, sharingOf.get(fetch.number)?.shared ?? 0)),
    ...timings.requests.flatMap(({ service, error }) => (error ? [colors.red(`${service}: ${error.detail}`)] : [])),
    '',
    `total ${milliseconds(timings.totalMs)}, of which ${milliseconds(timings.readyMs)} until it was planned and compiled`,
    `answered by ${answeredBy === 'program' ? 'the program' : `the plain way: ${because}`}`,
    `answer of ${bytes(answerBytes)}, ${errors.length === 0 ? 'no errors' : colors.red(`errors: ${errors.length}`)}`,
    ...errors.map(({ message, path = [] }) => `  ${path.join('.') || '(no place)'}  ${message}`),
  ].join('\n');
}

function heading(text: string): string {
  return `\n${colors.bold(text)}`;
}

function describeFetch({ number, service, path, sharesWith, handsIn, query }: ExplainedFetch): string[] {
  const shared = sharesWith === undefined ? '' : colors.dim(`  shares results with ${sharesWith}`);
  return [
    `${String(number).padStart(3)}  ${colors.cyan(service)}  ${path || '(root)'}${shared}`,
    ...handsIn.map((each) => `     ${describeHandedIn(each)}`),
    `     ${colors.dim(query)}`,
  ];
}

function describeHandedIn({ type, as, keys, required }: HandedIn): string {
  const fields = [
    ...(keys.length > 0 ? [`by ${keys.join(', ')}`] : []),
    ...(required.length > 0 ? [`with ${required.join(', ')}`] : []),
  ];
  return `hands in ${type}${as === undefined ? '' : ` as ${as}`} ${fields.join('; ')}`;
}

const FIELD_COLUMNS = ['  field', 'subgraph and fetch'];

function fieldRow({ path, types, from, byGateway }: FieldOrigin): string[] {
  const ofTypes = types ? colors.dim(` (${types.join(', ')})`) : '';
  return [
    `  ${path}${ofTypes}`,
    from.map(({ service, fetch }) => `${colors.cyan(service)} ${fetch}`).join(', ') ||
      colors.dim(byGateway ? 'the gateway itself' : 'nobody'),
  ];
}

function describeProgram(program: PlanExplanation['program'], withCode: boolean): string[] {
  if ('runsPlainBecause' in program) return [`none: ${program.runsPlainBecause}; it is run the plain way`];
  const { source } = program;
  return [`${source.split('\n').length} lines${withCode ? '' : '; --code prints them'}`, ...(withCode ? [source] : [])];
}

const REQUEST_COLUMNS = ['fetch', 'subgraph', 'began', 'took', 'out', 'in', 'asked', 'shared', 'status'];
const RIGHT_ALIGNED = new Set([0, 2, 3, 4, 5, 6, 7]);

function requestCells(
  { fetch, service, beganMs, tookMs, bytesOut, bytesIn, representations, httpStatus, error }: ExplainedRequest,
  shared: number | undefined,
): string[] {
  return [
    String(fetch),
    colors.cyan(service),
    milliseconds(beganMs),
    milliseconds(tookMs),
    bytes(bytesOut),
    bytes(bytesIn),
    // Root fields are not asked for by representations.
    shared === undefined ? '' : String(representations),
    shared === undefined ? '' : String(shared),
    error ? colors.red(error.code) : String(httpStatus),
  ];
}

function describeUnasked({ number, service }: ExplainedFetch, shared: number): string {
  const why = shared > 0 ? `another fetch asked all it needed (${shared} shared)` : 'there was nothing to ask for';
  return colors.dim(`fetch ${number} asked ${service} nothing: ${why}`);
}

/** Characters that the whole of a run is wide, from when there was a plan. */
const WATERFALL_WIDTH = 40;

function waterfall({ beganMs, tookMs }: ExplainedRequest, { readyMs, totalMs }: Timings): string {
  const scale = WATERFALL_WIDTH / (totalMs - readyMs);
  const start = Math.min(Math.floor((beganMs - readyMs) * scale), WATERFALL_WIDTH - 1);
  const length = Math.max(1, Math.min(Math.round(tookMs * scale), WATERFALL_WIDTH - start));
  return `${' '.repeat(start)}${colors.green('█'.repeat(length))}`;
}

function milliseconds(durationMs: number): string {
  return `${durationMs.toFixed(1)} ms`;
}

function bytes(count: number): string {
  return count < 1_000 ? `${count} B` : `${(count / 1_000).toFixed(1)} kB`;
}
