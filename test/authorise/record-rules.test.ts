import { afterAll, beforeAll, expect, test } from 'vitest';
import { NOBODY, type Caller } from '../../gateway/caller.ts';
import { compileRecordConditions } from '../../gateway/authorise/record-conditions.ts';
import { parseRuleFile, RuleSet } from '../../gateway/authorise/rule-set.ts';
import { federate, type SmallFederation } from '../kit/federation.ts';
import { person, TAX_OFFICE, TAX_OFFICE_RULES } from './tax-office.ts';

let federation: SmallFederation;
beforeAll(async () => {
  federation = await federate(TAX_OFFICE, { authorise: { mode: 'enforce', rules: TAX_OFFICE_RULES } });
});
afterAll(() => federation.close());

async function ask(query: string, caller: Caller) {
  federation.requests.length = 0;
  const { data, errors = [], extensions } = await federation.ask(query, {}, caller);
  const refused = errors.map(({ path, extensions: { coordinate, outcome, rule } }) => {
    return [path?.join('.'), coordinate, outcome, rule];
  });
  const asked = federation.requests.filter(({ query: text }) => /arrears|filings|mark/.test(text));
  const keys = asked.flatMap(({ variables }) => variables['representations'] ?? []);
  return { data, errors, refused, extensions, asked, keys };
}

test('an inspector is given the amounts of the own district, and the tax office is asked for no others', async () => {
  const { data, refused, keys } = await ask(
    '{ taxpayers { id arrears filings { period due } } }',
    person(['inspector'], { district: 'North' }),
  );
  expect(data).toEqual({
    taxpayers: [
      { id: 't1', arrears: 120, filings: [{ period: '2026-Q1', due: 5 }] },
      { id: 't2', arrears: null, filings: null },
      { id: 't3', arrears: 0, filings: [] },
    ],
  });
  expect(refused).toEqual([
    ['taxpayers.1.arrears', 'Taxpayer.arrears', 'DENY', 'no-rule'],
    ['taxpayers.1.filings', 'Taxpayer.filings', 'DENY', 'no-rule'],
  ]);
  expect(keys).toEqual([
    { __typename: 'Taxpayer', id: 't1' },
    { __typename: 'Taxpayer', id: 't3' },
  ]);
});

test('what decides may be known by another department, and is not told to the one that is asked', async () => {
  const { data, keys } = await ask('{ taxpayers { id arrears } }', person([], { uscc: 'e2' }));
  expect(data).toEqual({
    taxpayers: [
      { id: 't1', arrears: null },
      { id: 't2', arrears: 900 },
      { id: 't3', arrears: null },
    ],
  });
  expect(keys).toEqual([{ __typename: 'Taxpayer', id: 't2' }]);
});

test('a compiled operation serves callers of the same rules, each with the own records', async () => {
  const query = '{ enterprise(uscc: "e1") { taxpayer { arrears } } }';
  expect((await ask(query, person([], { uscc: 'e1' }))).data).toEqual({ enterprise: { taxpayer: { arrears: 120 } } });
  const other = await ask(query, person([], { uscc: 'e2' }));
  expect(other.data).toEqual({ enterprise: { taxpayer: { arrears: null } } });
  expect(other.asked).toEqual([]);
  expect((await ask(query, person([], { uscc: ['e9', 'e1'] }))).data).toEqual({
    enterprise: { taxpayer: { arrears: 120 } },
  });
});

test('who may see by several rules is given what any of them gives, the first that fits each record', async () => {
  const { data, extensions } = await ask('{ taxpayers { arrears } }', person(['bank'], { uscc: 'e1' }));
  expect(data).toEqual({ taxpayers: [{ arrears: 120 }, { arrears: null }, { arrears: 0 }] });
  expect(extensions).toEqual({
    access: {
      masked: [
        {
          path: ['taxpayers', 2, 'arrears'],
          coordinate: 'Taxpayer.arrears',
          rule: 'bank',
          text: 'A bank sees amounts of the North by size.',
        },
      ],
    },
  });
  const byBank = await ask('{ taxpayers { arrears } }', person(['bank']));
  expect(byBank.data).toEqual({ taxpayers: [{ arrears: 100 }, { arrears: null }, { arrears: 0 }] });
});

test('a rule may forbid what a later one allows, record by record', async () => {
  const { data, refused } = await ask(
    '{ enterprise(uscc: "e1") { taxpayer { mark } } other: enterprise(uscc: "e2") { taxpayer { mark } } }',
    NOBODY,
  );
  expect(data).toEqual({ enterprise: { taxpayer: { mark: 'mark of t1' } }, other: { taxpayer: null } });
  expect(refused).toEqual([['other.taxpayer.mark', 'Taxpayer.mark', 'DENY', 'marks-not-of-south']]);
});

test('of groups, those of at least ten are given to who sees no single values, and no smaller one is asked for', async () => {
  const { data, refused, keys } = await ask(
    '{ groups { district taxpayers arrears } taxpayers { id arrears } }',
    person(['mayor']),
  );
  expect(data).toEqual({
    groups: [
      { district: 'North', taxpayers: 12, arrears: 4_000 },
      { district: 'South', taxpayers: 9, arrears: null },
    ],
    taxpayers: ['t1', 't2', 't3'].map((id) => ({ id, arrears: null })),
  });
  expect(refused).toEqual([
    ['taxpayers.@.arrears', 'Taxpayer.arrears', 'AGGREGATE', 'groups'],
    ['groups.1.arrears', 'TaxGroup.arrears', 'AGGREGATE', 'groups'],
  ]);
  expect(keys).toEqual([{ __typename: 'TaxGroup', district: 'North' }]);
});

test('what can be asked of a group in several ways is not given: the one less the other might be of one of its members', async () => {
  const { data, refused, asked } = await ask('{ groups { due(before: "2026") } }', person(['mayor']));
  expect(data).toEqual({ groups: [{ due: null }, { due: null }] });
  expect(refused).toEqual([['groups.@.due', 'TaxGroup.due', 'AGGREGATE', 'groups']]);
  expect(asked).toEqual([]);
});

test('where what decides cannot be read the field is not given, and the answer says why', async () => {
  const broken = { ...TAX_OFFICE, identity: { ...TAX_OFFICE['identity']!, isDown: true } };
  const down = await federate(broken, { authorise: { mode: 'enforce', rules: TAX_OFFICE_RULES } });
  const { data, errors } = await down.ask('{ taxpayers { id arrears } }', {}, person([], { uscc: 'e2' }));
  expect(data).toEqual({ taxpayers: ['t1', 't2', 't3'].map((id) => ({ id, arrears: null })) });
  const codes = errors?.map(({ path, extensions: { code } }) => [path?.join('.'), code]);
  expect(codes).toContainEqual(['taxpayers.0.arrears', 'ACCESS_UNDECIDED']);
  expect(down.requests.filter(({ query }) => query.includes('arrears'))).toEqual([]);
  await down.close();
});

test.each([
  ['a path that leads nowhere', { nowhere: 1 }],
  ['a path that ends at an object', { enterprise: 1 }],
  ['a path through a field that is itself decided by record', { mark: 'x' }],
])('%s lets nothing through', async (_, record) => {
  const rules = new RuleSet([
    ...TAX_OFFICE_RULES.files.filter(({ department }) => department !== 'tax'),
    parseRuleFile(
      {
        department: 'tax',
        rules: [
          { id: 'open', text: 'Public.', outcome: 'ALLOW', classes: 'unclassified' },
          { id: 'odd', text: 'Odd.', outcome: 'ALLOW', classes: 'amounts', record },
          { id: 'marks', text: 'Marks.', outcome: 'ALLOW', classes: 'marks', record: { district: 'North' } },
        ],
      },
      'tax.yaml',
    ),
  ]);
  const odd = await federate(TAX_OFFICE, { authorise: { mode: 'enforce', rules } });
  const { data, errors } = await odd.ask('{ taxpayers { arrears } }', {}, NOBODY);
  expect(data).toEqual({ taxpayers: [{ arrears: null }, { arrears: null }, { arrears: null }] });
  expect(errors?.map(({ extensions: { rule } }) => rule)).toEqual(['no-rule']);
  await odd.close();
});

test.each([
  [{ size: { $lt: 100 } }, 99, true],
  [{ size: { $lt: 100 } }, null, false],
  [{ size: { $lte: 100 } }, undefined, false],
  [{ size: { $gt: 'a' } }, 5, false],
  [{ size: { $ne: 100 } }, null, true],
])('what is not there is neither less nor greater: %j of %j is %j', (record, size, fits) => {
  expect(compileRecordConditions(record)({ size }, NOBODY)).toBe(fits);
});

test.each([
  [{ 'a b': 1 }, /"a b" is no path of fields/],
  [{ district: { same: 'identity.claim.district' } }, /"same" of "district" needs the path/],
  [{ district: { $equals: 1 } }, /"\$equals" of "district" is no comparison/],
])('conditions on the record that cannot be are refused: %j', (record, message) => {
  const rule = { id: 'wrong', text: 'Wrong.', outcome: 'ALLOW', classes: 'x', record };
  expect(() => new RuleSet([parseRuleFile({ department: 'tax', rules: [rule] }, 'tax.yaml')])).toThrow(message);
});
