import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ClientFacts } from '../message.ts';

/** Names a request, in both directions: what a client sends is taken over where it is fit to stand in a log. */
export const REQUEST_ID_HEADER = 'x-request-id';

const REQUEST_ID = /^[\w.:/+=@-]{1,128}$/;
/** Plain ASCII, and nothing that ends a line or a column. */
const CLIENT_TEXT = /^[\w.:/+=@()[\]-][\w.:/+=@()[\] -]{0,99}$/;

/** The name of a request: its own, or one that is made. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** What a client says of itself by the headers that clients have for it. */
export function clientFacts({ id, headers }: { id: string; headers: IncomingMessage['headers'] }): ClientFacts {
  return {
    requestId: id,
    name: clientText(headers['apollographql-client-name'] ?? headers['graphql-client-name']),
    version: clientText(headers['apollographql-client-version'] ?? headers['graphql-client-version']),
    traceparent: oneText(headers['traceparent']),
    tracestate: oneText(headers['tracestate']),
  };
}

function clientText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && CLIENT_TEXT.test(value) ? value : undefined;
}

function oneText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
