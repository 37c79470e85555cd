import { afterEach, expect, test } from 'vitest';
import type { ConfigInput } from '../../gateway/config/config.ts';
import { askWith } from '../kit/ask.ts';
import { LIBRARY, SHELF } from '../kit/library.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';

let open: ServedFederation | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

type Line = Record<string, unknown>;

async function serve(log?: ConfigInput['log'], config: ConfigInput = {}) {
  open = await serveFederation(LIBRARY, { graphiql: false, ...config, ...(log && { log }) });
  const { url, logged } = open;
  const lines = (): Line[] => logged.map((line) => JSON.parse(line) as Line).filter(({ outcome }) => outcome);
  return { url, lines, logged };
}

const FAILS = 'query Stamps { books { stamp } }';

test('by default there is a line for what was not answered whole, and for nothing else', async () => {
  // However long the first request takes to be planned here.
  const { url, lines } = await serve({ slowMs: 600_000 });
  await askWith({}, url, SHELF);
  await askWith({}, url, '{ magazines }');
  await askWith({ 'apollographql-client-name': 'portal', 'apollographql-client-version': '1.2' }, url, FAILS);
  expect(lines()).toMatchObject([
    {
      level: 40,
      msg: 'a request was not answered whole',
      operation: 'Stamps',
      operationHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      outcome: 'part',
      httpStatus: 200,
      codes: ['DOWNSTREAM_SERVICE_ERROR'],
      ms: expect.any(Number) as number,
      departments: ['books', 'post'],
      client: 'portal',
      clientVersion: '1.2',
    },
  ]);
});

test('from its time on a request is slow', async () => {
  const { url, lines } = await serve({ requests: ['slow'], slowMs: 0 });
  await askWith({}, url, SHELF);
  expect(lines()).toMatchObject([{ msg: 'a request was slow', operation: 'Shelf', outcome: 'answered' }]);
});

test('all requests leave a line where that is asked for, and none where nothing is', async () => {
  const every = await serve({ requests: ['all'] });
  await askWith({}, every.url, SHELF);
  await askWith({}, every.url, '{ magazines }');
  expect(every.lines()).toMatchObject([
    { level: 30, operation: 'Shelf', outcome: 'answered' },
    { level: 30, outcome: 'refused', httpStatus: 400, codes: ['GRAPHQL_VALIDATION_FAILED'], departments: [] },
  ]);
  await open!.close();
  const none = await serve({ requests: [] });
  await askWith({}, none.url, FAILS);
  expect(none.lines()).toEqual([]);
});

test('no line has a variable, a value, a secret or the text of what is asked', async () => {
  const { url, logged, lines } = await serve({ requests: ['all'] });
  const headers = {
    authorization: 'Bearer planted-token',
    'x-api-key': 'planted-key',
    'apollographql-client-name': 'planted name\twith a tab',
    traceparent: 'planted-trace',
  };
  const query = 'query Q($like: String) { books(like: $like) { title } best { title: isbn(planted: 1) } }';
  await askWith(headers, url, query, { like: 'planted-value' });
  await askWith(headers, url, 'query Q($like: String) { books(like: $like) { title } }', { like: 'planted-value' });
  await askWith(headers, url, 'planted { not GraphQL');
  expect(lines()).toHaveLength(3);
  expect(logged.join('')).not.toMatch(/planted|Tides/);
});

test('a request keeps the name that it came with, in its answer and in its line; one that is not fit gets another', async () => {
  const { url, lines } = await serve({ requests: ['all'] });
  const idFor = async (given?: string): Promise<string | null> => {
    const headers = { 'content-type': 'application/json', ...(given === undefined ? {} : { 'x-request-id': given }) };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: SHELF }) });
    await response.text();
    return response.headers.get('x-request-id');
  };
  expect(await idFor('from-the-proxy:17')).toBe('from-the-proxy:17');
  const made = [await idFor(), await idFor('with space'), await idFor('x'.repeat(129)), await idFor('{"a":1}')];
  for (const id of made) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(made).size).toBe(4);
  expect(lines().map(({ requestId }) => requestId)).toEqual(['from-the-proxy:17', ...made]);
});

test('what is refused before it is read is named too, and so is a fault', async () => {
  const { url } = await serve();
  const headers = { 'x-request-id': 'a-1' };
  const refused = [
    await fetch(url, { method: 'POST', headers, body: 'x' }),
    await fetch(url, { headers: { ...headers, accept: 'image/png' } }),
    await fetch(new URL('/nothing', url), { headers }),
    await fetch(url, { method: 'PUT', headers }),
  ];
  for (const { headers: given, status } of refused)
    expect([status >= 400, given.get('x-request-id')]).toEqual([true, 'a-1']);
});
