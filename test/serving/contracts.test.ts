import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnswerMessage } from '../../gateway/message.ts';
import { openContracts } from '../../gateway/serving/contracts.ts';
import { contractOf } from '../../gateway/supergraph/contract.ts';
import { loadSupergraph } from '../../gateway/supergraph/load.ts';
import { ask } from '../kit/ask.ts';
import { composeSmall } from '../kit/federation.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag", "@shareable"])`;
const REGISTER = {
  sdl: `${LINK}
    type Query { company(id: ID!): Company @tag(name: "public") people: [Person!]! @tag(name: "partners") count: Int! @tag(name: "public") @tag(name: "partners") }
    type Company @key(fields: "id") @tag(name: "public") { id: ID! name: String secret: String @tag(name: "internal") owner: Person level: Level }
    type Person @tag(name: "partners") { name: String! level: Level }
    enum Level { LOW HIGH @tag(name: "internal") }`,
  resolvers: {
    Query: {
      company: () => ({ id: '1', name: 'Mill', secret: 's', level: 'LOW', owner: { name: 'Ann' } }),
      people: () => [{ name: 'Ann' }],
      count: () => 3,
    },
    Company: { __resolveReference: () => ({ id: '1', name: 'Mill' }) },
  },
};
const TAX = {
  sdl: `${LINK} type Company @key(fields: "id") { id: ID! paid: Int @tag(name: "public") owed: Int }`,
  resolvers: { Company: { __resolveReference: ({ id }: { id: string }) => ({ id, paid: 5, owed: 7 }) } },
};
const CONTRACTS = {
  public: { include: ['public'], exclude: ['internal'] },
  partners: { exclude: ['internal', 'public'] },
};

describe('contracts over HTTP', () => {
  let federation: ServedFederation;
  beforeAll(async () => {
    federation = await serveFederation({ register: REGISTER, tax: TAX }, { contracts: CONTRACTS });
  });
  afterAll(() => federation.close());
  const at = (contract: string): string => `${federation.url}/${contract}`;

  test('give what is in them, joined through all departments', async () => {
    expect(await ask(at('public'), '{ company(id: 1) { name paid level } count }')).toEqual({
      data: { company: { name: 'Mill', paid: 5, level: 'LOW' }, count: 3 },
    });
    expect(await ask(at('partners'), '{ people { name } }')).toEqual({ data: { people: [{ name: 'Ann' }] } });
  });

  test.each([
    ['public', '{ company(id: 1) { secret } }'],
    ['public', '{ company(id: 1) { owner { name } } }'],
    ['public', '{ people { name } }'],
    ['partners', '{ company(id: 1) { name } }'],
    ['partners', '{ count }'],
  ])('of %s have no %s', async (contract, query) => {
    expect(await ask(federation.url, query)).not.toHaveProperty('errors');
    expect(await ask(at(contract), query)).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
  });

  test('show in introspection what is in them alone', async () => {
    const names = async (url: string): Promise<string[]> => {
      const { data } = await ask(url, '{ __schema { types { name } } }');
      return (data as { __schema: { types: { name: string }[] } }).__schema.types.map(({ name }) => name);
    };
    expect(await names(at('public'))).toContain('Company');
    expect(await names(at('public'))).not.toContain('Person');
    expect(await names(at('partners'))).not.toContain('Company');
  });

  test('are answered to GET, and there is nothing where there is no contract', async () => {
    const response = await fetch(`${at('public')}?query=${encodeURIComponent('{ count }')}`);
    expect(await response.json()).toEqual({ data: { count: 3 } });
    expect((await fetch(`${federation.url}/nobody?query={count}`)).status).toBe(404);
  });
});

test('what is asked of a contract that is gone meanwhile is never answered by the whole', async () => {
  const { before } = openContracts({}, {} as never, () => expect.unreachable());
  const whole = (): Promise<AnswerMessage> => Promise.resolve({ httpStatus: 200, data: { all: true } });
  const asked = (contract?: string) => before(whole)({ contract } as never, {} as never);
  expect(await asked()).toEqual({ httpStatus: 200, data: { all: true } });
  expect(await asked('gone')).toMatchObject({ httpStatus: 404, errors: [{ extensions: { code: 'NOT_FOUND' } }] });
});

describe('a contract', () => {
  const contract = (sdl: string, include: string[], exclude: string[] = []) =>
    contractOf(loadSupergraph(composeSmall({ a: { sdl: `${LINK} ${sdl}` } })), 'test', { include, exclude });

  test('hides the fields of an interface that one of its types does not show', () => {
    const { apiSchema } = contract(
      `type Query { named: [Named!]! } interface Named { name: String note: String } type A implements Named { name: String note: String @tag(name: "x") }`,
      [],
      ['x'],
    );
    expect(Object.keys(apiSchema.getType('Named')!.toConfig()['fields' as never])).toEqual(['name']);
  });

  test.each([
    ['nothing', 'type Query { a: Int }', ['x'], []],
    [
      'an argument that is needed, without its type',
      'type Query { a(in: In!): Int b: Int } input In @tag(name: "x") { n: Int }',
      [],
      ['x'],
    ],
  ])('that leaves %s is refused with the reason', (_what, sdl, include, exclude) => {
    expect(() => contract(sdl, include, exclude)).toThrow('The contract test leaves no whole schema');
  });
});
