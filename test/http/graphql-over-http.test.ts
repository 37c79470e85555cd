import { setTimeout as pause } from 'node:timers/promises';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';

const subgraph = {
  sdl: `
    type Query { hello(name: String = "world"): String slow: String broken: String big: [String!] }
    type Mutation { set: Int }
  `,
  resolvers: {
    Query: {
      hello: (_: unknown, { name }: { name: string }) => `Hello ${name}`,
      slow: () => pause(3_000, 'late'),
      broken: () => {
        throw new Error('broken inside');
      },
    },
    Mutation: { set: () => 1 },
  },
};

let federation: ServedFederation;
beforeAll(async () => {
  federation = await serveFederation(
    { only: subgraph },
    { http: { maxBodyBytes: 10_000 }, allSubgraphs: { timeoutMs: 200 }, graphiql: false },
  );
});
afterAll(() => federation.close());

describe('the audits of graphql-http', () => {
  for (const audit of serverAudits({ url: () => federation.url })) {
    test(audit.name, async () => {
      const result = await audit.fn();
      expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
    });
  }
});

async function post(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(federation.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const answer = (await response.json()) as {
    data?: unknown;
    errors?: { message: string; extensions: { code: string } }[];
  };
  return { status: response.status, code: answer.errors?.[0]?.extensions.code, ...answer };
}

describe('a bad request gets a clear error with the right status', () => {
  test.each([
    ['malformed JSON', '{"query":', 400, 'BAD_REQUEST'],
    ['an empty body', '', 400, 'BAD_REQUEST'],
    ['JSON that is no object', '"{ hello }"', 400, 'BAD_REQUEST'],
    ['a batch', '[{"query":"{ hello }"}]', 400, 'BAD_REQUEST'],
    ['no query', '{"variables":{}}', 400, 'BAD_REQUEST'],
    ['variables that are no object', '{"query":"{ hello }","variables":"x"}', 400, 'BAD_REQUEST'],
    ['text that is not GraphQL', '{"query":"{ hello"}', 400, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{"query":"{ goodbye }"}', 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['a missing variable', '{"query":"query ($n: String!) { hello(name: $n) }"}', 400, 'BAD_USER_INPUT'],
    ['a body over the limit', JSON.stringify({ query: `{ hello } #${'x'.repeat(20_000)}` }), 413, 'PAYLOAD_TOO_LARGE'],
    [
      'nesting without end',
      JSON.stringify({ query: `{ ${'a{'.repeat(4_000)}` }),
      400,
      expect.stringMatching(/^(MAX_DEPTH_LIMIT|GRAPHQL_PARSE_FAILED)$/) as string,
    ],
  ])('%s', async (_name, body, status, code) => {
    expect(await post(body)).toMatchObject({ status, code });
  });

  test('a body that is not JSON, a method that is not served, an answer nobody can give, an address that is nobody’s', async () => {
    expect(await post('query=hello', { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({
      status: 415,
    });
    expect((await fetch(federation.url, { method: 'PUT' })).status).toBe(405);
    expect(await post('{"query":"{ hello }"}', { accept: 'text/html' })).toMatchObject({ status: 406 });
    expect((await fetch(new URL('/nothing', federation.url))).status).toBe(404);
  });

  test('a mutation by GET is refused', async () => {
    const response = await fetch(`${federation.url}?query=${encodeURIComponent('mutation { set }')}`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('an answer', () => {
  test('comes by POST and by GET', async () => {
    expect(await post('{"query":"query ($n: String) { hello(name: $n) }","variables":{"n":"you"}}')).toMatchObject({
      status: 200,
      data: { hello: 'Hello you' },
    });
    const response = await fetch(`${federation.url}?query=${encodeURIComponent('{ hello }')}`);
    expect(await response.json()).toEqual({ data: { hello: 'Hello world' } });
  });

  test('is there on time although a department is not, which is named', async () => {
    expect(await post('{"query":"{ slow hello }"}')).toMatchObject({
      status: 200,
      data: { slow: null, hello: null },
      code: 'SUBREQUEST_TIMEOUT',
    });
  });

  test('says what a department said', async () => {
    expect(await post('{"query":"{ broken hello }"}')).toMatchObject({
      data: { broken: null, hello: 'Hello world' },
      errors: [
        {
          message: 'broken inside',
          path: ['broken'],
          extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'only' },
        },
      ],
    });
  });
});

test('health and readiness are told', async () => {
  expect(await (await fetch(new URL('/health', federation.url))).json()).toEqual({ status: 'ok' });
  expect(await (await fetch(new URL('/ready', federation.url))).json()).toMatchObject({
    ready: true,
    subgraphs: 1,
    cache: { up: true },
  });
});
