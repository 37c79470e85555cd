import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IsSecret } from './secret.ts';
import { EXPLAIN_HEADER } from './graph-endpoint.ts';
import type { AddRoutes } from './server.ts';

const USAGE_PATH = '/usage';

/** `Type`, `Type.field`, `Type.field(argument:)` or `Enum.VALUE`. */
const COORDINATE = /^[_A-Za-z]\w*(\.[_A-Za-z]\w*(\([_A-Za-z]\w*:\))?)?$/;

/**
 * `GET /usage`, and `GET /usage?field=Type.name` of one field: for who sends the secret that lets explain; to others there is nothing
 * at this address.
 *
 * @param read gives what was counted, as it can be written as JSON
 */
export function usageRoute(isSecret: IsSecret, read: (field: string | undefined) => object): AddRoutes {
  return (app) =>
    app.get(USAGE_PATH, { exposeHeadRoute: false }, (request: FastifyRequest, reply: FastifyReply) => {
      const secret = request.headers[EXPLAIN_HEADER];
      if (secret === undefined || !isSecret(secret)) return reply.callNotFound();
      const { field } = request.query as Record<string, unknown>;
      if (field !== undefined && (typeof field !== 'string' || !COORDINATE.test(field)))
        return reply
          .code(400)
          .send({ code: 'BAD_REQUEST', message: '"field" must be one coordinate, such as Type.name.' });
      return reply.header('cache-control', 'no-store').send(read(field));
    });
}
