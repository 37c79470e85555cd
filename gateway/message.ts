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
  /** False for requests that must not change anything, such as HTTP GET. */
  mutationsAllowed: boolean;
}

/** An answer as plain values. */
export interface AnswerMessage {
  /** The status for `application/graphql-response+json`: 200 once execution began, else that of the refusal. */
  httpStatus: number;
  /** Absent when execution never began (GraphQL specification, section 7.1). */
  data?: Record<string, unknown> | null;
  errors?: AnswerError[];
}
