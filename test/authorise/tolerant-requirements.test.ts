import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseRuleFile, RuleSet } from '../../gateway/authorise/rule-set.ts';
import { NOBODY, type Caller } from '../../gateway/caller.ts';
import { federate, type SmallFederation, type SmallFederationOptions } from '../kit/federation.ts';

const SHOPS = [
  { id: 'a', size: 10, levy: { no: 'L1' }, owner: 'ann' },
  { id: 'b', size: 20, levy: { no: 'L2' }, owner: 'bob' },
  { id: 'c', size: null, levy: null, owner: 'cyd' },
];

/** A shop of which a register, a levy office and a watch say how large it is; the surveyor is told of all of them. */
const SUBGRAPHS = {
  register: {
    sdl: `directive @access(class: String!) on FIELD_DEFINITION
      type Query { shops: [Shop!]! } type Shop @key(fields: "id") { id: ID! size: Int @access(class: "sizes") levy: Levy owner: String }
      type Levy @key(fields: "no") { no: ID! }`,
    resolvers: {
      Query: { shops: () => SHOPS },
      Shop: { __resolveReference: ({ id }: { id: string }) => SHOPS.find((shop) => shop.id === id) },
    },
  },
  levies: {
    sdl: `directive @access(class: String!) on FIELD_DEFINITION
      type Levy @key(fields: "no") { no: ID! area: Int @access(class: "areas") payer: String }`,
    resolvers: {
      Levy: {
        area: ({ no }: { no: string }) => (no === 'L1' ? 11 : 22),
        payer: ({ no }: { no: string }) => (no === 'L1' ? 'ann' : 'bob'),
      },
    },
  },
  survey: {
    sdl: `directive @toleratesMissing(values: [String!]!) on FIELD_DEFINITION
      type Shop @key(fields: "id") {
        id: ID! size: Int @external levy: Levy @external
        told: String @requires(fields: "size levy { no area }") @toleratesMissing(values: ["size", "levy.area"])
        strict: String @requires(fields: "size levy { no area }")
      }
      type Levy { no: ID! @external area: Int @external }`,
    resolvers: {
      Shop: Object.fromEntries(
        ['told', 'strict'].map((name) => [
          name,
          (shop: Record<string, unknown>) =>
            JSON.stringify(shop, (key, value: unknown) => (key === 'id' || key === '__typename' ? undefined : value)),
        ]),
      ),
    },
  },
};

const ANN: Caller = { ...NOBODY, identity: { ...NOBODY.identity, kind: 'person', subject: 'ann' } };

let federation: SmallFederation;
afterEach(() => federation.close());

const open = (department: string): string =>
  `department: ${department}\nrules:\n  - { id: ${department}-open, text: Open., outcome: ALLOW, classes: '*' }\n`;
const rules = (files: Partial<Record<'register' | 'levies', string>> = {}): SmallFederationOptions => ({
  authorise: {
    mode: 'enforce',
    rules: new RuleSet(
      ['register', 'levies', 'survey'].map((name) =>
        parseRuleFile(parse(files[name as 'register'] ?? open(name)), name),
      ),
    ),
  },
});
const refusing = (department: string, accessClass: string, more = ''): string =>
  `department: ${department}\nrules:\n${more}  - { id: ${department}-no, text: Not for you., outcome: DENY, classes: ${accessClass} }\n  - { id: ${department}-open, text: Open., outcome: ALLOW, classes: '*' }\n`;

async function told(
  options: SmallFederationOptions,
  field: 'told' | 'strict' = 'told',
  caller: Caller = NOBODY,
  down: string[] = [],
) {
  const subgraphs = Object.fromEntries(
    Object.entries(SUBGRAPHS).map(([name, each]) => [name, { ...each, isDown: down.includes(name) }]),
  );
  federation = await federate(subgraphs, options);
  const { data, errors = [] } = await federation.ask(`{ shops { ${field} } }`, {}, caller);
  const shops = data!['shops'] as Record<string, string | null>[];
  const asked = federation.requests.map(({ service, query }) => `${service} ${query}`);
  return { shops: shops.map((shop) => JSON.parse(shop[field] ?? 'null') as unknown), errors, asked };
}

const WHOLE = [
  { size: 10, levy: { no: 'L1', area: 11 } },
  { size: 20, levy: { no: 'L2', area: 22 } },
  { size: null, levy: null },
];

test('what is required is handed over whole where nothing is missing', async () => {
  expect(await told({})).toMatchObject({ shops: WHOLE, errors: [] });
});

test('a department that is down leaves what it would have said out, and is an error; a field that tolerates nothing is not asked for', async () => {
  const tolerant = await told({}, 'told', NOBODY, ['levies']);
  expect(tolerant.shops).toEqual([
    { size: 10, levy: { no: 'L1' } },
    { size: 20, levy: { no: 'L2' } },
    { size: null, levy: null },
  ]);
  expect(tolerant.errors.map(({ extensions }) => extensions['code'])).toContain('SUBREQUEST_HTTP_ERROR');
  await federation.close();
  expect((await told({}, 'strict', NOBODY, ['levies'])).shops).toEqual([null, null, { size: null, levy: null }]);
});

test('what the caller may not see is never asked for, left out and named', async () => {
  const { shops, errors, asked } = await told(rules({ levies: refusing('levies', 'areas') }));
  expect(shops).toEqual([
    { size: 10, levy: { no: 'L1' }, _withheld: ['levy.area'] },
    { size: 20, levy: { no: 'L2' }, _withheld: ['levy.area'] },
    { size: null, levy: null },
  ]);
  expect(errors).toEqual([]);
  expect(asked.filter((each) => each.includes('area'))).toEqual([]);
});

test('a field that tolerates nothing is refused by the rule of what it requires', async () => {
  const { shops, errors } = await told(rules({ levies: refusing('levies', 'areas') }), 'strict');
  expect(shops).toEqual([null, null, null]);
  expect(errors).toMatchObject([{ extensions: { coordinate: 'Shop.strict', rule: 'levies-no' } }]);
});

test('where the caller may see none of the values, the field is refused by the first of the rules, and nobody is asked', async () => {
  const { shops, errors, asked } = await told(
    rules({ register: refusing('register', 'sizes'), levies: refusing('levies', 'areas') }),
  );
  expect(shops).toEqual([null, null, null]);
  expect(errors).toMatchObject([{ extensions: { coordinate: 'Shop.told', rule: 'register-no' } }]);
  expect(asked.filter((each) => /size|area|survey/.test(each))).toEqual([]);
});

test('of each record its own rule decides, also of a record that a requirement leads to', async () => {
  const own =
    '  - { id: levies-own, text: Own., outcome: ALLOW, classes: areas, record: { payer: { same: identity.subject } } }\n';
  const { shops, asked } = await told(rules({ levies: refusing('levies', 'areas', own) }), 'told', ANN);
  expect(shops).toEqual([
    { size: 10, levy: { no: 'L1', area: 11 } },
    { size: 20, levy: { no: 'L2' }, _withheld: ['levy.area'] },
    { size: null, levy: null },
  ]);
  const areas = federation.requests.filter(({ query }) => query.includes('area'));
  expect(areas.map(({ variables }) => variables['representations'])).toEqual([[{ __typename: 'Levy', no: 'L1' }]]);
  expect(asked.some((each) => each.includes('payer'))).toBe(true);
});

test('a value that is given masked is not handed over, although the client is given it masked beside', async () => {
  const masks =
    '  - { id: levies-bands, text: By size., outcome: MASK, mask: { bands: [0, 15, 100] }, classes: areas }\n';
  const { shops } = await told(rules({ levies: refusing('levies', 'areas', masks) }));
  expect(shops).toEqual([
    { size: 10, levy: { no: 'L1' }, _withheld: ['levy.area'] },
    { size: 20, levy: { no: 'L2' }, _withheld: ['levy.area'] },
    { size: null, levy: null },
  ]);
  const { data } = await federation.ask('{ shops { levy { area } told } }');
  const [first] = data!['shops'] as { levy: { area: unknown }; told: string }[];
  expect(first?.levy.area).not.toBe(11);
  expect(first?.told).not.toContain('11');
});

/** How a department decides about its values, and of which shops they are then handed over to Ann. */
const WAYS = {
  open: { rule: '', shops: ['a', 'b'] },
  refused: { rule: '  - { id: R-no, text: No., outcome: DENY, classes: C }\n', shops: [] },
  masked: {
    rule: '  - { id: R-bands, text: By size., outcome: MASK, mask: { bands: [0, 15, 100] }, classes: C }\n',
    shops: [],
  },
  own: {
    rule: '  - { id: R-own, text: Own., outcome: ALLOW, classes: C, record: { P: { same: identity.subject } } }\n  - { id: R-no, text: No., outcome: DENY, classes: C }\n',
    shops: ['a'],
  },
  ownElseMasked: {
    rule: '  - { id: R-own, text: Own., outcome: ALLOW, classes: C, record: { P: { same: identity.subject } } }\n  - { id: R-bands, text: By size., outcome: MASK, mask: { bands: [0, 15, 100] }, classes: C }\n',
    shops: ['a'],
  },
} as const;
type Way = keyof typeof WAYS;
const NAMES = Object.keys(WAYS) as Way[];

test.each(
  NAMES.flatMap((register) =>
    NAMES.flatMap((levies) =>
      (levies === 'open' || levies === 'own' ? [false, true] : [false]).map(
        (isDown) => [register, levies, isDown] as const,
      ),
    ),
  ),
)(
  'with sizes %s and areas %s, levies down: %j, nothing is handed over that is not given, and what is missing is said',
  async (register, levies, isDown) => {
    const file = (name: string, accessClass: string, path: string, way: Way): string =>
      `department: ${name}\nrules:\n${WAYS[way].rule.replaceAll('R-', `${name}-`).replaceAll(': C', `: ${accessClass}`).replaceAll('{ P:', `{ ${path}:`)}  - { id: ${name}-open, text: Open., outcome: ALLOW, classes: '*' }\n`;
    const options = rules({
      register: file('register', 'sizes', 'owner', register),
      levies: file('levies', 'areas', 'payer', levies),
    });
    const { errors } = await told(options, 'told', ANN, isDown ? ['levies'] : []);
    const handed = federation.requests
      .filter(({ service }) => service === 'survey')
      .flatMap(({ variables }) => variables['representations'] as Handed[]);
    const isRefused = [register, levies].every((way) => way === 'refused' || way === 'masked');
    expect(handed).toHaveLength(isRefused ? 0 : 3);
    expect(errors.some(({ extensions }) => extensions['coordinate'] === 'Shop.told')).toBe(isRefused);
    for (const { id, size, levy, _withheld: withheld = [] } of handed) {
      if (id === 'c') continue;
      const isSizeGiven = (WAYS[register].shops as readonly string[]).includes(id);
      const isAreaGiven = (WAYS[levies].shops as readonly string[]).includes(id);
      expect([size, withheld.includes('size')]).toEqual(
        isSizeGiven ? [id === 'a' ? 10 : 20, false] : [undefined, true],
      );
      expect(levy?.area).toBe(isAreaGiven && !isDown ? (id === 'a' ? 11 : 22) : undefined);
      if (!isDown) expect(withheld.includes('levy.area')).toBe(!isAreaGiven);
      else if (isAreaGiven && levies === 'open') expect(withheld).not.toContain('levy.area');
    }
  },
);

interface Handed {
  id: string;
  size?: number | null;
  levy?: { area?: number | null } | null;
  _withheld?: string[];
}
