import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-http';
import type { GatewayKeys } from './gateway-keys.ts';
import { ReplayWindow } from './replay-window.ts';
import { executeUnlessRefused } from './refusable-request.ts';
import { requestLimits } from './request-limits.ts';
import { verifyRequest, type UnverifiedRequest, type VerifiedRequest } from './verify-request.ts';

/** Whose requests a department answers, and what it keeps of them. */
export interface SignedRequestOptions {
  /** Public keys of its gateways: nobody else is answered. */
  gatewayKeys: GatewayKeys;
  /** Where the gateway asks this department, as the supergraph or the gateway's settings say it. */
  url: URL;
  /** How long after a request is made it is taken. Default: 60. */
  maxAgeSeconds?: number | undefined;
  /** How far the gateway's clock may be from this one. Default: 5. */
  clockToleranceSeconds?: number | undefined;
  /**
   * Told of each request before it is answered, and of each that is refused: who asks, what for, the digest of the body. The
   * answer waits for what it returns; where it fails there is no answer. Default: nothing is kept.
   */
  log?: ((request: VerifiedRequest | UnverifiedRequest) => void | Promise<void>) | undefined;
}

/** What resolvers find in their context where requests are signed. */
export interface SignedContext {
  signedRequest: VerifiedRequest;
}

export interface GraphqlParts {
  schema: GraphQLSchema;
  /** Made once a request, whose headers it is handed. */
  createContext(headers: IncomingHttpHeaders): Record<string, unknown>;
}

/** Answers one HTTP request. */
export type AnswerHttp = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Requests are read whole before they are believed. */
const MAX_BODY_BYTES = 16_777_216;

/** Answers GraphQL requests that a gateway has signed, and refuses all others with 401 and an error that says why. */
export function answerSigned({ schema, createContext }: GraphqlParts, options: SignedRequestOptions): AnswerHttp {
  const { gatewayKeys, url, maxAgeSeconds = 60, clockToleranceSeconds = 5, log } = options;
  const verifying = { keys: gatewayKeys, maxAgeSeconds, clockToleranceSeconds, replayWindow: new ReplayWindow() };
  const graphql = createHandler<IncomingMessage, SignedContext, Record<string, unknown>>({
    schema,
    validationRules: [requestLimits],
    execute: executeUnlessRefused,
    context: ({ raw, context }) => ({ ...createContext(raw.headers), ...context }),
  });
  const answer: AnswerHttp = async (request, response) => {
    const body = await readBody(request);
    if (!body) return writeError(response, 413, 'PAYLOAD_TOO_LARGE', 'The request body is too large.');
    const { method = '', headers } = request;
    const verified = verifyRequest({ method, url: urlOf(request, url), headers, body }, verifying);
    await log?.(verified);
    if (!verified.ok) return writeError(response, 401, verified.code, verified.message);
    const [text, { status, statusText, headers: answerHeaders }] = await graphql({
      method,
      url: request.url ?? '/',
      headers,
      body: body.toString(),
      raw: request,
      context: { signedRequest: verified },
    });
    response.writeHead(status, statusText, answerHeaders).end(text);
  };
  return async (request, response) => {
    try {
      await answer(request, response);
    } catch (error) {
      // Whoever has gone before the request was whole gets no answer.
      if (request.destroyed && !request.complete) return;
      console.error('A signed request could not be answered.', error);
      writeError(response, 500, 'INTERNAL_SERVER_ERROR', 'Something went wrong in the department.');
    }
  };
}

/** Where the gateway must have sent a request, with what the request has behind the path. */
function urlOf(request: IncomingMessage, { origin, pathname }: URL): string {
  const target = request.url ?? '';
  const query = target.indexOf('?');
  return `${origin}${pathname}${query < 0 ? '' : target.slice(query)}`;
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function writeError(response: ServerResponse, status: number, code: string, message: string): void {
  if (response.headersSent) return;
  // A request that was not read to its end leaves its connection of no use.
  const headers = { 'content-type': 'application/json; charset=utf-8', ...(status === 413 && { connection: 'close' }) };
  response.writeHead(status, headers).end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
