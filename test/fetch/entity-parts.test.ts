import { expect, test } from 'vitest';
import { ask } from '../kit/ask.ts';
import { closingAfterEach, serveBare } from '../kit/department.ts';
import { askOne } from '../kit/one-department.ts';
import { readResponse } from '../../gateway/execute/response.ts';
import { serveFederation } from '../kit/served-federation.ts';

const opened = closingAfterEach();

/** A department that gives each entity its own number; each request is answered by what is given for its first entity, if anything is. */
async function serveNumbers(
  special: Record<number, (wanted: number[]) => { status?: number; body: string; age?: string }> = {},
) {
  const asked: number[][] = [];
  const server = opened(
    await serveBare((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const { variables } = JSON.parse(text) as { variables: { representations: { n: number }[] } };
        const wanted = variables.representations.map(({ n }) => n);
        asked.push(wanted);
        const entities = wanted.map((n) => ({ n }));
        const given = special[wanted[0]!]?.(wanted) ?? { body: JSON.stringify({ data: { _entities: entities } }) };
        response.writeHead(given.status ?? 200, { 'cache-control': given.age ?? 'max-age=60' }).end(given.body);
      });
    }),
  );
  const settings = { allSubgraphs: { maxRetries: 0 }, subgraphs: { tax: { maxEntitiesPerRequest: 2 } } };
  return { asked, department: opened(askOne(server.url, settings)) };
}

const representations = (...numbers: number[]): string[] => numbers.map((n) => JSON.stringify({ n }));

test('entities are asked for in parts of a bounded size, and come back as one answer in their order', async () => {
  const { asked, department } = await serveNumbers();
  const answer = await department.askEntities(representations(1, 2, 3, 4, 5));
  expect(asked).toHaveLength(3);
  expect(asked).toEqual(expect.arrayContaining([[1, 2], [3, 4], [5]]));
  expect(readResponse(answer, 'tax')).toEqual({ data: { _entities: [1, 2, 3, 4, 5].map((n) => ({ n })) }, errors: [] });
  expect(answer.cacheControl).toBe('max-age=60');
  await department.askEntities(representations(6, 7));
  expect(asked).toHaveLength(4);
});

test('errors stand at the entities they are about, and a part that fails takes nothing from the others', async () => {
  const { department } = await serveNumbers({
    3: (wanted) => ({
      body: JSON.stringify({
        data: { _entities: [{ n: wanted[0] }, null] },
        errors: [{ message: 'no', path: ['_entities', 1, 'n'] }],
      }),
    }),
    5: () => ({ status: 500, body: '<html>' }),
    7: () => ({ body: '{"data":{"_entities":[]}}' }),
    9: () => ({ body: '{"data":null,"errors":[{"message":"all"}]}' }),
  });
  const answer = await department.askEntities(representations(1, 2, 3, 4, 5, 6, 7, 8, 9));
  const { data, errors } = readResponse(answer, 'tax');
  expect(data).toEqual({ _entities: [{ n: 1 }, { n: 2 }, { n: 3 }, null, null, null, null, null, null] });
  expect(errors.map(({ path, extensions }) => [path, extensions?.['code']])).toEqual([
    [['_entities', 3, 'n'], undefined],
    [['_entities', 4], 'SUBREQUEST_HTTP_ERROR'],
    [['_entities', 5], 'SUBREQUEST_HTTP_ERROR'],
    [['_entities', 6], 'SUBREQUEST_MALFORMED_RESPONSE'],
    [['_entities', 7], 'SUBREQUEST_MALFORMED_RESPONSE'],
    [['_entities', 8], undefined],
  ]);
  expect(answer.cacheControl).toBe('no-store');
});

test('where every part fails, the whole does', async () => {
  const broken = () => ({ status: 500, body: '<html>' });
  const { department } = await serveNumbers({ 1: broken, 3: broken });
  const asking = department.askEntities(representations(1, 2, 3));
  await expect(asking).rejects.toMatchObject({ code: 'SUBREQUEST_HTTP_ERROR' });
});

test('parts that do not say the same of how long they hold are not to be remembered', async () => {
  const { department } = await serveNumbers({
    3: () => ({ body: '{"data":{"_entities":[{"n":3}]}}', age: 'max-age=1' }),
  });
  expect((await department.askEntities(representations(1, 2, 3))).cacheControl).toBe('no-store');
});

test('a client sees no difference, but for the department that is asked more often', async () => {
  const numbers = {
    sdl: 'type Query { all: [A!]! } type A @key(fields: "n") { n: Int! }',
    resolvers: { Query: { all: () => [1, 2, 3, 4, 5].map((n) => ({ n })) } },
  };
  let calls = 0;
  const doubled = ({ n }: { n: number }): number => {
    calls += 1;
    if (n === 4) throw new Error('not four');
    return n * 2;
  };
  const doubles = {
    sdl: 'type A @key(fields: "n") { n: Int! doubled: Int }',
    resolvers: { A: { __resolveReference: (a: object) => a, doubled } },
  };
  const served = async (maxEntitiesPerRequest?: number) => {
    const federation = opened(
      await serveFederation({ numbers, doubles }, { subgraphs: { doubles: { maxEntitiesPerRequest } } }),
    );
    return ask(federation.url, '{ all { n doubled } }');
  };
  const whole = await served();
  expect(whole.errors).toMatchObject([{ path: ['all', 3, 'doubled'] }]);
  expect(await served(2)).toEqual(whole);
  expect(calls).toBe(10);
});
