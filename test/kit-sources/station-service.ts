import { fastify } from 'fastify';
import { textOf } from '../../subgraphs/kit/record-source.ts';
import { COUNTS, STATIONS } from './stations.ts';

/** The stations of the contract suite as a REST service, as its document below says. */
export async function serveStations(): Promise<{ url: string; requests(): number; close(): Promise<void> }> {
  let requests = 0;
  const app = fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async () => void (requests += 1));
  app.get('/v1/openapi.json', () => STATION_DOCUMENT);
  app.get<{ Querystring: StationQuery }>('/v1/stations', ({ query }) => stationPage(STATIONS, query));
  app.get<{ Querystring: StationQuery }>('/v1/copies', ({ query }) => stationPage([...STATIONS, ...STATIONS], query));
  app.get<{ Params: { stationId: string } }>('/v1/stations/:stationId', ({ params }, reply) => {
    const found = STATIONS.find(({ id }) => id === params.stationId);
    return found ? { data: found } : reply.code(404).send({ error: 'no such station', station_id: params.stationId });
  });
  app.get<{ Querystring: { station: string | string[] } }>('/v1/counts', ({ query }) =>
    COUNTS.filter(({ station }) => [query.station].flat().includes(textOf(station!))),
  );
  app.get<{ Params: { station: string; day: string } }>('/v1/counts/:station/:day', ({ params }, reply) => {
    const found = COUNTS.find(({ station, day }) => station === params.station && day === params.day);
    return found ?? reply.code(404).send({});
  });
  const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/v1`;
  return { url, requests: () => requests, close: () => app.close() };
}

interface StationQuery {
  ids?: string;
  district?: string;
  after?: string;
  limit?: string;
}

function stationPage(rows: typeof STATIONS, { ids, district, after, limit = '2' }: StationQuery) {
  const wanted = ids?.split(',');
  const found = rows
    .filter(({ id }) => !wanted || wanted.includes(textOf(id!)))
    .filter((row) => district === undefined || row['district'] === district)
    .toSorted((one, other) => (textOf(one['id']!) < textOf(other['id']!) ? -1 : 1));
  const from = after === undefined ? 0 : found.findLastIndex(({ id }) => textOf(id!) <= after) + 1;
  return { items: found.slice(from, from + Math.min(Number(limit), 20)) };
}

const STATION_LIST = {
  parameters: [
    { name: 'ids', in: 'query', explode: false, schema: { type: 'array', maxItems: 20, items: { type: 'string' } } },
    { name: 'district', in: 'query', schema: { type: 'string' } },
    { name: 'after', in: 'query', description: 'The id of the last one seen.', schema: { type: 'string' } },
    { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 20, default: 2 } },
  ],
  responses: {
    200: json({ type: 'object', properties: { items: { type: 'array', items: ref('Station') } } }),
  },
};

/** What the service says of itself. */
export const STATION_DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Stations', version: '1' },
  servers: [{ url: '/v1' }],
  paths: {
    '/stations': { get: { operationId: 'listStations', ...STATION_LIST } },
    '/copies': { get: { operationId: 'listCopies', ...STATION_LIST } },
    '/linked': {
      get: {
        operationId: 'listLinked',
        parameters: [{ name: 'page', in: 'query', schema: { type: 'integer', default: 1 } }],
        responses: {
          200: json({
            type: 'object',
            properties: { items: { type: 'array', items: ref('Station') }, next: { type: 'string' } },
          }),
        },
      },
    },
    '/stations/{stationId}': {
      parameters: [{ $ref: '#/components/parameters/stationId' }],
      get: {
        operationId: 'getStation',
        responses: {
          200: json({ type: 'object', properties: { data: ref('Station') } }),
          404: json({ type: 'object', properties: { error: { type: 'string' }, station_id: { type: 'string' } } }),
        },
      },
    },
    '/counts': {
      get: {
        parameters: [
          { name: 'station', in: 'query', required: true, schema: { type: 'array', items: { type: 'string' } } },
        ],
        responses: { 200: json({ type: 'array', items: ref('Count') }) },
      },
    },
    '/counts/{station}/{day}': {
      get: {
        operationId: 'getCount',
        parameters: [
          { name: 'station', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'day', in: 'path', required: true, schema: { type: 'string', format: 'date' } },
        ],
        responses: { '2XX': json(ref('Count')), 404: { description: 'none' } },
      },
    },
  },
  components: {
    parameters: { stationId: { name: 'stationId', in: 'path', required: true, schema: { type: 'string' } } },
    schemas: {
      Station: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          name: { type: 'string' },
          district: { type: 'string' },
          lines: { type: ['integer', 'null'], minimum: 0 },
          opened: { anyOf: [{ type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' }, { type: 'null' }] },
        },
      },
      Count: {
        type: 'object',
        properties: { station: { type: 'string' }, day: { type: 'string' }, passengers: { type: 'number' } },
      },
    },
  },
};

function json(schema: object) {
  return { description: 'as it says', content: { 'application/json': { schema } } };
}

function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}
