import type { Deadline } from '../deadline.ts';
import { GatewayFault, type ErrorCode } from '../errors.ts';
import type { Fetcher, SubgraphAnswer, SubgraphRequest } from '../execute/fetcher.ts';
import { Recording } from '../execute/recording.ts';
import { readResponse } from '../execute/response.ts';
import type { Gateway, ReadyRequest } from '../gateway.ts';
import type { AnswerMessage, RequestMessage } from '../message.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import { explainPlan, type PlanExplanation } from './explain-plan.ts';
import { answerFromKnown } from './known-entities.ts';
import { findFetch, listFetches, type PlannedFetch } from './planned-fetches.ts';
import { RequestLog, type LoggedRequest } from './request-log.ts';
import { countSharing, type FetchSharing } from './sharing.ts';

/** How a request was answered. */
export interface RunExplanation {
  /** A program, or the plain way. */
  answeredBy: 'program' | 'plain';
  /** Why the plain way. */
  because?: string;
  timings: Timings;
  /** One for each fetch of entities. */
  sharing: FetchSharing[];
  /** The answer's own size, without what explains it. */
  answerBytes: number;
}

export interface Timings {
  /** Until the operation was checked, planned and compiled, which for one that is known is at once. */
  readyMs: number;
  /** Until the answer was there. */
  totalMs: number;
  /** In the order in which they began. */
  requests: ExplainedRequest[];
}

/** One request to a department. */
export interface ExplainedRequest {
  /** The fetch it was for, by number. */
  fetch: number;
  service: string;
  /** From the beginning of the whole request. */
  beganMs: number;
  tookMs: number;
  /** Sizes of the bodies. */
  bytesOut: number;
  bytesIn: number;
  /** Entities it asked for; 0 where it asked for root fields. */
  representations: number;
  /** Absent where there was no answer. */
  httpStatus?: number;
  /** Why there was no answer. */
  error?: { code: ErrorCode; detail: string };
}

/** What running a request to explain it needs. */
export interface ExplainParts {
  gateway: Gateway;
  supergraph: ServedSupergraph;
  /** Asks departments. */
  fetch: Fetcher;
  /** Puts a cache before a fetcher, where the gateway has one. Default: none. */
  remembering?: (fetch: Fetcher) => Fetcher;
}

/** A request that was answered, and how. */
export interface ExplainedAnswer {
  answer: AnswerMessage;
  /** Made when it is called for; undefined where nothing was run, because the request was refused. */
  explain(): Promise<(PlanExplanation & RunExplanation) | undefined>;
}

/** Answers a request as the gateway does for anyone, and writes down what happens. Never throws, but `explain` may. */
export async function runExplained(
  { gateway, supergraph, fetch, remembering = (fetcher) => fetcher }: ExplainParts,
  message: RequestMessage,
  deadline: Deadline,
): Promise<ExplainedAnswer> {
  const log = new RequestLog();
  const wanted = new RequestLog();
  let isAnswered = false;
  const ask = wanted.watch(remembering(log.watch(fetch)));
  const recording = new Recording((request, end) => (isAnswered ? answerLater(request) : ask(request, end)));
  const answerLater = async (request: SubgraphRequest): Promise<SubgraphAnswer> => {
    if (!request.template.isEntityFetch) throw notAskedAgain();
    return answerFromKnown(request, wanted.requests);
  };
  let ready: (ReadyRequest & { readyMs: number }) | undefined;
  const answer = await gateway.handle(message, deadline, recording.record, (what) => {
    ready = { ...what, readyMs: log.elapsedMs() };
  });
  isAnswered = true;
  const totalMs = log.elapsedMs();
  return {
    answer,
    async explain() {
      if (!ready) return undefined;
      const { plan, variables, access, readyMs } = ready;
      const explained = explainPlan({ ...ready, supergraph });
      const fetches = listFetches(plan, variables);
      const sharing = await countSharing({
        plan,
        fetches,
        supergraph,
        replay: { variables, caller: message.caller, deadline, fetcher: recording.replay },
        access,
        wanted: wanted.requests.map(({ request }) => request),
        asked: log.requests.map(({ request }) => request),
      });
      const requests = explainRequests(log.requests, fetches);
      return {
        ...explained,
        ...wayOf(answer, ready, explained, wanted.requests),
        timings: { readyMs: rounded(readyMs), totalMs: rounded(totalMs), requests },
        sharing,
        answerBytes: sizeOf(answer),
      };
    },
  };
}

function notAskedAgain(): GatewayFault {
  return new GatewayFault('SUBREQUEST_HTTP_ERROR', 'Nothing is asked of departments to explain an answer.');
}

function explainRequests(requests: readonly LoggedRequest[], fetches: readonly PlannedFetch[]): ExplainedRequest[] {
  const inOrder = requests.toSorted((one, other) => one.beganMs - other.beganMs);
  return inOrder.map(({ request, beganMs, tookMs, bytesOut, bytesIn, answer, fault }) => ({
    fetch: findFetch(fetches, request.template)!.number,
    service: request.template.service,
    beganMs: rounded(beganMs),
    tookMs: rounded(tookMs),
    bytesOut,
    bytesIn,
    representations: request.representations.length,
    ...(answer ? { httpStatus: answer.httpStatus } : {}),
    ...(fault ? { error: fault } : {}),
  }));
}

/** Which of the two ways gave the answer, and why where it is the slower one. */
function wayOf(
  answer: AnswerMessage,
  { hasProgram }: ReadyRequest,
  { program }: PlanExplanation,
  asked: readonly LoggedRequest[],
): Pick<RunExplanation, 'answeredBy' | 'because'> {
  if ('dataText' in answer) return { answeredBy: 'program' };
  if ('runsPlainBecause' in program) return { answeredBy: 'plain', because: program.runsPlainBecause };
  if (!hasProgram) return { answeredBy: 'plain', because: 'the gateway makes no programs' };
  const unusual = asked.flatMap(whatIsUnusual);
  return {
    answeredBy: 'plain',
    because: unusual[0] ?? 'an answer had a form that programs are not made for, now or in most requests before',
  };
}

function whatIsUnusual({ request, answer, fault }: LoggedRequest): string[] {
  const { service } = request.template;
  if (!answer) return [`${service} gave no answer: ${fault?.code}`];
  try {
    return readResponse(answer, service).errors.length > 0 ? [`${service} reported errors`] : [];
  } catch {
    return [`${service} gave an answer that is not GraphQL`];
  }
}

function sizeOf(answer: AnswerMessage): number {
  if ('dataText' in answer) return `{"data":${answer.dataText}}`.length;
  const { errors, data } = answer;
  return Buffer.byteLength(JSON.stringify({ errors, data }));
}

/** Microseconds are as much as the clock is good for. */
function rounded(durationMs: number): number {
  return Math.round(durationMs * 1_000) / 1_000;
}
