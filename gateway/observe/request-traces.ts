import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { parseTraceParent, TraceState } from '@opentelemetry/core';
import { errorCodes } from '../errors.ts';
import type { ClientFacts } from '../message.ts';
import type { EnteredStage, ObservedFetch, ObservedRequest, RequestObserver } from './observed-request.ts';
import { outcomeOf } from './outcome.ts';

/** A `tracestate` that is longer is not handed on (W3C Trace Context, section 3.3.1.5). */
const MAX_TRACESTATE_CHARACTERS = 512;

/** What is known of a request's trace while it is under way. */
interface Traced {
  readonly span: Span;
  /** In which what is below the request's span begins. */
  readonly context: Context;
  /** The stage that asks departments; begun by its first fetch, which needs to be below it. */
  execute: { span: Span; context: Context } | undefined;
  readonly fetches: Map<ObservedFetch, Span>;
  /** For all fetches of a request that is not traced: departments are told so. */
  readonly headers: Readonly<Record<string, string>> | undefined;
}

/**
 * Makes a span of each request, with one for each stage below it, and below execution one for each fetch, which the department is told by
 * `traceparent` and `tracestate`. Spans have names, codes and counts, never a variable, a value or the operation's text.
 */
export class RequestTraces implements RequestObserver {
  readonly #tracer: Tracer;
  readonly #joinsClients: boolean;
  readonly #traced = new WeakMap<ObservedRequest, Traced>();

  /** @param joinsClients whether requests belong to the trace that they name */
  constructor(tracer: Tracer, joinsClients: boolean) {
    this.#tracer = tracer;
    this.#joinsClients = joinsClients;
  }

  began(request: ObservedRequest): void {
    const { client } = request.message;
    const parent = client && this.#joinsClients ? contextOf(client) : ROOT_CONTEXT;
    const options = { kind: SpanKind.SERVER, startTime: timeOf(request.beganMs) };
    const span = this.#tracer.startSpan('request', options, parent);
    const headers = span.isRecording() ? undefined : headersOf(span);
    const context = headers ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span);
    this.#traced.set(request, { span, context, execute: undefined, fetches: new Map(), headers });
  }

  fetchBegins(request: ObservedRequest, fetch: ObservedFetch): Readonly<Record<string, string>> | undefined {
    const traced = this.#traced.get(request);
    if (!traced || traced.headers) return traced?.headers;
    traced.execute ??= this.#beginStage(
      traced,
      request.stages.findLast(({ stage }) => stage === 'execute')!,
    );
    const options = { kind: SpanKind.CLIENT, startTime: timeOf(fetch.beganMs) };
    const span = this.#tracer.startSpan(fetch.request.template.service, options, traced.execute.context);
    traced.fetches.set(fetch, span);
    return headersOf(span);
  }

  ended(request: ObservedRequest): void {
    const traced = this.#traced.get(request);
    if (!traced || traced.headers) return;
    for (const [fetch, span] of traced.fetches) endFetch(span, fetch, request.endedMs);
    request.stages.forEach((entered, index) => {
      const isExecute = entered.stage === 'execute' && traced.execute;
      const { span } = isExecute || this.#beginStage(traced, entered);
      span.end(timeOf(request.stages[index + 1]?.beganMs ?? request.endedMs));
    });
    endRequest(traced.span, request);
  }

  #beginStage({ context }: Traced, { stage, beganMs }: EnteredStage): NonNullable<Traced['execute']> {
    const span = this.#tracer.startSpan(stage, { startTime: timeOf(beganMs) }, context);
    return { span, context: trace.setSpan(ROOT_CONTEXT, span) };
  }
}

/** A time of `performance.now()` as one since 1970, in milliseconds. */
function timeOf(ms: number): number {
  return performance.timeOrigin + ms;
}

/** The trace that a client's request is part of; none where what it says of that cannot be read. */
function contextOf({ traceparent, tracestate }: ClientFacts): Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  if (!parent) return ROOT_CONTEXT;
  const isShort = tracestate !== undefined && tracestate.length <= MAX_TRACESTATE_CHARACTERS;
  const state = isShort ? { traceState: new TraceState(tracestate) } : {};
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, ...state, isRemote: true });
}

/** What a department is sent of a span (W3C Trace Context, section 3). */
function headersOf(span: Span): Record<string, string> {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const state = traceState?.serialize();
  return {
    traceparent: `00-${traceId}-${spanId}-0${(traceFlags & 1).toString()}`,
    ...(state && { tracestate: state }),
  };
}

function endFetch(span: Span, fetch: ObservedFetch, requestEndedMs: number): void {
  const { request, answer, errorCode, endedMs, rows, remembered } = fetch;
  // One that is still under way was given up with its request.
  const code = errorCode ?? (answer ? undefined : 'REQUEST_TIMEOUT');
  span.setAttributes({
    'switchyard.department': request.template.service,
    'switchyard.rows': rows,
    'switchyard.remembered_rows': remembered,
    ...(answer && { 'http.response.status_code': answer.httpStatus }),
    ...(code && { 'error.type': code }),
  });
  if (code) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(timeOf(endedMs ?? requestEndedMs));
}

function endRequest(span: Span, { message: { client }, operation, answer, endedMs }: ObservedRequest): void {
  const { httpStatus, errors } = answer!;
  const outcome = outcomeOf(answer!);
  const type = operation?.operation.operation;
  // https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/
  const attributes: Attributes = {
    'switchyard.outcome': outcome,
    'http.response.status_code': httpStatus,
    ...(type && { 'graphql.operation.type': type }),
    ...(operation?.name !== undefined && { 'graphql.operation.name': operation.name }),
    ...(operation && { 'switchyard.operation_hash': operation.textHash }),
    ...(client && { 'switchyard.request_id': client.requestId }),
    ...(client?.name !== undefined && { 'switchyard.client': client.name }),
    ...(errors && errors.length > 0 && { 'switchyard.error_codes': errorCodes(errors) }),
  };
  span.setAttributes(attributes);
  if (type) span.updateName([type, operation.name].filter((part) => part !== undefined).join(' '));
  if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(timeOf(endedMs));
}
