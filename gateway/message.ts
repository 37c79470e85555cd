import type { Caller } from './caller.ts';
import type { AnswerError } from './errors.ts';

/** The GraphQL part of a request (GraphQL over HTTP, section 5.1), checked for its types and nothing else. */
export interface RequestParameters {
  query: string;
  operationName?: string | undefined;
  variables?: Readonly<Record<string, unknown>> | undefined;
  extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** A request as plain values: what the stages see of it, whatever brought it here. */
export interface RequestMessage {
  parameters: RequestParameters;
  /** Who asks, and what for. */
  caller: Caller;
  /** Which part of the graph is asked, see the settings' `contracts`. Absent: the whole. */
  contract?: string;
  /** False for requests that must not change anything, such as HTTP GET. */
  mutationsAllowed: boolean;
  /** Absent: the request did not come from outside. */
  client?: ClientFacts;
}

/** What a client says of itself and its request. None of it is proven: it is for whoever watches, and decides nothing. */
export interface ClientFacts {
  /** The request's name in logs and traces: the client's own, where it gave one. */
  readonly requestId: string;
  /** Which program asks, and which version of it. */
  readonly name: string | undefined;
  readonly version: string | undefined;
  /** Which trace the request is part of (W3C Trace Context), as it came. */
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

/** An answer: as plain values, or, where nothing went wrong, as text that only has to be sent. */
export type AnswerMessage = PlainAnswer | TextAnswer;

/** What is sent of an answer, to the byte, whatever media type the client accepts. */
export interface AnswerText {
  text: string;
  /** How its characters become bytes: in `latin1` each is one. */
  encoding: 'latin1' | 'utf8';
}

/** What an answer has that is in the trail. */
interface Recordable {
  /** Absent where it is not recorded. */
  recorded?: {
    /** The request's name in the trail. */
    queryId: string;
    /** What its record has the digest of, and is to be sent. Absent: something was added to the answer afterwards. */
    body?: AnswerText;
  };
}

/** An answer as plain values. */
export interface PlainAnswer extends Recordable {
  /** The status for `application/graphql-response+json`: 200 once execution began, else that of the refusal. */
  httpStatus: number;
  /** Absent when execution never began (GraphQL specification, section 7.1). */
  data?: Record<string, unknown> | null;
  errors?: AnswerError[];
  extensions?: AnswerExtensions;
}

/** An answer whose data are ready to be sent. */
export interface TextAnswer extends Recordable {
  httpStatus: 200;
  /** The answer's `data` as JSON: each character is a byte of its UTF-8, to be written as latin1. */
  dataText: string;
  /** The same list for every answer of the operation to callers of this authority. */
  errors?: readonly AnswerError[];
  extensions?: AnswerExtensions;
}

/** What an answer says beside data and errors, by name (GraphQL specification, section 7.1); it can be written as JSON. */
export type AnswerExtensions = Readonly<Record<string, unknown>>;

/** The answer as plain values, whichever way it came. */
export function toPlainAnswer(answer: AnswerMessage): PlainAnswer {
  if (!('dataText' in answer)) return answer;
  const text = Buffer.from(answer.dataText, 'latin1').toString('utf8');
  const { httpStatus, errors, extensions } = answer;
  return {
    httpStatus,
    data: JSON.parse(text) as Record<string, unknown>,
    ...(errors ? { errors: [...errors] } : {}),
    ...(extensions ? { extensions } : {}),
  };
}
