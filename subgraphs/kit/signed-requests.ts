import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-http';
import type { GatewayKeys } from './gateway-keys.ts';
import { readBody, sentUrl, writeError, type AnswerHttp } from './http-exchange.ts';
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
    const body = await readBody(request, MAX_BODY_BYTES);
    if (!body) return writeError(response, 413, 'PAYLOAD_TOO_LARGE', 'The request body is too large.');
    const { method = '', headers } = request;
    const verified = verifyRequest({ method, url: sentUrl(request, url), headers, body }, verifying);
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
