import { expect, onTestFinished, test } from 'vitest';
import { NOBODY } from '../../gateway/caller.ts';
import { resolveConfig } from '../../gateway/config/config.ts';
import { Deadline } from '../../gateway/deadline.ts';
import { jsonBody, requestBody, type Fetcher } from '../../gateway/execute/fetcher.ts';
import { runExplained } from '../../gateway/explain/explain-run.ts';
import type { FieldOrigin } from '../../gateway/explain/field-origins.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { toPlainAnswer } from '../../gateway/message.ts';
import { startPlanner } from '../../gateway/plan/planner.ts';
import { loadSupergraph } from '../../gateway/supergraph/load.ts';
import { composeSmall, inProcessSubgraphs, type SeenRequest, type SmallSubgraph } from '../kit/federation.ts';
import { LIBRARY, SHELF, SHELF_DATA } from '../kit/library.ts';

/** Explains operations of a small federation that lives in this process. */
async function explaining(subgraphs: Readonly<Record<string, SmallSubgraph>>) {
  const { limits, planner: plannerOptions } = resolveConfig({}, {});
  const supergraph = loadSupergraph(composeSmall(subgraphs));
  const planner = startPlanner(supergraph.sdl, plannerOptions);
  onTestFinished(() => planner.close());
  const answerInProcess = inProcessSubgraphs(subgraphs);
  let asked = 0;
  const fetch: Fetcher = async (request) => {
    asked += 1;
    const { query, variables } = JSON.parse(requestBody(request)) as Omit<SeenRequest, 'service'>;
    const { data, errors } = await answerInProcess({ service: request.template.service, query, variables });
    return { httpStatus: 200, body: jsonBody(JSON.stringify(errors.length > 0 ? { data, errors } : { data })) };
  };
  const gateway = createGateway({
    supergraph,
    planner,
    fetcher: fetch,
    prepare: { limits, introspection: true },
    maxOperations: 10,
    maskErrors: false,
    onFault: () => expect.unreachable(),
  });
  return async (query: string) => {
    const deadline = new Deadline(10_000);
    const parts = { gateway, supergraph, fetch };
    const run = await runExplained(parts, { parameters: { query }, caller: NOBODY, mutationsAllowed: true }, deadline);
    const askedToAnswer = asked;
    const explanation = (await run.explain())!;
    deadline.clear();
    // Explaining asks nobody.
    expect(asked).toBe(askedToAnswer);
    expect(explanation.timings.requests).toHaveLength(asked);
    return { ...explanation, answer: toPlainAnswer(run.answer) };
  };
}

/** Each as `path (types) <- service fetch`. */
function written(fields: readonly FieldOrigin[]): string[] {
  return fields.map(({ path, types, from, byGateway }) => {
    const sources = from.map(({ service, fetch }) => `${service} ${fetch}`).join(', ');
    return `${path}${types ? ` (${types.join(' ')})` : ''} <- ${byGateway ? 'gateway' : sources}`;
  });
}

const CREW: Readonly<Record<string, SmallSubgraph>> = {
  staff: {
    sdl: `
      type Query { crew: [Worker!]! }
      interface Worker { id: ID! name: String! }
      type Clerk implements Worker @key(fields: "id") { id: ID! name: String! desk: String! office: Office! }
      type Pilot implements Worker @key(fields: "id office { code }") {
        id: ID!
        name: String!
        office: Office! @shareable
      }
      type Office { code: ID! @shareable floor: Int! @shareable }
    `,
    resolvers: { Query: { crew: () => [] } },
  },
  payroll: {
    sdl: `
      type Clerk @key(fields: "id") { id: ID! office: Office! @external pay: Int @requires(fields: "office { floor }") }
      type Office { floor: Int! @external }
    `,
  },
  airline: {
    sdl: `
      type Pilot @key(fields: "id office { code }") { id: ID! office: Office! @shareable pay: Int wings: String! }
      type Office { code: ID! @shareable }
    `,
  },
};

const VENUES: Readonly<Record<string, SmallSubgraph>> = {
  venues: {
    sdl: `
      type Query { nearest: Venue }
      interface Venue { host: Person }
      type Park implements Venue { host: Person }
      type Hall implements Venue { host: Person }
      type Person @key(fields: "id") { id: ID! }
    `,
    resolvers: { Query: { nearest: () => ({ __typename: 'Hall', host: { id: '1' } }) } },
  },
  people: {
    sdl: `type Person @key(fields: "id") { id: ID! name: String phone: String }`,
    resolvers: { Person: { name: () => 'Ann', phone: () => '555' } },
  },
};

test('a field that is fetched below objects of one type alone comes from that fetch', async () => {
  const explain = await explaining(VENUES);
  const { fields, fetches } = await explain('{ nearest { host { name } ... on Hall { host { phone } } } }');
  expect(written(fields)).toEqual([
    'nearest <- venues 0',
    'nearest.host <- venues 0',
    'nearest.host.name <- people 1',
    'nearest.host.phone <- people 2',
  ]);
  expect(fetches.map(({ path }) => path)).toEqual(['', 'nearest.host', 'nearest|[Hall].host']);
});

test('a field comes from one fetch for one type and from another for another, under the names the client gave it', async () => {
  const explain = await explaining(CREW);
  const { fields } = await explain(`
    {
      people: crew { kind: __typename name ... on Clerk { desk money: pay } ...Flying }
      self: __typename
      __schema { queryType { name } }
    }
    fragment Flying on Pilot { money: pay where: office { code } }
  `);
  expect(written(fields)).toEqual([
    'people <- staff 0',
    'people.kind <- staff 0',
    'people.name <- staff 0',
    'people.desk <- staff 0',
    'people.money (Clerk) <- payroll 1',
    'people.money (Pilot) <- airline 2',
    'people.where <- staff 0',
    'people.where.code <- staff 0',
    'self <- gateway',
    '__schema <- gateway',
  ]);
});

test('what is handed in is told apart as keys and requirements, with what is nested in them', async () => {
  const explain = await explaining(CREW);
  const { fetches } = await explain('{ crew { ... on Clerk { pay } ... on Pilot { wings } } }');
  expect(fetches.map(({ service, handsIn }) => [service, handsIn])).toEqual([
    ['staff', []],
    ['payroll', [{ type: 'Clerk', keys: ['id'], required: ['office.floor'] }]],
    ['airline', [{ type: 'Pilot', keys: ['id', 'office.code'], required: [] }]],
  ]);
});

test('an interface that a department knows as an object is handed in under the interface’s name', async () => {
  const explain = await explaining({
    media: {
      sdl: `
        type Query { medium: Medium }
        interface Medium @key(fields: "id") { id: ID! }
        type Film implements Medium @key(fields: "id") { id: ID! }
      `,
      resolvers: { Query: { medium: () => ({ __typename: 'Film', id: 'f' }) } },
    },
    ratings: {
      sdl: `type Medium @interfaceObject @key(fields: "id") { id: ID! stars: Int }`,
      resolvers: { Medium: { stars: () => 5 } },
    },
  });
  const { fetches, fields, answer } = await explain('{ medium { ... on Film { stars } } }');
  expect(answer.data).toEqual({ medium: { stars: 5 } });
  expect(fetches[1]!.handsIn).toEqual([{ type: 'Film', as: 'Medium', keys: ['id'], required: [] }]);
  expect(written(fields)).toEqual(['medium <- media 0', 'medium.stars <- ratings 1']);
});

test.each(['people', 'post'])('what is missing when the department %s is down is what came from it', async (name) => {
  const explain = await explaining({ ...LIBRARY, [name]: { ...LIBRARY[name]!, isDown: true } });
  const { fields, answer, answeredBy, because, timings } = await explain(SHELF);
  const only = fields.filter(({ from }) => from.every(({ service }) => service === name));
  expect(nullPaths(answer.data, [])).toEqual(new Set(only.map(({ path }) => path)));
  expect(answer.errors).not.toHaveLength(0);
  expect([answeredBy, because]).toEqual(['plain', `${name} gave no answer: SUBREQUEST_HTTP_ERROR`]);
  const failed = timings.requests.find(({ service }) => service === name);
  expect(failed).toMatchObject({ bytesIn: 0, error: { code: 'SUBREQUEST_HTTP_ERROR' } });
  expect(failed).not.toHaveProperty('httpStatus');
});

function nullPaths(value: unknown, path: readonly string[]): Set<string> {
  if (value === null) return new Set([path.join('.')]);
  if (typeof value !== 'object') return new Set();
  const entries = Object.entries(value as Record<string, unknown>);
  const below = entries.map(([key, item]) => nullPaths(item, Array.isArray(value) ? path : [...path, key]));
  return new Set(below.flatMap((paths) => [...paths]));
}

test('what equal fetches and equal entities share is counted', async () => {
  const explain = await explaining(LIBRARY);
  const { fetches, sharing, answer, answeredBy } = await explain(SHELF);
  expect(answer).toEqual({ httpStatus: 200, data: SHELF_DATA });
  expect(answeredBy).toBe('program');
  expect(fetches.map(({ service, sharesWith }) => [service, sharesWith])).toEqual([
    ['books', undefined],
    ['post', undefined],
    ['people', undefined],
    ['people', 2],
  ]);
  expect(sharing).toEqual([
    { fetch: 1, places: 3, asked: 3, remembered: 0, shared: 0 },
    { fetch: 2, places: 3, asked: 2, remembered: 0, shared: 1 },
    { fetch: 3, places: 1, asked: 0, remembered: 0, shared: 1 },
  ]);
});

test('what a department gave in another answer counts as shared, and so does what is made from it', async () => {
  const explain = await explaining({
    goods: {
      sdl: `type Query { offers: [Good!]! } type Good @key(fields: "id") { id: ID! grams: Int }`,
      resolvers: {
        Query: { offers: () => [{ id: 'g1', grams: 500 }] },
        Good: { __resolveReference: ({ id }: { id: string }) => ({ id, grams: 500 }) },
      },
    },
    post: {
      sdl: `type Query { sent: [Good!]! }
        type Good @key(fields: "id") { id: ID! grams: Int @external postage: Float @requires(fields: "grams") }`,
      resolvers: {
        Query: { sent: () => [{ id: 'g1' }, { id: 'g1' }] },
        Good: { postage: ({ grams }: { grams: number }) => grams / 100 },
      },
    },
  });
  const { answer, sharing } = await explain('{ offers { id grams } sent { grams postage } }');
  expect(answer.data).toMatchObject({ sent: [{ grams: 500, postage: 5 }, { postage: 5 }] });
  expect(sharing).toEqual([
    { fetch: 2, places: 2, asked: 0, remembered: 0, shared: 2 },
    { fetch: 3, places: 2, asked: 1, remembered: 0, shared: 1 },
  ]);
});

test('a mutation is run once', async () => {
  let count = 0;
  const explain = await explaining({
    desk: {
      sdl: 'type Query { a: Int } type Mutation { stamp: Int refuse: Int }',
      resolvers: {
        Mutation: {
          stamp: () => (count += 1),
          refuse() {
            throw new Error('no');
          },
        },
      },
    },
  });
  expect((await explain('mutation { stamp refuse }')).answer.data).toEqual({ stamp: 1, refuse: null });
  expect(count).toBe(1);
});
