/** Errors of a connection that was never there: nothing was sent over it. */
const NOT_CONNECTED: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'],
]);
/** Errors of a connection that ended before the answer did. */
const CUT_OFF: ReadonlySet<unknown> = new Set([
  ...['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'CONNECTION_CLOSED', 'UND_ERR_SOCKET'],
]);

/** Whether a department was not reached at all, so that it cannot have done anything. */
export function isNeverSent(error: Error): boolean {
  return NOT_CONNECTED.has((error as NodeJS.ErrnoException).code);
}

/** Whether it is the connection that failed, and not what was said over it. */
export function isConnectionFault(error: Error): boolean {
  return isNeverSent(error) || CUT_OFF.has((error as NodeJS.ErrnoException).code);
}

/** Whether a department, or who stands before it, says that it cannot answer now (RFC 9110, sections 15.6.3 to 15.6.5). */
export function isUnavailable(httpStatus: number): boolean {
  return httpStatus >= 502 && httpStatus <= 504;
}

/** Whether an answer is none: the department, or who stands before it, broke; what a GraphQL server says of an error is JSON. */
export function isBreakdown(httpStatus: number, bytes: string): boolean {
  return isUnavailable(httpStatus) || (httpStatus >= 500 && !bytes.startsWith('{'));
}

/** Whether an answer says that it was too much (RFC 6585, section 4; RFC 9110, section 15.6.4). */
export function isTooMuch(httpStatus: number): boolean {
  return httpStatus === 429 || httpStatus === 503 || httpStatus === 504;
}

/** How long to wait by an answer's `retry-after`, seconds or a date (RFC 9110, section 10.2.3); 0 where it does not say. */
export function retryAfterMs(value: string | undefined): number {
  if (value === undefined) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const untilMs = Date.parse(value);
  return Number.isNaN(untilMs) ? 0 : Math.max(0, untilMs - Date.now());
}

/**
 * How long to wait before asking again: anything up to a bound that doubles each time, so that those who failed together do not
 * come back together.
 * @param nth the first time: 1
 */
export function backoffMs(baseMs: number, nth: number): number {
  return Math.random() * baseMs * 2 ** (nth - 1);
}
