import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner, type PlanNode, type QueryPlan } from '@apollo/query-planner';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planWholly, type WholePlan } from '../../gateway/plan/faults/dropped-members.ts';
import { MemberTypes } from '../../gateway/plan/faults/member-types.ts';
import { startPlanner, type Planner } from '../../gateway/plan/planner.ts';
import { buildSupergraph } from '../../gateway/supergraph/load.ts';
import { composeSmall } from '../kit/federation.ts';

/** The east and the west each know a kind of animal that the other does not; the vets know more of one of them. */
const EAST = {
  sdl: `
    type Query { east: Park }
    type Park @key(fields: "id") { id: ID! zone: Zone @shareable }
    type Zone @shareable { animals: [Animal!]! }
    union Animal = Deer | Elk
    type Deer @shareable { name: String }
    interface Tagged { tag: ID! }
    type Elk implements Tagged @key(fields: "tag") { tag: ID! weight(unit: String): Int }`,
};
const WEST = {
  sdl: `
    type Query { west: Park }
    type Park @key(fields: "id") { id: ID! zone: Zone @shareable rangers: Int }
    type Zone @shareable { animals: [Animal!]! }
    union Animal = Deer | Wolf
    type Deer @shareable { name: String }
    type Wolf { pack: Int }`,
};
const VETS = { sdl: `type Elk @key(fields: "tag") { tag: ID! treated: Int @shareable checked: Int }` };
/** Knows more of a wolf than the west, and nobody can ask it for what the west's wolves have. */
const NORTH = {
  sdl: `
    type Park @key(fields: "id") { id: ID! zone: Zone @shareable }
    type Zone @shareable { animals: [Animal!]! }
    union Animal = Deer | Wolf
    type Deer @shareable { name: String }
    type Wolf { age: Int }`,
};

const sdl = composeSmall({ east: EAST, west: WEST, vets: VETS });

/** What a plan asks of which subgraph, in order. */
function fetches({ node }: QueryPlan | { node: PlanNode }): string[] {
  if (!node || node.kind === 'Subscription') return [];
  if (node.kind === 'Fetch') return [`${node.serviceName}: ${node.operation}`];
  if (node.kind === 'Flatten') return fetches(node);
  return 'nodes' in node ? node.nodes.flatMap((child) => fetches({ node: child })) : [];
}

describe('a planned operation', () => {
  let planner: Planner;
  beforeAll(() => {
    planner = startPlanner(sdl, { timeoutMs: 10_000, maxQueue: 10 });
  });
  afterAll(() => planner.close());

  test.each([
    ['that needs nothing of a type', '{ east { zone { animals { __typename ... on Deer { name } } } } }'],
    ['of a type that the department does not know', '{ east { zone { animals { ... on Wolf { pack } } } } }'],
    ['that does not come to such a field', '{ east { id rangers } west { id } }'],
  ])('%s stays as Apollo plans it', async (_, text) => {
    expect(JSON.stringify(await planner.plan(text, undefined))).toBe(JSON.stringify(planByApollo(sdl, text)));
  });

  test('asks the department that gives a type for its fields, in the fetch there is', async () => {
    const text = '{ west { zone { animals { ... on Deer { name } ... on Wolf { pack } } } } }';
    expect(fetches(await planner.plan(text, undefined))).toEqual([
      'west: {west{zone{animals{__typename ...on Deer{name}...on Wolf{pack}}}}}',
    ]);
  });

  test('asks for them also where they are selected of an interface', async () => {
    const text = '{ east { zone { animals { ... on Tagged { tag } } } } }';
    expect(fetches(await planner.plan(text, undefined))).toEqual([
      'east: {east{zone{animals{__typename ...on Elk{tag}}}}}',
    ]);
  });

  test('declares the variables of what was added', async () => {
    const text = 'query Weigh($unit: String) { east { zone { animals { ... on Elk { weight(unit: $unit) } } } } }';
    const plan = await planner.plan(text, 'Weigh');
    expect(fetches(plan)).toEqual([
      'east: query Weigh__east__0($unit:String){east{zone{animals{__typename ...on Elk{weight(unit:$unit)}}}}}',
    ]);
    expect(plan.node).toMatchObject({ kind: 'Fetch', variableUsages: ['unit'] });
  });

  test('asks other departments for the rest, after the fetch and before nothing that was planned without it', async () => {
    const text = '{ east { rangers zone { animals { ... on Elk { checked weight } } } } }';
    const plan = await planner.plan(text, undefined);
    expect(plan.node).toMatchObject({
      kind: 'Sequence',
      nodes: [
        { kind: 'Fetch', serviceName: 'east' },
        { kind: 'Flatten', path: ['east', 'zone', 'animals', '@'], node: { serviceName: 'vets' } },
        { kind: 'Flatten', path: ['east'], node: { serviceName: 'west' } },
      ],
    });
    expect(fetches(plan)[0]).toBe(
      'east: {east{__typename id zone{animals{__typename ...on Elk{__typename tag weight}}}}}',
    );
  });
});

describe('what no department can be asked for', () => {
  const whole = composeSmall({ east: EAST, west: WEST, vets: VETS, north: NORTH });
  const plan = (text: string): WholePlan => {
    const types = new MemberTypes(whole);
    return planWholly(parse(text), types, (document) => planByApollo(types.sdl, document));
  };

  test('is told, with its place, beside what could be added', () => {
    const planned = plan('{ west { zone { animals { ... on Wolf { pack age } } } } }');
    expect(fetches(planned)).toEqual(['west: {west{zone{animals{__typename ...on Wolf{pack}}}}}']);
    expect(planned.unsupplied).toEqual([{ path: ['west', 'zone', 'animals', '@'], typeName: 'Wolf', key: 'age' }]);
  });

  test('is not spoken of where it cannot occur', () => {
    expect(plan('{ east { zone { animals { ... on Wolf { pack age } } } } }').unsupplied).toBeUndefined();
  });
});

function planByApollo(
  supergraphSdl: string,
  operation: Parameters<typeof operationFromDocument>[1] | string,
): QueryPlan {
  const supergraph = buildSupergraph(supergraphSdl);
  const document = typeof operation === 'string' ? parse(operation) : operation;
  const options = { validate: false };
  return new QueryPlanner(supergraph).buildQueryPlan(operationFromDocument(supergraph.apiSchema(), document, options));
}
