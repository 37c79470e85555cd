import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOBODY } from '../../gateway/caller.ts';
import { resolveConfig } from '../../gateway/config/config.ts';
import { FieldUsage, USAGE_BOUNDS, type Usage, type UsageBounds } from '../../gateway/observe/field-usage.ts';
import { ObservedRequest } from '../../gateway/observe/observed-request.ts';
import { prepareOperation } from '../../gateway/operation/prepare.ts';
import { askWith } from '../kit/ask.ts';
import { LIBRARY } from '../kit/library.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';

const SCHEMA = buildSchema(`
  type Query { book(isbn: ID, filter: Filter, kinds: [Kind!]): Book named: Named }
  input Filter { year: Int kind: Kind not: Filter }
  enum Kind { NOVEL ATLAS }
  interface Named { name: String }
  type Book implements Named { name: String pages: Int next: Book }
`);

/** Usage with a clock that is set by hand. */
function counting(bounds: Partial<UsageBounds> = {}) {
  let nowMs = Date.parse('2026-11-27T10:00:00Z');
  const usage = new FieldUsage({ ...USAGE_BOUNDS, ...bounds }, () => nowMs);
  return {
    read: (field?: string) => usage.read(field),
    later: (ms: number) => void (nowMs += ms),
    /** Counts a request. */
    use(query: string, client?: string, version?: string) {
      const parameters = { query };
      const facts = { requestId: '1', name: client, version, traceparent: undefined, tracestate: undefined };
      const watching = { observer: usage, onFault: (error: unknown) => expect.unreachable(String(error)) };
      const message = { parameters, caller: NOBODY, mutationsAllowed: true, client: facts };
      const request = new ObservedRequest(message, watching);
      const prepared = prepareOperation(
        parameters,
        { apiSchema: SCHEMA, fullSchema: SCHEMA, fieldSetNames: new Set(), subjects: undefined } as never,
        {
          limits: resolveConfig({}, {}).limits,
          introspection: true,
        },
      );
      if (!prepared.ok) throw new Error(JSON.stringify(prepared.errors));
      request.recognise(prepared, SCHEMA);
      request.end({ httpStatus: 200, data: {} });
    },
  };
}

function requestsOf({ fields }: Usage): Record<string, number> {
  const entries = Object.entries(fields).map(([field, clients]) => {
    return [field, clients.reduce((total, { requests }) => total + requests, 0)] as const;
  });
  return Object.fromEntries(entries);
}

describe('what is counted', () => {
  test('is each field that an operation asks for, once a request, through fragments, by the type it is asked of', () => {
    const { use, read } = counting();
    const query = `query { book { ...B next { ...B } } named { name ... on Book { pages } __typename } __schema { types { name } } }
      fragment B on Book { name next { ...C } } fragment C on Book { pages @skip(if: true) }`;
    use(query);
    use(query);
    expect(requestsOf(read())).toEqual({
      'Query.book': 2,
      'Book.next': 2,
      'Query.named': 2,
      'Named.name': 2,
      'Book.pages': 2,
      'Book.name': 2,
    });
  });

  test('is each argument, enum value and field of an input that its text names, and all that a variable may hold', () => {
    const { use, read } = counting();
    use('query ($f: Filter) { book(filter: $f) @include(if: true) { name } __type(name: "Book") { name } }');
    expect(Object.keys(read().fields)).toEqual(['Filter', 'Query.book', 'Query.book(filter:)', 'Book.name']);
    const { use: useAgain, read: readAgain } = counting();
    useAgain('query ($y: Int) { book(isbn: 1, filter: { year: $y, not: { kind: ATLAS } }, kinds: [NOVEL]) { name } }');
    expect(Object.keys(readAgain().fields)).toEqual([
      ...['Query.book', 'Query.book(isbn:)', 'Query.book(filter:)', 'Filter.year', 'Filter.not', 'Filter.kind'],
      ...['Kind.ATLAS', 'Query.book(kinds:)', 'Kind.NOVEL', 'Book.name'],
    ]);
  });

  test('is told by client and version, and by day', () => {
    const { use, read, later } = counting();
    use('{ book { name } }', 'portal', '1');
    use('{ book { pages } }', 'portal', '1');
    use('{ book { name } }', 'portal', '2');
    later(86_400_000);
    use('{ book { name } }', 'portal', '1');
    use('{ book { name } }');
    expect(read('Book.name')).toEqual({
      since: '2026-11-27T10:00:00.000Z',
      tellsInputs: true,
      fields: {
        'Book.name': [
          { client: 'portal', version: '1', contract: null, requests: 2, days: { '2026-11-27': 1, '2026-11-28': 1 } },
          { client: 'portal', version: '2', contract: null, requests: 1, days: { '2026-11-27': 1 } },
          { client: null, version: null, contract: null, requests: 1, days: { '2026-11-28': 1 } },
        ],
      },
    });
    expect(read('Book.next').fields).toEqual({ 'Book.next': [] });
  });

  test('is the same whether it is read once or often', () => {
    const { use, read } = counting();
    for (let number = 0; number < 3; number += 1) {
      use('{ book { name } }');
      read();
    }
    expect(requestsOf(read())).toEqual({ 'Query.book': 3, 'Book.name': 3 });
  });
});

describe('however many ask', () => {
  test('no request is lost where there are more operations than are kept', () => {
    const { use, read } = counting({ maxOperations: 3 });
    for (let number = 0; number < 20; number += 1) use(`query Q${number} { book { name } }`);
    expect(requestsOf(read())).toEqual({ 'Query.book': 20, 'Book.name': 20 });
  });

  test('clients beyond the bound are counted together', () => {
    const { use, read } = counting({ maxClients: 2 });
    for (const client of ['a', 'b', 'c', 'd', 'a']) use('{ book { name } }', client, '1');
    const clients = read('Book.name').fields['Book.name']!.map(({ client, requests }) => [client, requests]);
    expect(clients).toEqual([
      ['a', 2],
      ['b', 1],
      ['other', 2],
    ]);
  });

  test('days that are too old go, and so does the oldest where there are too many counters, and it is told since when', () => {
    const old = counting({ maxDays: 2 });
    for (let day = 0; day < 3; day += 1) {
      old.use('{ book { name } }');
      old.later(86_400_000);
    }
    expect(old.read('Book.name')).toMatchObject({
      since: '2026-11-29T00:00:00.000Z',
      fields: { 'Book.name': [{ days: { '2026-11-29': 1 } }] },
    });
    const many = counting({ maxCounters: 3 });
    many.use('{ book { name } }');
    many.later(86_400_000);
    many.use('{ book { pages } }');
    expect(requestsOf(many.read())).toEqual({ 'Query.book': 1, 'Book.pages': 1 });
    expect(many.read().since).toBe('2026-11-28T00:00:00.000Z');
  });
});

describe('over HTTP', () => {
  let federation: ServedFederation;
  beforeAll(async () => {
    federation = await serveFederation(LIBRARY, { graphiql: false, explain: { secret: 'tell me' } });
  });
  afterAll(() => federation.close());

  const usage = (query: string, secret?: string) =>
    fetch(new URL(`/usage${query}`, federation.url), { headers: secret ? { 'switchyard-explain': secret } : {} });

  test('who has the secret is told which clients use a field', async () => {
    const { url } = federation;
    await askWith({ 'graphql-client-name': 'portal', 'graphql-client-version': '7' }, url, '{ best { title } }');
    await askWith({}, url, '{ best { nothing } }');
    const response = await usage('?field=Book.title', 'tell me');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({
      fields: { 'Book.title': [{ client: 'portal', version: '7', requests: 1 }] },
    });
    const all = (await (await usage('', 'tell me')).json()) as Usage;
    expect(Object.keys(all.fields).sort()).toEqual(['Book.title', 'Query.best']);
    expect((await usage('?field=a+b', 'tell me')).status).toBe(400);
  });

  test('others find nothing there', async () => {
    expect((await usage('')).status).toBe(404);
    expect((await usage('', 'tell m')).status).toBe(404);
    expect((await usage('?field=Book.title', 'tell me!')).status).toBe(404);
  });
});
