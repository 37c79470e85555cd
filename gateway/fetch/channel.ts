/**
 * A way to one department over HTTP: sends requests, each over a connection of its own for as long as it takes, and hands
 * on what comes back as it comes. It keeps no time; whoever asks gives up by {@link Underway.abort}.
 */
export interface Channel {
  /**
   * Sends a POST with a JSON body, at once or when a connection is free.
   * @param headers what this request says of itself beside {@link REQUEST_HEADERS}, names in lower case. Those that
   *   {@link refuseHeaders} finds wrong are the receiver's error, and nothing is sent. Default: none
   */
  send(body: string, receiver: Receiver, headers?: ExtraHeaders): void;
  /** Takes no more requests, lets those under way finish, then closes every connection. */
  close(): Promise<void>;
}

/** Whom a channel tells what comes back. After {@link onEnd} or {@link onError} it is told nothing more. */
export interface Receiver {
  /** Whether nobody wants the answer any more: then nothing is sent. */
  readonly isOver: boolean;
  /** When the answer has to be there, in milliseconds of `performance.now()`; the department is told how long that is, if it is to be. */
  readonly endsAtMs: number;
  /** The request has a connection. */
  onStart(underway: Underway): void;
  onHead(httpStatus: number, fields: AnswerFields): void;
  /** A part of the body, a character for each byte. */
  onBytes(bytes: string, isAscii: boolean): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** What is looked at of an answer's header. */
export interface AnswerFields {
  readonly cacheControl: string | undefined;
  /** Seconds that a cache has had the answer (RFC 9111, section 5.1). */
  readonly age: string | undefined;
  readonly retryAfter: string | undefined;
}

/** A request that has a connection. */
export interface Underway {
  /** Gives it up; its receiver is told nothing more, and its connection is closed. */
  abort(): void;
}

/** Header fields of one request, by their names in lower case. */
export type ExtraHeaders = Readonly<Record<string, string>>;

/** Where a channel leads. */
export interface ChannelOptions {
  url: URL;
  maxConnections: number;
  /** The header that tells how many milliseconds are left for the answer. Absent: none does. */
  timeoutHeader?: string | undefined;
}

/** What every request says of itself. */
export const REQUEST_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/graphql-response+json, application/json',
};

/** A request that was not tried to be sent; the department has no part in it. */
export class UnsentError extends Error {
  override name = 'UnsentError';
}

/** How many milliseconds are left until then, as it is told: whole ones, one at least. */
export function millisecondsLeft(endsAtMs: number): number {
  return Math.max(1, Math.floor(endsAtMs - performance.now()));
}

/** The fields that say where a message goes and where it ends, and those that every request has. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'keep-alive', 'upgrade', 'expect', 'te', 'trailer'],
  ...['content-length', 'transfer-encoding', ...Object.keys(REQUEST_HEADERS)],
]);
const FIELD_NAME = /^[a-z0-9-]+$/;
/** Less than HTTP allows: what is beyond ASCII is read differently by different servers. */
const FIELD_VALUE = /^[\x20-\x7e]*$/;

/**
 * Says what is wrong with headers, undefined where nothing is. A value that could end its line, or a second field that says
 * where the body ends, would let whoever chose it write a request of their own.
 */
export function refuseHeaders(headers: ExtraHeaders): UnsentError | undefined {
  for (const name in headers) {
    if (!FIELD_NAME.test(name) || OWN_FIELDS.has(name))
      return new UnsentError(`a request cannot be given the header ${JSON.stringify(name)}`);
    if (!FIELD_VALUE.test(headers[name]!))
      return new UnsentError(`the header ${name} has a character that is not plain ASCII`);
  }
  return undefined;
}
