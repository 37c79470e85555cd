import { STATUS_CODES } from 'node:http';
import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchemaValidationError,
} from 'fastify';
import type { RunningProgram } from '../../subgraphs/kit/program.ts';
import { listen, type ServiceEnvironment } from '../kit/service.ts';
import { queryContract, readContract, type Contract } from './contract.ts';
import { loadRegister, type AviationRegister, type PageQuery } from './register.ts';

/** What `GET /stats` of the aviation registry answers. */
export interface AviationSystemStats {
  /** Questions to the registry since the start, refused ones included. */
  requests: number;
}

export interface RunningAviationSystem extends RunningProgram {
  stats: Readonly<AviationSystemStats>;
}

/**
 * Starts the aviation registry's own system: REST as `openapi.yaml` says, that document at `/openapi.json`, counts at
 * `/stats`.
 *
 * @param env `PORT` (default 4202), `HOST` (default `127.0.0.1`)
 * @throws StartError when a setting is wrong
 */
export async function startAviationSystem(env: ServiceEnvironment): Promise<RunningAviationSystem> {
  const stats: AviationSystemStats = { requests: 0 };
  const app = createApp(loadRegister(), readContract(), stats);
  return { ...(await listen(app, env, 4202)), stats };
}

function createApp(register: AviationRegister, contract: Contract, stats: AviationSystemStats): FastifyInstance {
  const app = fastify({
    requestTimeout: 10_000,
    forceCloseConnections: 'idle',
    ajv: { customOptions: { removeAdditional: false } },
    schemaErrorFormatter: (errors) => new Error(errors.map(explain).join('; ')),
    frameworkErrors: (error, request, reply) => void problem(request, reply, error.statusCode ?? 400, error.message),
  });
  app.setNotFoundHandler((request, reply) =>
    problem(request, reply, 404, `${request.method} ${request.url} is not here.`),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    return problem(request, reply, status, status < 500 ? error.message : 'The registry could not answer.');
  });
  app.get('/openapi.json', () => contract);
  app.get('/stats', () => stats);
  addQuestions(app, register, { contract, stats });
  return app;
}

function addQuestions(
  app: FastifyInstance,
  register: AviationRegister,
  { contract, stats }: { contract: Contract; stats: AviationSystemStats },
): void {
  const question = (path: string) => {
    const { schema, lists } = queryContract(contract, path);
    return {
      schema: { querystring: schema },
      onRequest: async () => void (stats.requests += 1),
      preValidation: async (request: FastifyRequest) => splitLists(request.query as Record<string, unknown>, lists),
    };
  };
  app.get<{ Querystring: PageQuery & { type?: string; idents?: string[] } }>(
    '/airports',
    question('/airports'),
    ({ query }) => register.airports(query),
  );
  app.get<{ Params: { ident: string } }>('/airports/:ident', question('/airports/{ident}'), (request, reply) => {
    const { ident } = request.params;
    return register.airport(ident) ?? problem(request, reply, 404, `The registry has no airport ${ident}.`);
  });
  app.get<{ Querystring: PageQuery & { codes?: string[] } }>('/regions', question('/regions'), ({ query }) =>
    register.regions(query),
  );
  app.get<{ Querystring: { codes: string[] } }>('/countries/summary', question('/countries/summary'), ({ query }) => ({
    items: register.summary(query.codes),
  }));
}

function explain({ instancePath, message, params }: FastifySchemaValidationError): string {
  const parameter = params['additionalProperty'];
  if (typeof parameter === 'string') return `There is no parameter ${parameter}`;
  return `${instancePath.slice(1) || 'The query'} ${message ?? 'is wrong'}`;
}

function splitLists(query: Record<string, unknown>, lists: readonly string[]): void {
  for (const name of lists) {
    const text = query[name];
    if (typeof text === 'string') query[name] = text.split(',');
  }
}

function problem(request: FastifyRequest, reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, instance: request.url });
}
