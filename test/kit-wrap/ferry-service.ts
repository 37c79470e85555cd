import { fastify } from 'fastify';

/** Lines and sailings of a ferry company, which nobody knew before. */
const LINES = Array.from({ length: 150 }, (_, at) => ({
  code: `F${String(at).padStart(3, '0')}`,
  title: `Line ${at}`,
  flag: at % 2 === 0 ? 'FR' : 'DE',
  state: at % 3 === 0 ? 'closed' : 'open',
  length_km: at / 2,
  harbour: { name: `Harbour ${at}` },
  stops: ['A', 'B'],
}));
const PORTS = ['Calais', 'Brest'].map((name, at) => ({ id: at + 1, name, country: 'FR' }));

/** A REST service with an OpenAPI document: one list in pages, one at once, and one below each record. */
export async function serveFerries(): Promise<{
  documentUrl: string;
  authorizations: string[];
  close(): Promise<void>;
}> {
  const authorizations: string[] = [];
  const app = fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async ({ headers }) => void authorizations.push(headers.authorization ?? ''));
  app.get('/openapi.json', () => FERRY_DOCUMENT);
  app.get<{ Querystring: { state?: string; page?: string; per_page?: string } }>('/lines', ({ query }) => {
    const size = Math.min(Number(query.per_page ?? 20), 50);
    const from = (Number(query.page ?? 1) - 1) * size;
    const found = LINES.filter(({ state }) => query.state === undefined || query.state === state);
    return { items: found.slice(from, from + size), total: found.length };
  });
  app.get<{ Params: { code: string } }>('/lines/:code', ({ params }, reply) => {
    const found = LINES.find(({ code }) => code === params.code);
    return found ?? reply.code(404).send({ code: params.code });
  });
  app.get<{ Params: { code: string } }>('/lines/:code/sailings', ({ params }) => [
    { departs: `2026-01-01T06:00:00Z`, boat: `Boat of ${params.code}` },
  ]);
  app.get('/ports', () => PORTS);
  app.get('/health', () => ({ ok: true }));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { documentUrl: `${url}/openapi.json`, authorizations, close: () => app.close() };
}

const code = { name: 'code', in: 'path', required: true, schema: { type: 'string' } };

const FERRY_DOCUMENT = {
  openapi: '3.0.3',
  info: { title: 'Ferry company', version: '1' },
  servers: [{ url: '/' }],
  paths: {
    '/lines': {
      get: {
        operationId: 'listLines',
        summary: 'Lines that boats sail on.',
        parameters: [
          { name: 'state', in: 'query', schema: { type: 'string' } },
          { name: 'page', in: 'query', schema: { type: 'integer', default: 1 } },
          { name: 'per_page', in: 'query', schema: { type: 'integer', maximum: 50 } },
        ],
        responses: {
          200: json({
            type: 'object',
            properties: { items: { type: 'array', items: ref('Line') }, total: { type: 'integer' } },
          }),
        },
      },
    },
    '/lines/{code}': {
      get: {
        operationId: 'getLine',
        parameters: [code],
        responses: { 200: json(ref('Line')), 404: json(ref('Absent')) },
      },
    },
    '/lines/{code}/sailings': {
      get: {
        operationId: 'listSailings',
        parameters: [code],
        responses: { 200: json({ type: 'array', items: ref('Sailing') }) },
      },
    },
    '/ports': { get: { operationId: 'listPorts', responses: { 200: json({ type: 'array', items: ref('Port') }) } } },
    '/health': { get: { responses: { 200: json({ type: 'object', properties: { ok: { type: 'boolean' } } }) } } },
  },
  components: {
    schemas: {
      Line: {
        type: 'object',
        required: ['code', 'title', 'state'],
        properties: {
          code: { type: 'string' },
          title: { type: 'string', description: 'As passengers know it.' },
          flag: { type: 'string', nullable: true },
          state: { type: 'string', enum: ['open', 'closed'] },
          length_km: { type: 'number' },
          harbour: { type: 'object', properties: { name: { type: 'string' } } },
          stops: { type: 'array', items: { type: 'string' } },
          crew: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
        },
      },
      Sailing: {
        type: 'object',
        properties: { departs: { type: 'string', format: 'date-time' }, boat: { type: 'string' } },
      },
      Port: {
        type: 'object',
        required: ['id'],
        properties: { id: { type: 'integer' }, name: { type: 'string' }, country: { type: 'string' } },
      },
      Absent: { type: 'object', properties: { code: { type: 'string' } } },
    },
  },
};

function json(schema: object) {
  return { description: 'as it says', content: { 'application/json': { schema } } };
}

function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}
