import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { Misfit } from '../../subgraphs/kit/misfit.ts';
import type { RecordSource } from '../../subgraphs/kit/record-source.ts';
import { graphqlKind } from '../../subgraphs/kit/sources/graphql.ts';
import { closingAfterEach, serveBare, temporaryFolder } from '../kit/department.ts';
import { contractOf } from './contract.ts';
import { serveStationGraphql, STATION_SDL } from './station-graphql.ts';
import { STATIONS } from './stations.ts';

const closing = closingAfterEach();
const inTime = { signal: new AbortController().signal };
const CONTEXT = { department: 'test', holds: 'register of stations', remedy: '', folder: '/', nameOf: String };
const byId = [{ column: 'id', descending: false }];

contractOf('a GraphQL service', async () => {
  const service = await serveStationGraphql();
  const parameters = { 'of.station': 'station', 'of.day': 'day' };
  const source = await open(service.url, { counted: { list: 'counts', get: 'count', parameters } });
  return {
    source,
    names: { station: 'stations', counted: 'counted', copied: 'copies' },
    asked: () => service.requests.length,
    remove: () => service.close(),
  };
});

test('records by their keys are one request for each fifty, with nothing but what is wanted', async () => {
  const service = closing(await serveStationGraphql());
  const source = closing(await open(service.url));
  await source.describe('station');
  const before = service.requests.length;
  const keys = Array.from({ length: 120 }, (_, at) => [`S${at}`]);
  const question = { collection: 'station', select: ['name', 'operator.address.city'], keyColumns: ['id'], keys };
  const rows = await source.byKeys(question, inTime);
  expect(rows.slice(0, 3)).toEqual([
    null,
    { id: 'S1', name: 'Harbour', 'operator.address.city': 'Upton' },
    { id: 'S2', name: 'Hauptbahnhof', 'operator.address.city': 'Upton' },
  ]);
  expect(service.requests.length - before).toBe(3);
  expect(service.requests.at(-1)).toContain('a0: station(id: $v0) { id name operator { address { city } } }');
});

test('what the service could not give is an error at its place, and the rest of the record stays', async () => {
  const service = closing(await serveStationGraphql());
  const source = closing(await open(service.url));
  await source.describe('stations');
  const page = { collection: 'stations', select: ['name', 'operator.name'], where: [], after: null };
  const rows = await source.page({ ...page, orderBy: byId, first: 4 }, inTime);
  expect(rows.slice(2)).toEqual([
    { id: 'S3', name: STATIONS[2]!['name'], 'operator.name': 'City lines' },
    { id: 'S4', name: STATIONS[3]!['name'], 'operator.name': new Misfit('a value that the system itself can give') },
  ]);
});

test('pages follow their cursors to the end', async () => {
  const service = closing(await serveStationGraphql());
  const source = closing(await open(service.url, { pages: { list: 'pages', order: ['id'], whole: true } }));
  const { columns } = await source.describe('pages');
  expect(columns?.map(({ name }) => name)).toContain('operator.address.zip');
  const page = { collection: 'pages', select: ['name'], where: [], after: null };
  const rows = await source.page({ ...page, orderBy: byId, first: 10 }, inTime);
  expect(rows.map((row) => row['id'])).toEqual(['S1', 'S2', 'S3', 'S4', 'S5', 'S6']);
});

const ERROR = { message: 'no such index', path: ['a1'] };
test.each<[string, RequestListener, string, string]>([
  [
    'has no such field',
    reply({ errors: [{ message: 'Cannot query field "name"' }] }, 400),
    'SYSTEM_BAD_ANSWER',
    'does not understand station: Cannot query field "name".',
  ],
  [
    'answers a web page',
    (_, response) => response.end('<html>'),
    'SYSTEM_BAD_ANSWER',
    'to station cannot be read: it is not JSON.',
  ],
  [
    'answers something else',
    reply({ items: [] }),
    'SYSTEM_BAD_ANSWER',
    'to station cannot be read: it is no answer of GraphQL.',
  ],
  [
    'gives a list',
    reply({ data: { a0: [], a1: [] } }),
    'SYSTEM_BAD_ANSWER',
    'to station cannot be read: it is no record.',
  ],
  [
    'gives another record',
    reply({ data: { a0: { id: 'S9' }, a1: { id: 'S9' } } }),
    'SYSTEM_BAD_ANSWER',
    'it is not the record asked for.',
  ],
  [
    'cannot carry it out',
    reply({ data: { a0: null, a1: null }, errors: [ERROR, { ...ERROR, path: ['a0'] }] }),
    'SYSTEM_UNAVAILABLE',
    'could not carry out station: no such index.',
  ],
  [
    'is away',
    (_, response) => response.writeHead(502).end(),
    'SYSTEM_UNAVAILABLE',
    'does not answer station: it answers HTTP 502.',
  ],
  [
    'redirects',
    (_, response) => response.writeHead(307, { location: '/' }).end(),
    'SYSTEM_BAD_ANSWER',
    'HTTP 307 leads elsewhere, where nobody goes.',
  ],
])('a service that %s is named', async (_, listener, code, reason) => {
  const rows = await over(listener);
  for (const row of rows) expect(row).toMatchObject({ message: expect.stringContaining(reason), extensions: { code } });
});

test('the fault of one record is no other’s', async () => {
  const [good, bad] = await over(reply({ data: { a0: { id: 'S1', name: 'One' }, a1: null }, errors: [ERROR] }));
  expect(good).toEqual({ id: 'S1', name: 'One' });
  expect(bad).toMatchObject({ extensions: { code: 'SYSTEM_UNAVAILABLE' } });
});

test.each([
  ['type Query { a: Int', /a\.graphql:1:20: Syntax Error/],
  ['type Query { a: Nothing }', /Unknown type: "Nothing"/],
])('the SDL %j is refused in one line', async (sdl, line) => {
  const folder = closing(temporaryFolder());
  writeFileSync(folder.file('a.graphql'), sdl);
  await expect(open(folder.file('a.graphql'), {}, { url: 'http://127.0.0.1:9' })).rejects.toThrow(line);
});

test('a service that does not tell its schema is named at the start', async () => {
  const { url } = closing(await serveBare((_, response) => response.end('{"data":{}}')));
  await expect(open(url)).rejects.toThrow(/does not tell its schema: .* it is no schema/);
});

/** Two stations, as a service behind the stations' schema gives them. */
async function over(listener: RequestListener) {
  const service = closing(await serveBare(listener));
  const folder = closing(temporaryFolder());
  writeFileSync(folder.file('stations.graphql'), STATION_SDL);
  const source = closing(await open(folder.file('stations.graphql'), {}, { url: service.url }));
  await source.describe('station');
  return source.byKeys({ collection: 'station', select: ['name'], keyColumns: ['id'], keys: [['S1'], ['S2']] }, inTime);
}

function reply(body: object, status = 200): RequestListener {
  return (_, response) => response.writeHead(status).end(JSON.stringify(body));
}

function open(document: string, collections: object = {}, more: object = {}): Promise<RecordSource> {
  const context = { ...CONTEXT, collections: new Map() };
  return graphqlKind.open(graphqlKind.settings.parse({ document, collections, ...more }) as never, context);
}
