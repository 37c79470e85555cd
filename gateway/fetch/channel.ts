/**
 * A way to one department over HTTP: sends requests, each over a connection of its own for as long as it takes, and hands
 * on what comes back as it comes. It keeps no time; whoever asks gives up by {@link Underway.abort}.
 */
export interface Channel {
  /** Sends a POST with a JSON body, at once or when a connection is free. */
  send(body: string, receiver: Receiver): void;
  /** Takes no more requests, lets those under way finish, then closes every connection. */
  close(): Promise<void>;
}

/** Whom a channel tells what comes back. After {@link onEnd} or {@link onError} it is told nothing more. */
export interface Receiver {
  /** Whether nobody wants the answer any more: then nothing is sent. */
  readonly isOver: boolean;
  /** The request has a connection. */
  onStart(underway: Underway): void;
  onHead(httpStatus: number, cacheControl: string | undefined): void;
  /** A part of the body, a character for each byte. */
  onBytes(bytes: string, isAscii: boolean): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** A request that has a connection. */
export interface Underway {
  /** Gives it up; its receiver is told nothing more, and its connection is closed. */
  abort(): void;
}

/** Where a channel leads. */
export interface ChannelOptions {
  url: URL;
  maxConnections: number;
}

/** What every request says of itself. */
export const REQUEST_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/graphql-response+json, application/json',
};
