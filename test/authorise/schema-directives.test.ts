import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRuleFile, RuleSet } from '../../gateway/authorise/rule-set.ts';
import { NOBODY, type Caller } from '../../gateway/caller.ts';
import { federate, type SmallFederation, type SmallSubgraph } from '../kit/federation.ts';

const SHOP: Readonly<Record<string, SmallSubgraph>> = {
  shop: {
    sdl: `type Query {
        catalogue: [Article!]!
        me: Customer @authenticated
        revenue: Float @requiresScopes(scopes: [["revenue:read", "year:read"], ["admin"]])
        audit: String @policy(policies: [["auditor", "weekday"], ["emergency"]])
        anything: Thing
      }
      union Thing = Article | Secret
      type Article @key(fields: "id") { id: ID! title: String cost: Money @authenticated }
      type Customer @key(fields: "id") @authenticated { id: ID! name: String! card: Card }
      type Card @requiresScopes(scopes: [["cards:read"]]) { number: String! }
      type Secret @requiresScopes(scopes: [["secret"]]) { code: String }
      scalar Money @requiresScopes(scopes: [["money:read"]])`,
    resolvers: {
      Query: {
        catalogue: () => [{ id: 'a1', title: 'Lamp', cost: 12 }],
        me: () => ({ id: 'c1', name: 'Ida', card: { number: '4711' } }),
        revenue: () => 1e6,
        audit: () => 'all well',
        anything: () => ({ __typename: 'Secret', code: '0000' }),
      },
    },
  },
};

function someone(scopes: readonly string[] = [], roles: readonly string[] = []): Caller {
  return { ...NOBODY, identity: { ...NOBODY.identity, kind: 'person', subject: 'ida', scopes, roles } };
}

describe('access directives in the schema', () => {
  let federation: SmallFederation;
  beforeAll(async () => {
    const rules = new RuleSet([
      parseRuleFile(
        { department: 'shop', rules: [], policies: { auditor: { 'identity.roles': 'auditor' }, weekday: {} } },
        'shop.yaml',
      ),
    ]);
    federation = await federate(SHOP, { authorise: { mode: 'off', rules } });
  });
  afterAll(() => federation.close());

  const ask = async (query: string, caller: Caller) => {
    federation.requests.length = 0;
    const { data, errors = [] } = await federation.ask(query, {}, caller);
    return { data, refused: errors.map(({ extensions: { coordinate, rule } }) => [coordinate, rule]) };
  };

  test('@authenticated on a field: nobody in particular is refused, and nothing is fetched', async () => {
    expect(await ask('{ me { name } }', NOBODY)).toEqual({
      data: { me: null },
      refused: [['Query.me', '@authenticated']],
    });
    expect(federation.requests).toEqual([]);
    expect((await ask('{ me { name } }', someone())).data).toEqual({ me: { name: 'Ida' } });
  });

  test('@requiresScopes: all of one list are needed', async () => {
    const query = '{ revenue }';
    expect((await ask(query, someone(['revenue:read']))).refused).toEqual([['Query.revenue', '@requiresScopes']]);
    expect((await ask(query, someone(['year:read', 'revenue:read']))).data).toEqual({ revenue: 1e6 });
    expect((await ask(query, someone(['admin']))).data).toEqual({ revenue: 1e6 });
  });

  test('@policy: all of one list hold; a policy that nobody wrote down never does', async () => {
    expect((await ask('{ audit }', someone([], ['auditor']))).data).toEqual({ audit: 'all well' });
    expect((await ask('{ audit }', someone([], ['clerk']))).data).toEqual({ audit: null });
  });

  test('on a type, for each field that gives it', async () => {
    expect(await ask('{ me { name card { number } } }', someone())).toEqual({
      data: { me: { name: 'Ida', card: null } },
      refused: [['Customer.card', '@requiresScopes']],
    });
    expect((await ask('{ me { card { number } } }', someone(['cards:read']))).data).toEqual({
      me: { card: { number: '4711' } },
    });
  });

  test('on a scalar, together with what stands on the field', async () => {
    const query = '{ catalogue { title cost } }';
    expect((await ask(query, NOBODY)).data).toEqual({ catalogue: [{ title: 'Lamp', cost: null }] });
    expect((await ask(query, someone())).data).toEqual({ catalogue: [{ title: 'Lamp', cost: null }] });
    expect((await ask(query, someone(['money:read']))).data).toEqual({ catalogue: [{ title: 'Lamp', cost: 12 }] });
  });

  test('on a member of a union', async () => {
    const query = '{ anything { __typename ... on Secret { code } ... on Article { title } } }';
    expect((await ask(query, NOBODY)).data).toEqual({ anything: { __typename: 'Secret', code: null } });
    expect((await ask(query, someone(['secret']))).data).toEqual({ anything: { __typename: 'Secret', code: '0000' } });
  });

  test('what @skip leaves out is not refused', async () => {
    const { data, errors } = await federation.ask(
      'query ($no: Boolean!) { me @include(if: $no) { name } catalogue { title } }',
      { no: false },
    );
    expect({ data, errors }).toEqual({ data: { catalogue: [{ title: 'Lamp' }] }, errors: undefined });
  });
});
