import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerError, ERROR_CATALOGUE, GatewayFault, type ErrorCode } from '../errors.ts';
import type { IsSecret } from './secret.ts';
import type { AddRoutes } from './server.ts';

/** Where remembered answers are invalidated, as by Apollo Router. */
const INVALIDATION_PATH = '/invalidation';

export interface InvalidationRouteOptions {
  /** Whether the header `authorization` is that of somebody who may. */
  isSecret: IsSecret;
  /**
   * Invalidates, and gives how many invalidations there were, or what is wrong with the message.
   * @throws GatewayFault INVALIDATION_UNAVAILABLE
   */
  invalidate(message: unknown): Promise<{ ok: true; count: number } | { ok: false; problem: string }>;
}

/**
 * Invalidates what is remembered: `POST /invalidation` with a list such as `[{"kind":"type","subgraph":"tax","type":"Taxpayer"}]`. It
 * is answered once it is done, with `{"count": …}`: how many invalidations of the list were taken.
 *
 * @see https://www.apollographql.com/docs/graphos/routing/performance/caching/response-caching/invalidation
 */
export function invalidationRoute(options: InvalidationRouteOptions): AddRoutes {
  return (app) => app.post(INVALIDATION_PATH, (request, reply) => answer(options, request, reply));
}

async function answer(
  { isSecret, invalidate }: InvalidationRouteOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { authorization } = request.headers;
  if (authorization === undefined || !isSecret(authorization)) return refuse(reply, 'INVALIDATION_UNAUTHORIZED');
  const message = parse(request.body);
  if (message === undefined) return refuse(reply, 'INVALIDATION_INVALID', 'It is not JSON.');
  try {
    const outcome = await invalidate(message);
    if (!outcome.ok) return await refuse(reply, 'INVALIDATION_INVALID', outcome.problem);
    return await reply.send({ count: outcome.count });
  } catch (error) {
    if (error instanceof GatewayFault) return refuse(reply, error.code);
    throw error;
  }
}

function parse(body: unknown): unknown {
  try {
    return typeof body === 'string' ? JSON.parse(body) : undefined;
  } catch {
    return undefined;
  }
}

function refuse(reply: FastifyReply, code: ErrorCode, more?: string): FastifyReply {
  return reply.code(ERROR_CATALOGUE[code].httpStatus).send({ errors: [answerError(code, more)] });
}
