import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../gateway/config/config.ts';
import { LIBRARY, SHELF, SHELF_DATA } from '../kit/library.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';

const SECRET = 'sésame, ouvre-toi';
/** `fetch` writes a header's characters as single bytes. */
const SECRET_BYTES = Buffer.from(SECRET).toString('latin1');

let open: ServedFederation;
let shut: ServedFederation;
beforeAll(async () => {
  open = await serveFederation(LIBRARY, { explain: { secret: SECRET }, production: true });
  shut = await serveFederation(LIBRARY, { graphiql: false });
});
afterAll(() => Promise.all([open.close(), shut.close()]));

async function post({ url }: ServedFederation, query: string, secret?: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(secret === undefined ? {} : { 'switchyard-explain': secret }) },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

interface Explained {
  data: unknown;
  extensions: {
    explain: {
      timings: { readyMs: number; totalMs: number; requests: { service: string }[] };
      sharing: { fetch: number; remembered: number }[];
      answerBytes: number;
    };
  };
}

async function explained(query: string): Promise<Explained & { text: string }> {
  const { text } = await post(open, query, SECRET_BYTES);
  return { ...(JSON.parse(text) as Explained), text };
}

describe('who sends the secret', () => {
  test('is told how the answer came about, behind the same data', async () => {
    const { text: whole, data, extensions } = await explained(SHELF);
    const { text } = await post(open, SHELF);
    expect(data).toEqual(SHELF_DATA);
    expect(whole.startsWith(`${text.slice(0, -1)},"extensions":{"explain":{`)).toBe(true);
    expect(extensions.explain).toMatchObject({
      name: 'Shelf',
      plan: { kind: 'QueryPlan' },
      fetches: [
        { service: 'books', query: expect.stringContaining('books(like:"ö")') as string },
        { service: 'post', handsIn: [{ type: 'Book', keys: ['isbn'], required: ['grams'] }] },
        { service: 'people' },
        { service: 'people', sharesWith: 2 },
      ],
      answeredBy: 'program',
      answerBytes: Buffer.byteLength(text),
    });
    expect(extensions.explain).not.toHaveProperty('program');
    expect(extensions).toHaveProperty('explain.fields.2', {
      path: 'books.postage',
      from: [{ service: 'post', fetch: 1 }],
    });
  });

  test('is told what the cache remembered', async () => {
    const query = '{ books { writer { id name } } }';
    await post(open, query);
    const { timings, sharing } = (await explained(query)).extensions.explain;
    expect(timings.requests).toMatchObject([{ service: 'books', httpStatus: 200 }]);
    expect(sharing).toEqual([{ fetch: 1, places: 3, asked: 0, remembered: 2, shared: 1 }]);
  });

  test('is told why an answer came the plain way, and sees errors as everybody does', async () => {
    const query = '{ books { stamp } }';
    const { extensions, ...answer } = JSON.parse((await post(open, query, SECRET_BYTES)).text) as Explained;
    expect(answer).toEqual(JSON.parse((await post(open, query)).text));
    expect(extensions.explain).toMatchObject({ answeredBy: 'plain', because: 'post reported errors' });
  });

  test('is told by GET, too, in an answer that nobody may keep', async () => {
    const response = await fetch(`${open.url}?query=${encodeURIComponent('{ best { title } }')}`, {
      headers: { 'switchyard-explain': SECRET_BYTES },
    });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ extensions: { explain: { answeredBy: 'program' } } });
  });

  test('gets the refusal alone of what is not run', async () => {
    expect((await post(open, '{ magazines }', SECRET_BYTES)).text).toBe((await post(open, '{ magazines }')).text);
  });
});

describe('nobody is told', () => {
  const others = [SECRET_BYTES.slice(0, -1), `${SECRET_BYTES}!`, '', 'true', 'undefined'];

  test.each(others)('who sends "%s"', async (secret) => {
    const { status, text, headers } = await post(open, SHELF, secret);
    expect([status, text]).toEqual([200, (await post(open, SHELF)).text]);
    expect(headers.get('cache-control')).toBeNull();
  });

  test.each([SECRET_BYTES, ...others])('where there is no secret, by "%s"', async (secret) => {
    expect((await post(shut, SHELF, secret)).text).toBe((await post(shut, SHELF)).text);
  });
});

test('the secret may come from the environment, and an empty one is none', () => {
  const secretOf = (env: Record<string, string>, input: object = {}) => resolveConfig(input, env).explain.secret;
  expect(secretOf({ SWITCHYARD_EXPLAIN_SECRET: 'b' }, { explain: { secret: 'a' } })).toBe('b');
  expect(secretOf({ SWITCHYARD_EXPLAIN_SECRET: '' })).toBeUndefined();
  expect(() => secretOf({}, { explain: { secret: '' } })).toThrow('explain.secret');
});

test('addresses of departments stay in the process', async () => {
  const federation = await serveFederation(LIBRARY, {
    explain: { secret: SECRET },
    subgraphs: { post: { routingUrl: 'http://127.0.0.1:1/inside' } },
  });
  const { text } = await post(federation, SHELF, SECRET_BYTES);
  await federation.close();
  expect(text).toContain('"error":"SUBREQUEST_HTTP_ERROR"');
  expect(text).not.toContain('127.0.0.1');
});
