import { OperationTypeNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { cacheEntities } from '../../gateway/cache/entity-cache.ts';
import { createMemoryStore } from '../../gateway/cache/memory-store.ts';
import { fetchTemplate } from '../../gateway/execute/fetch-template.ts';
import { Deadline } from '../../gateway/deadline.ts';
import { GatewayFault } from '../../gateway/errors.ts';
import { jsonBody, type Fetcher, type FetchTemplate } from '../../gateway/execute/fetcher.ts';
import { readResponse, type SubgraphError } from '../../gateway/execute/response.ts';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import { loadSupergraph } from '../../gateway/supergraph/load.ts';

const composed = composeSubgraphs([
  {
    name: 'shop',
    routingUrl: 'http://shop.test',
    origin: 'shop.graphql',
    sdl: `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      directive @cacheControl(maxAge: Int, scope: String, inheritMaxAge: Boolean) on OBJECT | FIELD_DEFINITION
      type Query { item: Item }
      type Item @key(fields: "id") @cacheControl(maxAge: 60) {
        id: ID!
        name: String
        stock: Int @cacheControl(maxAge: 0)
        secret: String @cacheControl(maxAge: 60, scope: "PRIVATE")
        maker: Maker
        parts(first: Int): [Part!] @cacheControl(inheritMaxAge: true)
      }
      type Maker { name: String }
      type Part { name: String }
    `,
  },
]);
if (!composed.ok) throw new Error('did not compose');
const supergraph = loadSupergraph(composed.sdl);

function templateFor(selection: string, service = 'shop'): FetchTemplate {
  const query = `query Q__shop__1($representations:[_Any!]!){_entities(representations:$representations){...on Item{${selection}}}}`;
  return fetchTemplate(
    {
      kind: 'Fetch',
      serviceName: service,
      operation: query,
      operationKind: OperationTypeNode.QUERY,
      operationName: 'Q__shop__1',
      requires: [],
    },
    [],
  );
}

/** A subgraph that answers each entity with its id as name, or with the errors it is told to. */
function subgraph(errors: (ids: string[]) => SubgraphError[] = () => []) {
  const asked: string[][] = [];
  const fetcher: Fetcher = ({ representations }) => {
    const ids = representations.map((text) => (JSON.parse(text) as { id: string }).id);
    asked.push(ids);
    const data = { _entities: ids.map((id) => (id === 'none' ? null : { name: id })) };
    const body = jsonBody(JSON.stringify({ data, errors: errors(ids) }));
    return Promise.resolve({ httpStatus: 200, body });
  };
  return { asked, fetcher };
}

function cached(fetcher: Fetcher): Fetcher {
  return cacheEntities(fetcher, {
    store: createMemoryStore(1_000_000),
    hints: supergraph.cacheHints,
    schema: supergraph.fullSchema,
    supergraphHash: supergraph.hash,
  });
}

async function ask(fetcher: Fetcher, template: FetchTemplate, ids: string[], variablesText = '') {
  const representations = ids.map((id) => JSON.stringify({ __typename: 'Item', id }));
  const deadline = new Deadline(10_000);
  const answer = await fetcher({ template, variablesText, representations }, deadline).finally(() => deadline.clear());
  return readResponse(answer, template.service);
}

describe('the entity cache', () => {
  test('asks for an entity once, and of a list only for what it does not know', async () => {
    const { asked, fetcher } = subgraph();
    const front = cached(fetcher);
    await ask(front, templateFor('name'), ['1', '2']);
    const second = await ask(front, templateFor('name'), ['2', '3', '1']);
    expect(asked).toEqual([['1', '2'], ['3']]);
    expect(second).toEqual({ data: { _entities: [{ name: '2' }, { name: '3' }, { name: '1' }] }, errors: [] });
  });

  test('remembers that an entity does not exist', async () => {
    const { asked, fetcher } = subgraph();
    const front = cached(fetcher);
    await ask(front, templateFor('name'), ['none']);
    expect((await ask(front, templateFor('name'), ['none'])).data).toEqual({ _entities: [null] });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['a field that lives for no time', 'name stock'],
    ['a private field', 'name secret'],
    ['an object without a hint', 'name maker{name}'],
  ])('remembers nothing of a fetch with %s', async (_name, selection) => {
    const { asked, fetcher } = subgraph();
    const front = cached(fetcher);
    await ask(front, templateFor(selection), ['1']);
    await ask(front, templateFor(selection), ['1']);
    expect(asked).toHaveLength(2);
  });

  test('remembers an object that takes its parent’s age', async () => {
    const { asked, fetcher } = subgraph();
    const front = cached(fetcher);
    await ask(front, templateFor('parts(first:2){name}'), ['1']);
    await ask(front, templateFor('parts(first:2){name}'), ['1']);
    expect(asked).toHaveLength(1);
  });

  test('keeps different selections and different variables apart', async () => {
    const { asked, fetcher } = subgraph();
    const front = cached(fetcher);
    await ask(front, templateFor('name'), ['1'], '"first":1');
    await ask(front, templateFor('name'), ['1'], '"first":2');
    await ask(front, templateFor('id name'), ['1'], '"first":1');
    expect(asked).toHaveLength(3);
  });

  test('gives the same question the same answer under any operation name', async () => {
    const { asked, fetcher } = subgraph();
    const front = cached(fetcher);
    const template = templateFor('name');
    await ask(front, template, ['1']);
    await ask(front, { ...template, operationName: 'R', query: template.query.replace('Q__shop__1', 'R') }, ['1']);
    expect(asked).toHaveLength(1);
  });

  test('does not remember an entity that came with an error, and counts the error’s place among all', async () => {
    const { asked, fetcher } = subgraph((ids) => [{ message: 'bad', path: ['_entities', ids.indexOf('bad'), 'name'] }]);
    const front = cached(fetcher);
    await ask(front, templateFor('name'), ['1', 'bad']);
    const second = await ask(front, templateFor('name'), ['1', 'bad']);
    expect(asked).toEqual([['1', 'bad'], ['bad']]);
    expect(second.errors).toEqual([{ message: 'bad', path: ['_entities', 1, 'name'] }]);
  });

  test('remembers nothing of an answer with an error that names no entity', async () => {
    const { asked, fetcher } = subgraph(() => [{ message: 'something' }]);
    const front = cached(fetcher);
    await ask(front, templateFor('name'), ['1']);
    await ask(front, templateFor('name'), ['1']);
    expect(asked).toHaveLength(2);
  });

  test('still gives what it knows when the department is down', async () => {
    const { fetcher } = subgraph();
    let isDown = false;
    const front = cached((request, deadline) =>
      isDown ? Promise.reject(new GatewayFault('SUBREQUEST_TIMEOUT', '')) : fetcher(request, deadline),
    );
    await ask(front, templateFor('name'), ['1']);
    isDown = true;
    expect(await ask(front, templateFor('name'), ['1', '2'])).toEqual({
      data: { _entities: [{ name: '1' }, null] },
      errors: [expect.objectContaining({ path: ['_entities', 1], extensions: { code: 'SUBREQUEST_TIMEOUT' } })],
    });
    await expect(ask(front, templateFor('name'), ['2'])).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
  });
});
