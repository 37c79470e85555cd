import type { GraphQLSchema } from 'graphql';
import type { Caller, Identity } from '../caller.ts';
import { Deadline } from '../deadline.ts';
import { ERROR_CATALOGUE, type AnswerError, type ErrorCode } from '../errors.ts';
import { toPlainAnswer, type AnswerMessage, type PlainAnswer, type RequestMessage } from '../message.ts';
import type { DispatchDefinition } from './definition.ts';
import type { DeliveredValue } from './delivery.ts';
import type { Reason } from './dispatch.ts';
import type { RowReader } from './row-reader.ts';

/** The graph as a dispatch asks it: like any client, and whichever supergraph is served. */
export interface DispatchGraph {
  handle(request: RequestMessage, deadline: Deadline): Promise<AnswerMessage>;
  /** What clients see of it now. */
  readonly schema: GraphQLSchema;
}

/** What came of asking for a page. */
export type AskedPage =
  /** `count`: items of the list, those that are null included. */
  | { kind: 'rows'; rows: DeliveredValue[][]; count: number; leftOut: readonly Reason[]; masked: readonly string[] }
  | { kind: 'refused'; reason: Reason }
  /** `isLasting`: asking again is of no use. */
  | { kind: 'failed'; reason: Reason; isLasting: boolean };

/** How a dispatch asks the graph. */
export interface Asking {
  graph: DispatchGraph;
  /** Whose authority it goes by. */
  identity: Identity;
  queryGroupId: string;
  timeoutMs: number;
  /** Ends the wait. */
  signal: AbortSignal;
}

/** @param cursor what the page is asked for with; null: the first page. @throws the signal's reason */
export async function askPage(
  definition: DispatchDefinition,
  reader: RowReader,
  { graph, identity, queryGroupId, timeoutMs, signal }: Asking,
  cursor: DeliveredValue,
): Promise<AskedPage> {
  const { operation: query, purpose, legalBasis, consentReference, caseNumber } = definition;
  const caller: Caller = { identity, purpose: { purpose, legalBasis, consentReference, caseNumber, queryGroupId } };
  const parameters = { query, variables: variablesOf(definition, cursor) };
  signal.throwIfAborted();
  const deadline = new Deadline(timeoutMs);
  const end = (): void => deadline.end();
  signal.addEventListener('abort', end, { once: true });
  try {
    const answer = await graph.handle({ parameters, caller, mutationsAllowed: false }, deadline);
    // What was cut short says nothing of the departments.
    signal.throwIfAborted();
    return readPage(toPlainAnswer(answer), definition, reader);
  } finally {
    signal.removeEventListener('abort', end);
    deadline.clear();
  }
}

function variablesOf({ variables, pages }: DispatchDefinition, cursor: DeliveredValue): Record<string, unknown> {
  if (!pages) return variables;
  return { ...variables, [pages.sizeVariable]: pages.size, ...(cursor === null ? {} : { [pages.variable]: cursor }) };
}

function readPage(
  { data, errors = [], extensions }: PlainAnswer,
  { whenRefused, rows: path }: DispatchDefinition,
  reader: RowReader,
): AskedPage {
  const fault = errors.find((error) => !isRefusal(error));
  if (fault) return { kind: 'failed', reason: reasonOf(fault), isLasting: isLasting(fault) };
  const [refusal] = errors;
  const read = refusal && whenRefused === 'STOP' ? undefined : reader.read(data);
  if (read) return { kind: 'rows', ...read, leftOut: distinct(errors.map(reasonOf)), masked: maskedIn(extensions) };
  if (refusal) return { kind: 'refused', reason: reasonOf(refusal) };
  const reason = { code: 'DISPATCH_NO_ROWS', text: `${ERROR_CATALOGUE.DISPATCH_NO_ROWS.text} It is ${path}.` };
  return { kind: 'failed', reason, isLasting: false };
}

/** By a rule, and not because something went wrong. */
function isRefusal({ extensions: { code } }: AnswerError): boolean {
  return code === 'UNAUTHORIZED_FIELD_OR_TYPE' || code === 'CONSENT_REQUIRED';
}

/** Whether the request itself is wrong. */
function isLasting({ extensions: { code } }: AnswerError): boolean {
  const known = Object.hasOwn(ERROR_CATALOGUE, code) ? ERROR_CATALOGUE[code as ErrorCode] : undefined;
  return known !== undefined && known.httpStatus >= 400 && known.httpStatus < 500;
}

function reasonOf({ message, extensions: { code, rule, coordinate } }: AnswerError): Reason {
  const text = typeof coordinate === 'string' ? `${coordinate}: ${message}` : message;
  return { code, text, ...(typeof rule === 'string' ? { rule } : {}) };
}

function distinct(reasons: readonly Reason[]): Reason[] {
  return [...new Map(reasons.map((reason) => [reason.text, reason])).values()];
}

function maskedIn(extensions: PlainAnswer['extensions']): string[] {
  const { masked = [] } = (extensions?.['access'] ?? {}) as { masked?: readonly { coordinate: string }[] };
  return [...new Set(masked.map(({ coordinate }) => coordinate))];
}
