import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../kit/ask.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';

const SECRET = 'forget, please';

let visits = 0;
const MUSEUM = {
  museum: {
    sdl: `
      directive @cacheControl(maxAge: Int) on OBJECT
      type Query { hall(id: ID!): Hall }
      type Hall @key(fields: "id") @cacheControl(maxAge: 600) { id: ID! visits: Int }
    `,
    resolvers: { Query: { hall: (_: unknown, { id }: { id: string }) => ({ id, visits: ++visits }) } },
  },
};

let open: ServedFederation;
let shut: ServedFederation;
beforeAll(async () => {
  open = await serveFederation(MUSEUM, { cache: { invalidation: { secret: SECRET } } });
  shut = await serveFederation(MUSEUM);
});
afterAll(() => Promise.all([open.close(), shut.close()]));

async function post({ url }: ServedFederation, body: unknown, authorization?: string) {
  const response = await fetch(new URL('/invalidation', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { errors: { extensions: { code: string } }[] } };
}

async function visitsOf(id: string): Promise<unknown> {
  const { data } = await ask(open.url, `{ hall(id: "${id}") { visits } }`);
  return (data!['hall'] as { visits: unknown }).visits;
}

const HALL = [{ kind: 'type', subgraph: 'museum', type: 'Hall' }];

describe('POST /invalidation', () => {
  test('has answers forgotten, by who sends the secret, and says how many invalidations it took', async () => {
    const first = await visitsOf('a');
    expect(await visitsOf('a')).toBe(first);
    expect(await post(open, HALL, SECRET)).toEqual({ status: 200, body: { count: 1 } });
    expect(await visitsOf('a')).not.toBe(first);
  });

  test.each([
    ['without the secret', HALL, undefined, 401, 'INVALIDATION_UNAUTHORIZED'],
    ['with a wrong one', HALL, 'forget', 401, 'INVALIDATION_UNAUTHORIZED'],
    ['that is not JSON', '[', SECRET, 400, 'INVALIDATION_INVALID'],
    ['that is no list', { kind: 'subgraph', subgraph: 'museum' }, SECRET, 400, 'INVALIDATION_INVALID'],
    ['of what there is not', [{ kind: 'subgraph', subgraph: 'zoo' }], SECRET, 400, 'INVALIDATION_INVALID'],
  ])('refuses a message %s, and forgets nothing', async (_name, message, secret, status, code) => {
    const known = await visitsOf('b');
    const answered = await post(open, message, secret);
    expect([answered.status, answered.body.errors[0]?.extensions.code]).toEqual([status, code]);
    expect(await visitsOf('b')).toBe(known);
  });

  test('is nowhere where there is no secret', async () => {
    expect((await post(shut, HALL, SECRET)).status).toBe(404);
  });
});
