import { writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { departmentFrom } from '../../subgraphs/kit/manifest/manifest-department.ts';
import { Misfit } from '../../subgraphs/kit/misfit.ts';
import type { KeyQuestion, RecordSource, SourceRow } from '../../subgraphs/kit/record-source.ts';
import type { SourceContext } from '../../subgraphs/kit/source-kind.ts';
import { openapiKind } from '../../subgraphs/kit/sources/openapi.ts';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import { ask } from '../kit/ask.ts';
import { closingAfterEach, serveBare, temporaryFolder } from '../kit/department.ts';
import { contractOf } from './contract.ts';
import { serveStations, STATION_DOCUMENT } from './station-service.ts';
import { STATIONS } from './stations.ts';

const closing = closingAfterEach();
const inTime = { signal: new AbortController().signal };
const CONTEXT: SourceContext = {
  ...{ department: 'test', holds: 'register of stations', remedy: '', folder: '/', nameOf: String },
  collections: new Map(),
};
const names = { station: 'station', counted: 'counted', copied: 'listCopies' };
const counted = { list: 'GET /counts', get: 'getCount' };

contractOf('a REST service whose lists may be read whole', async () => {
  const service = await serveStations();
  const after = { parameter: 'after', column: 'id' };
  const source = await open(`${service.url}/openapi.json`, {
    station: { list: 'listStations', whole: true, paging: { after } },
    counted,
  });
  const before = service.requests();
  return { source, names, asked: () => service.requests() - before, remove: () => service.close() };
});

contractOf('a REST service with long lists', async () => {
  const service = await serveStations();
  const after = { parameter: 'after', column: 'id' };
  const source = await open(`${service.url}/openapi.json`, {
    station: { list: 'listStations', order: ['id'], paging: { after } },
    counted,
  });
  return {
    source,
    names,
    asked: () => service.requests(),
    mayRefuse: { page: 'it narrows by district alone, and its lists are in the order of id' },
    remove: () => service.close(),
  };
});

function open(document: string, collections: object = {}, more: object = {}): Promise<RecordSource> {
  return openapiKind.open(openapiKind.settings.parse({ document, collections, ...more }) as never, CONTEXT);
}

test('an operation needs no word in the manifest where its document says all', async () => {
  const service = closing(await serveStations());
  const source = closing(await open(`${service.url}/openapi.json`));
  const { columns } = await source.describe('listStations');
  expect(columns?.map(({ name }) => name)).toEqual(['id', 'name', 'district', 'lines', 'opened', 'after']);
  const rows = await source.byKeys(keysOf('listStations', ['S4', 'S2']), inTime);
  expect(rows.map((row) => (row as SourceRow)['name'])).toEqual([STATIONS[3]!['name'], STATIONS[1]!['name']]);
  const shape = { collection: 'listStations', keyColumns: ['name'], where: [], orderBy: [] };
  expect(source.refusalOf({ kind: 'related', ...shape })).toBe(
    'listStations and getStation cannot be asked by name; which parameter is about which column can be said under source.collections',
  );
});

test('an answer that is one record with lists in it is no list of records', async () => {
  const folder = closing(temporaryFolder());
  const text = { type: 'string' };
  const line = { type: 'object', properties: { article: text } };
  const order = { type: 'object', properties: { orderNo: text, lines: { type: 'array', items: line } } };
  const answer = { content: { 'application/json': { schema: order } } };
  const parameters = [{ name: 'orderNo', in: 'query', required: true, schema: text }];
  const get = { operationId: 'findOrder', parameters, responses: { 200: answer } };
  const paths = { '/order': { get } };
  writeFileSync(folder.file('a.json'), JSON.stringify({ openapi: '3.1.0', servers: [{ url: 'http://a' }], paths }));
  const source = closing(await open(folder.file('a.json')));
  expect((await source.describe('findOrder')).columns?.map(({ name }) => name)).toEqual(['orderNo', 'lines']);
});

test('one record a request is asked for, so many at once, where the service takes no more keys', async () => {
  let most = 0;
  const underWay = new Set<object>();
  const { source, asked } = await over((request, response) => {
    underWay.add(request);
    most = Math.max(most, underWay.size);
    setTimeout(() => {
      underWay.delete(request);
      const id = request.url!.split('/').at(-1)!;
      if (id === 'S7') response.writeHead(404).end(JSON.stringify({ station_id: 'S7' }));
      else response.end(JSON.stringify({ data: { id, name: `Station ${id}` } }));
    }, 5);
  });
  const ids = Array.from({ length: 30 }, (_, at) => `S${at}`);
  const rows = await source.byKeys(keysOf('getStation', [...ids, '../S1', 'a/../../S2', '']), inTime);
  expect(rows.map((row) => row && (row as SourceRow)['name'])).toEqual([
    ...ids.map((id) => (id === 'S7' ? null : `Station ${id}`)),
    ...[null, null, null],
  ]);
  expect([most, asked.length]).toEqual([4, 30]);
});

test('the fault of one record is no other’s, and names the operation', async () => {
  const { source } = await over((request, response) =>
    request.url!.endsWith('S1') ? response.writeHead(500).end() : response.end('{"data":{"id":"S2"}}'),
  );
  const [bad, good] = await source.byKeys(keysOf('getStation', ['S1', 'S2']), inTime);
  expect(good).toMatchObject({ id: 'S2' });
  expect(bad).toMatchObject({
    message: 'The register of stations does not answer getStation: it answers HTTP 500.',
    extensions: { code: 'SYSTEM_UNAVAILABLE' },
  });
});

test('a value that breaks the document’s promise is a misfit, and the rest of its record stays', async () => {
  const { source } = await over((_, response) =>
    response.end(JSON.stringify({ data: { id: 'S1', name: 7, lines: -1, opened: '1999', district: null } })),
  );
  const [row] = await source.byKeys(keysOf('getStation', ['S1']), inTime);
  expect(row).toEqual({
    ...{ id: 'S1', district: null },
    name: new Misfit('a text'),
    lines: new Misfit('a number not below 0'),
    opened: new Misfit('a text such as ^\\d{4}-\\d{2}-\\d{2}$'),
  });
});

test('a number that a double cannot hold is kept as it is', async () => {
  const { source } = await over((_, response) => response.end('{"data":{"id":"S1","lines":9007199254740993}}'));
  const [row] = await source.byKeys(keysOf('getStation', ['S1']), inTime);
  expect(row).toMatchObject({ lines: 9_007_199_254_740_993n });
});

const ITEM = { id: 'S1', name: 'One' };
/** A service that misbehaves, and what is said of it. */
const HOSTILE: [string, RequestListener, string, string][] = [
  [
    'gives pages without end',
    page((at) => ({ items: [{ id: `S${at}` }], next: `/v1/linked?at=${at + 1}` })),
    'SYSTEM_BAD_ANSWER',
    'it has more than 5 pages',
  ],
  [
    'gives empty pages without end',
    page((at) => ({ items: [], next: `/v1/linked?at=${at + 1}` })),
    'SYSTEM_BAD_ANSWER',
    'it has more than 5 pages',
  ],
  [
    'leads in a circle',
    page((at) => ({ items: [{ id: `S${at}` }], next: `?at=${(at + 1) % 2}` })),
    'SYSTEM_BAD_ANSWER',
    'its pages lead in a circle',
  ],
  [
    'leads to another host',
    page(() => ({ items: [ITEM], next: 'http://127.0.0.1:9/v1/linked' })),
    'SYSTEM_BAD_ANSWER',
    'its next page is on another host',
  ],
  [
    'leads to another service',
    page(() => ({ items: [ITEM], next: '/admin' })),
    'SYSTEM_BAD_ANSWER',
    'its next page is not of this service',
  ],
  [
    'redirects',
    (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
    'SYSTEM_BAD_ANSWER',
    'HTTP 302 leads elsewhere, where nobody goes',
  ],
  ['pours without end', pour, 'SYSTEM_BAD_ANSWER', 'it is too large'],
  ['answers a web page', (_, response) => response.end('<html>'), 'SYSTEM_BAD_ANSWER', 'it is not JSON'],
  ['answers half a page', (_, response) => response.end('{"items":[{"id":"S1"'), 'SYSTEM_BAD_ANSWER', 'it is not JSON'],
  ['answers null', (_, response) => response.end('null'), 'SYSTEM_BAD_ANSWER', 'items is no list'],
  ['has an object for a list', (_, response) => response.end('{"items":{}}'), 'SYSTEM_BAD_ANSWER', 'items is no list'],
  [
    'has texts for records',
    (_, response) => response.end('{"items":["S1"]}'),
    'SYSTEM_BAD_ANSWER',
    'it has records that are none',
  ],
  [
    'nests without end',
    (_, response) => response.end(`{"items":${'['.repeat(50_000)}`),
    'SYSTEM_BAD_ANSWER',
    'it is not JSON',
  ],
  [
    'speaks something else',
    (request) => request.socket.end('SSH-2.0-OpenSSH\r\n'),
    'SYSTEM_BAD_ANSWER',
    'it is not HTTP',
  ],
  [
    'breaks off',
    (request, response) =>
      void response.writeHead(200, { 'content-length': 100 }).write('{"items":', () => request.socket.destroy()),
    'SYSTEM_UNAVAILABLE',
    'it cannot be reached (UND_ERR_SOCKET)',
  ],
  ['never answers', () => {}, 'SYSTEM_UNAVAILABLE', 'nothing came within 200 ms'],
  [
    'is told not to be asked for a minute',
    (_, response) => response.writeHead(503, { 'retry-after': '60' }).end(),
    'SYSTEM_UNAVAILABLE',
    'it limits requests and asks to wait another',
  ],
];

test.each(HOSTILE)('a service that %s is named, and nobody waits for it', async (_, listener, code, reason) => {
  const { source, asked } = await over(listener, reason.endsWith('200 ms') ? 200 : 5_000);
  const question = { collection: 'linked', select: ['id'], where: [], orderBy: [], after: null, first: 100 };
  await expect(source.page(question, inTime)).rejects.toMatchObject({
    message: expect.stringMatching(/^The (answer of the )?register of stations (to|does not answer) listLinked/),
    extensions: { code },
  });
  await expect(source.page(question, inTime)).rejects.toThrow(reason);
  expect(asked.length).toBeLessThanOrEqual(10);
});

test.each([
  ['gives one page for ever', () => ({ items: [ITEM] }), 'it gives the same page again'],
  ['gives other pages than those asked for', () => ({ page: 1, items: [ITEM] }), 'its page is not the one asked for'],
  ['gives pages without end', (at: number) => ({ items: [{ id: `S${at}` }] }), 'it has more than 5 pages'],
])('a service that %s by their numbers is named', async (_, content, reason) => {
  const { source } = await over(page(content));
  const question = { collection: 'numbered', select: ['id'], where: [], orderBy: [], after: null, first: 100 };
  await expect(source.page(question, inTime)).rejects.toThrow(reason);
});

test('a department is a manifest over the service’s document, with its secrets in the environment', async () => {
  const seen: unknown[] = [];
  const { url } = closing(
    await serveBare(({ headers }, response) => {
      seen.push(headers['x-api-key']);
      response.end(JSON.stringify([{ plate: 'A 1', owner: { address: { city: 'Upton' } } }]));
    }),
  );
  const { serve } = carFolder(url);
  const { url: subgraph } = closing(await serve({ CARS_KEY: 's3cret' }));
  expect(await ask(subgraph, '{ cars { plate city } car(plate: "A 1") { city } }')).toEqual({
    data: { cars: [{ plate: 'A 1', city: 'Upton' }], car: { city: 'Upton' } },
  });
  expect(seen).toEqual(['s3cret', 's3cret']);
});

test('what the service cannot be asked is told at the start, and a secret in the manifest is refused', async () => {
  const { serve } = carFolder('http://127.0.0.1:9', (manifest) =>
    manifest.replace('owner.address.city', 'owner.adress').replace('whole: true', 'whole: false'),
  );
  await expect(serve({ CARS_KEY: 'x' })).rejects.toThrow(
    /department\.yaml:15:21: cars has no column owner\.adress for Car\.city \(did you mean "owner\.address"\?\)/,
  );
  await expect(serve({ CARS_KEY: 'x' })).rejects.toThrow(
    /Car cannot be answered because listCars cannot be asked by plate; which parameter is about which column/,
  );
  const { serve: told } = carFolder('http://127.0.0.1:9', (manifest) => manifest.replace('${CARS_KEY}', 's3cret'));
  await expect(told({})).rejects.toThrow(/headers\.x-api-key may be secret: name an environment variable/);
});

test.each([
  [
    { parameters: { distric: 'district' } },
    'listStations and getStation of a has no parameter distric (did you mean "district"?)',
  ],
  [{ constants: { language: 'en' } }, 'has no parameter language'],
  [{ each: { parameter: 'newest', max: 5 } }, 'has no parameter newest'],
  [{ order: ['nam'] }, 'a has no column nam to be in the order of (did you mean "name"?)'],
  [{ items: 'item' }, 'the answer of listStations has no item (did you mean "items"?)'],
  [{ record: 'datum' }, 'the answer of getStation has no datum (did you mean "data"?)'],
  [{ paging: { size: 'limits' } }, 'listStations has no parameter limits'],
  [{ list: 'listStation' }, 'a: there is no listStation (did you mean "listStations"?)'],
])('a collection of which %j is said is refused', async (said, line) => {
  const folder = closing(temporaryFolder());
  writeFileSync(folder.file('a.json'), JSON.stringify(STATION_DOCUMENT));
  const a = { list: 'listStations', ...said };
  const source = closing(await open(folder.file('a.json'), { a }, { url: 'http://127.0.0.1:9' }));
  await expect(source.describe('a')).rejects.toThrow(line);
});

test('a service that asks to wait is asked again, within the time that there is', async () => {
  const { source, asked } = await over((_, response) =>
    asked.length === 1 ? response.writeHead(429, { 'retry-after': '0' }).end() : response.end('{"data":{"id":"S1"}}'),
  );
  expect(await source.byKeys(keysOf('getStation', ['S1']), inTime)).toMatchObject([{ id: 'S1' }]);
  expect(asked).toHaveLength(2);
  expect(source.stats?.()).toEqual({ service: { requests: 2, limited: 1, repeated: 1 } });
});

test('a list that is longer than it can be asked for is an error, not a part of it', async () => {
  const { source } = await over((_, response) => response.end(JSON.stringify({ items: Array(20).fill(ITEM) })));
  const question = { collection: 'listStations', select: ['id'], where: [], orderBy: [], after: null, first: 50 };
  await expect(source.page(question, inTime)).rejects.toThrow(
    'it has 20 records, and nothing says how to ask for more',
  );
});

test.each([
  [{ openapi: '2.0' }, 'is no OpenAPI document of version 3.0 or 3.1 but 2.0'],
  [{ swagger: '2.0' }, 'is no OpenAPI document of version 3.0 or 3.1 but Swagger 2.0'],
  [[], 'is no OpenAPI document of version 3.0 or 3.1'],
  [{ openapi: '3.0.3', paths: { '/a': { $ref: 'other.yaml#/a' } } }, 'leads out of the document; bundle it into one'],
  [{ openapi: '3.0.3', paths: { '/a': { $ref: '#/paths/~1a' } } }, 'leads in a circle'],
  [{ openapi: '3.0.3', paths: { '/a': { $ref: '#/nowhere' } } }, 'leads nowhere'],
  [{ openapi: '3.0.3', paths: {} }, 'names no server'],
])('the document %j is refused in one line', async (content, line) => {
  const { url } = closing(await serveBare((_, response) => response.end(JSON.stringify(content))));
  await expect(open(`${url}/openapi.json`)).rejects.toThrow(line);
});

/** The stations' document, with another service behind it. */
async function over(listener: RequestListener, timeoutMs = 5_000) {
  const asked: string[] = [];
  const service = closing(
    await serveBare((request, response) => {
      asked.push(request.url!);
      return listener(request, response);
    }),
  );
  const folder = closing(temporaryFolder());
  writeFileSync(folder.file('openapi.json'), JSON.stringify(STATION_DOCUMENT));
  const linked = { list: 'listLinked', order: ['id'] };
  const collections = { linked, numbered: { ...linked, paging: { page: 'page' } } };
  const limits = { timeoutMs, deadlineMs: 5_000, maxPages: 5, maxAnswerBytes: 100_000 };
  const source = closing(await open(folder.file('openapi.json'), collections, { url: `${service.url}/v1`, ...limits }));
  for (const name of ['linked', 'numbered', 'getStation', 'listStations']) await source.describe(name);
  return { source, asked };
}

/** A folder with the manifest of cars, over a document with objects in objects. */
function carFolder(url: string, change: (manifest: string) => string = String) {
  const folder = closing(temporaryFolder());
  const text = { type: 'string' };
  const inside = (name: string, schema: object) => ({ type: 'object', properties: { [name]: schema } });
  const car = { type: 'object', properties: { plate: text, owner: inside('address', inside('city', text)) } };
  const answer = { content: { 'application/json': { schema: { type: 'array', items: car } } } };
  const cars = { get: { operationId: 'listCars', responses: { 200: answer } } };
  const document = { openapi: '3.0.3', servers: [{ url }], paths: { '/cars': cars } };
  writeFileSync(folder.file('openapi.json'), JSON.stringify(document));
  writeFileSync(
    folder.file('schema.graphql'),
    `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
     type Query { cars: [Car!]! car(plate: ID!): Car }
     type Car @key(fields: "plate") { plate: ID! city: String }`,
  );
  writeFileSync(folder.file('department.yaml'), change(CAR_MANIFEST));
  const serve = (env: object) =>
    serveDepartment(departmentFrom(pathToFileURL(folder.file('department.yaml'))), { PORT: '0', ...env });
  return { serve };
}

const CAR_MANIFEST = `department: cars
port: 4999
holds: register of cars
source:
  kind: openapi
  document: openapi.json
  headers: { x-api-key: '\${CARS_KEY}' }
  collections:
    cars:
      list: listCars
      whole: true
types:
  Car:
    from: cars
    fields: { city: owner.address.city }
`;

function page(content: (at: number) => object): RequestListener {
  return (request, response) => {
    const at = Number(
      new URL(request.url!, 'http://stations').searchParams.get(request.url!.includes('at=') ? 'at' : 'page') ?? 0,
    );
    response.end(JSON.stringify(content(at)));
  };
}

function pour(_: unknown, response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write(' '.repeat(65_536)));
  };
  response.on('drain', more).on('error', () => {});
  more();
}

function keysOf(collection: string, keys: readonly string[]): KeyQuestion {
  const select = ['id', 'name', 'lines', 'opened', 'district'];
  return { collection, select, keyColumns: ['id'], keys: keys.map((key) => [key]) };
}
