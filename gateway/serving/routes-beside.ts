import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import { KEY_DIRECTORY_PATH, keyDirectory, readSigningKey } from '../fetch/signing-key.ts';
import { findUsageRoute, type FindUsageOptions } from '../http/find-usage.ts';
import { openGraphiql } from '../http/graphiql/page-files.ts';
import { readSavedOperations } from '../http/graphiql/saved-operations.ts';
import { invalidationRoute, type InvalidationRouteOptions } from '../http/invalidation.ts';
import { compareSecret } from '../http/secret.ts';
import type { AddRoutes } from '../http/server.ts';
import { usageRoute } from '../http/usage-route.ts';
import { METRICS_PATH } from '../observe/metrics-server.ts';
import type { Observing } from './observing.ts';

/**
 * What is served beside the graph.
 *
 * @param trail by whom the trail's readers are answered
 * @param observing what there is to read of it
 * @param invalidation who may have remembered answers forgotten; absent: nobody
 * @throws ConfigError where the key that requests are signed with cannot be read
 */
export async function routesBeside(
  { signing, graphiql, operations, metrics, explain: { secret }, http: { requestTimeoutMs } }: Config,
  trail: Omit<FindUsageOptions, 'requestTimeoutMs'>,
  { registry, usage }: Pick<Observing, 'registry' | 'usage'>,
  invalidation: InvalidationRouteOptions | undefined,
): Promise<AddRoutes> {
  const directory = signing && keyDirectory(readSigningKey(signing));
  const addGraphiql = graphiql ? await graphiqlRoutes(operations) : () => undefined;
  const addFindUsage = findUsageRoute({ ...trail, requestTimeoutMs });
  const addInvalidation = invalidation ? invalidationRoute(invalidation) : () => undefined;
  return (app) => {
    addFindUsage(app);
    addInvalidation(app);
    if (directory) app.get(KEY_DIRECTORY_PATH, (_request, reply) => reply.type('application/json').send(directory));
    if (usage && secret !== undefined) usageRoute(compareSecret(secret), (field) => usage.read(field))(app);
    if (registry && metrics.besideGraph) addMetrics(app, registry);
    addGraphiql(app);
  };
}

function addMetrics(app: FastifyInstance, registry: Registry): void {
  app.get(METRICS_PATH, async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}

async function graphiqlRoutes(operationsFolder: string): Promise<AddRoutes> {
  const graphiql = openGraphiql({ tabs: await readSavedOperations(operationsFolder) });
  return (app: FastifyInstance) => {
    app.get('/*', (request, reply) => {
      const path = new URL(request.url, 'http://gateway').pathname;
      const { 'accept-encoding': acceptEncoding, 'if-none-match': ifNoneMatch } = request.headers;
      const answer = graphiql.handle({ path, acceptEncoding: String(acceptEncoding ?? ''), ifNoneMatch });
      if (!answer) return reply.callNotFound();
      return reply.code(answer.status).headers(answer.headers).send(Buffer.from(answer.body));
    });
  };
}
