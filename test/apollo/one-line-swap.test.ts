import { ApolloGateway } from '@apollo/gateway';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SwitchyardGateway } from '../../gateway/apollo/switchyard-gateway.ts';
import {
  composeServed,
  FEES,
  openDesk,
  PERMITS,
  serveSubgraph,
  type AskOptions,
  type Desk,
  type DeskAnswer,
  type ServedSubgraph,
} from './city-desk.ts';

let subgraphs: ServedSubgraph[];
let before: Desk;
let after: Desk;
beforeAll(async () => {
  subgraphs = await Promise.all([serveSubgraph(PERMITS), serveSubgraph(FEES)]);
  const supergraphSdl = composeServed(...subgraphs);
  before = await openDesk(new ApolloGateway({ supergraphSdl }));
  after = await openDesk(new SwitchyardGateway({ supergraphSdl }));
});
afterAll(async () => {
  await Promise.all([before.close(), after.close()]);
  await Promise.all(subgraphs.map((subgraph) => subgraph.close()));
});

const OPERATIONS: Record<string, [query: string, options?: AskOptions]> = {
  'what one subgraph knows': ['{ permits { number kind } }'],
  'what two subgraphs know of one entity': ['{ permit(number: "P-1") { kind fee } }'],
  'aliases, fragments and __typename': [
    '{ first: permit(number: "P-1") { ...P } second: permit(number: "P-9") { ...P } } fragment P on Permit { __typename no: number fee }',
  ],
  variables: ['query ($kind: Kind) { permits(kind: $kind) { number } }', { variables: { kind: 'SCAFFOLD' } }],
  'a condition': [
    'query ($with: Boolean!) { permits { number kind @include(if: $with) } }',
    { variables: { with: false } },
  ],
  'one of several operations': [
    'query A { permits { number } } query B { permit(number: "P-2") { number } }',
    { operationName: 'B' },
  ],
  'a mutation with an entity behind it': ['mutation { issue(kind: STALL) { number fee } }'],
  introspection: ['{ __schema { queryType { name } } __type(name: "Permit") { fields { name } } permits { number } }'],
  "a subgraph's error": ['{ refused permits { number } }'],
  "a subgraph's error on an entity": ['{ permit(number: "P-2") { number fee } }'],
  'an operation that does not parse': ['{ permits {'],
  'an operation that is not valid': ['{ permits { colour } }'],
  'a variable of the wrong type': [
    'query ($kind: Kind) { permits(kind: $kind) { number } }',
    { variables: { kind: 7 } },
  ],
  'a variable that is missing': ['query ($number: ID!) { permit(number: $number) { number } }'],
};

describe('Apollo Server answers the same with SwitchyardGateway as with ApolloGateway', () => {
  for (const [what, [query, options]] of Object.entries(OPERATIONS))
    test(what, async () => {
      const expected = await before.ask(query, options);
      const given = await after.ask(query, options);
      expect(comparable(given)).toEqual(comparable(expected));
      expect(JSON.stringify(given.body.data)).toBe(JSON.stringify(expected.body.data));
    });

  test('and lets it be kept as long as the subgraphs allow', async () => {
    const { cacheControl } = await after.ask('{ permit(number: "P-1") { number fee } }');
    expect(cacheControl).toBe('max-age=30, public');
    const alone = await after.ask('{ permit(number: "P-1") { number } }');
    expect(alone.cacheControl).toBe('max-age=60, public');
  });
});

/** What a client may count on; beside it, each gateway has its own words for its own errors. */
function comparable({ status, cacheControl, body: { data, errors = [] } }: DeskAnswer) {
  return {
    status,
    cacheControl,
    data,
    errors: errors.map(({ message, path, locations, extensions = {} }) => ({
      message,
      path,
      locations,
      code: extensions['code'],
      serviceName: extensions['serviceName'],
    })),
  };
}

test("An operation name that is not there is the client's mistake", async () => {
  const { status, body } = await after.ask('query A { permits { number } }', { operationName: 'B' });
  expect(status).toBe(400);
  expect(body.errors).toMatchObject([{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }]);
});

test('Limits hold, and the refusal has the status that says so', async () => {
  const supergraphSdl = composeServed(...subgraphs);
  const desk = await openDesk(new SwitchyardGateway({ supergraphSdl, settings: { limits: { maxDepth: 1 } } }));
  const { status, body } = await desk.ask('{ permits { number } }');
  await desk.close();
  expect(status).toBe(400);
  expect(body).not.toHaveProperty('data');
  expect(body.errors).toMatchObject([{ extensions: { code: 'MAX_DEPTH_LIMIT' } }]);
});
