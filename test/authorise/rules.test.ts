import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOBODY, type Caller } from '../../gateway/caller.ts';
import type { AuthorisationMode } from '../../gateway/authorise/authoriser.ts';
import { federate, type SmallFederation, type SmallSubgraph } from '../kit/federation.ts';
import { as, HOSPITAL, RULES } from './hospital.ts';
import { parseRuleFile, RuleSet } from '../../gateway/authorise/rule-set.ts';

const QUERY = '{ patients { name phone ward weightKg doseMg bill notes { text by } } }';

async function serve(mode: AuthorisationMode, usePrograms = true): Promise<SmallFederation> {
  return federate(HOSPITAL, { authorise: { mode, rules: RULES }, usePrograms });
}

describe.each([
  ['by programs', true],
  ['the plain way', false],
])('rules of departments, enforced %s', (_, usePrograms) => {
  let federation: SmallFederation;
  beforeAll(async () => {
    federation = await serve('enforce', usePrograms);
  });
  afterAll(() => federation.close());
  const ask = async (query: string, caller: Caller) => {
    federation.requests.length = 0;
    const { data, errors = [], extensions } = await federation.ask(query, {}, caller);
    const refused = errors.map(({ path, extensions: { code, coordinate, outcome, rule } }) => {
      return [path?.join('.'), coordinate, outcome, rule, code];
    });
    return { data, refused, extensions, asked: federation.requests.map(({ query: text }) => text).join('\n') };
  };

  test('what no rule allows is null, explained once, and not asked for', async () => {
    const { data, refused, asked } = await ask(QUERY, NOBODY);
    const nothing = { phone: null, weightKg: null, doseMg: null, bill: null, notes: null };
    expect(data).toEqual({
      patients: [
        { name: 'Ada Lind', ward: 'W1', ...nothing },
        { name: 'Bo Öst', ward: 'W2', ...nothing },
      ],
    });
    expect(refused).toEqual([
      ['patients.@.phone', 'Patient.phone', 'DENY', 'no-rule', 'UNAUTHORIZED_FIELD_OR_TYPE'],
      ['patients.@.weightKg', 'Patient.weightKg', 'DENY', 'no-rule', 'UNAUTHORIZED_FIELD_OR_TYPE'],
      ['patients.@.doseMg', 'Patient.doseMg', 'DENY', 'no-rule', 'UNAUTHORIZED_FIELD_OR_TYPE'],
      ['patients.@.bill', 'Patient.bill', 'DENY', 'no-rule', 'UNAUTHORIZED_FIELD_OR_TYPE'],
      ['patients.@.notes', 'Patient.notes', 'DENY', 'no-rule', 'UNAUTHORIZED_FIELD_OR_TYPE'],
    ]);
    expect(asked).not.toMatch(/phone|weightKg|doseMg|bill|notes/);
  });

  test('a doctor who treats sees what is medical, and what is computed of it', async () => {
    const { data, refused } = await ask('{ patient(id: "p1") { phone weightKg doseMg bill notes { text } } }', {
      ...as('doctor', { purpose: 'treatment' }),
    });
    expect(data).toEqual({
      patient: { phone: '0701234567', weightKg: 61.5, doseMg: 123, bill: null, notes: [{ text: 'about p1' }] },
    });
    expect(refused.map(([path]) => path)).toEqual(['patient.bill']);
  });

  test('the same doctor without that purpose does not', async () => {
    const { data } = await ask('{ patient(id: "p1") { weightKg } }', as('doctor'));
    expect(data).toEqual({ patient: { weightKg: null } });
  });

  test('a refused field that may not be null takes the nearest object with it that may', async () => {
    const doctor = as('doctor', { purpose: 'treatment' });
    const { data, refused, asked } = await ask('{ patient(id: "p1") { name notes { text by } } }', doctor);
    expect(data).toEqual({ patient: { name: 'Ada Lind', notes: null } });
    expect(refused).toEqual([['patient.notes.@.by', 'Note.by', 'DENY', 'r-staff', 'UNAUTHORIZED_FIELD_OR_TYPE']]);
    expect(asked).not.toContain('by');
  });

  test('who needs consent is told so, with what is needed', async () => {
    const { errors } = await federation.ask('{ patient(id: "p1") { weightKg } }', {}, as('insurer'));
    expect(errors).toEqual([
      {
        message: 'The field may be seen with consent only. An insurer needs consent for medical records.',
        path: ['patient', 'weightKg'],
        extensions: {
          code: 'CONSENT_REQUIRED',
          coordinate: 'Patient.weightKg',
          outcome: 'NEEDS_CONSENT',
          rule: 'r-consent',
          department: 'records',
          class: 'medical',
          needs: 'a consent of the patient (header switchyard-consent)',
        },
      },
    ]);
    const { data } = await ask('{ patient(id: "p1") { weightKg } }', as('insurer', { consentReference: 'C-7' }));
    expect(data).toEqual({ patient: { weightKg: 61.5 } });
  });

  test('masked values stand in for what they are, and the answer says where', async () => {
    const { data, refused, extensions } = await ask('{ patients { name tel: phone bill } }', as('desk'));
    expect(data).toEqual({
      patients: [
        { name: 'Ada Lind', tel: '*******567', bill: 1_000 },
        { name: 'Bo Öst', tel: '*******543', bill: 0 },
      ],
    });
    expect(refused).toEqual([]);
    expect(extensions).toEqual({
      access: {
        masked: [
          {
            path: ['patients', '@', 'tel'],
            coordinate: 'Patient.phone',
            rule: 'r-phone',
            text: 'The desk sees the end of a telephone number.',
          },
          {
            path: ['patients', '@', 'bill'],
            coordinate: 'Patient.bill',
            rule: 'p-bands',
            text: 'The desk sees bills by size.',
          },
        ],
      },
    });
  });

  test('of an interface, each type is given what is allowed for it', async () => {
    const { data, refused, asked } = await ask('{ someone { __typename name } }', NOBODY);
    expect(data).toEqual({ someone: { __typename: 'Visitor', name: null } });
    expect(refused.map(([path, coordinate]) => [path, coordinate])).toEqual([['someone.name', 'Visitor.name']]);
    expect(asked).toMatch(/\.\.\. ?on Patient ?\{ ?name/);
    expect(asked).not.toMatch(/Visitor/);
  });

  test('a key that departments are joined by is not given to who may not see it', async () => {
    const { data } = await ask('{ patient(id: "p1") { id bill } }', as('desk'));
    expect(data).toEqual({ patient: { id: 'p1', bill: 1_000 } });
  });

  test('callers of equal authority share one plan, and others do not', async () => {
    const query = '{ patients { ward phone } }';
    await ask(query, as('desk'));
    const { data } = await ask(query, as('porter'));
    expect(data).toMatchObject({ patients: [{ phone: null }, { phone: null }] });
  });
});

test('where rules are only reported nothing is withheld, and what would be is told once for each authority', async () => {
  const federation = await serve('report');
  const query = '{ patient(id: "p1") { name phone bill } }';
  const everything = { patient: { name: 'Ada Lind', phone: '0701234567', bill: 1_250.5 } };
  const wouldBe = () =>
    federation.reported.splice(0).map(({ coordinate, decision }) => [coordinate, decision.outcome, decision.rule]);
  for (const caller of [NOBODY, as('porter')])
    expect(await federation.ask(query, {}, caller)).toEqual(answerOf(everything));
  expect(wouldBe()).toEqual([
    ['Patient.phone', 'DENY', 'no-rule'],
    ['Patient.bill', 'DENY', 'no-rule'],
  ]);
  expect(await federation.ask(query, {}, as('desk'))).toEqual(answerOf(everything));
  expect(wouldBe()).toEqual([
    ['Patient.phone', 'MASK', 'r-phone'],
    ['Patient.bill', 'MASK', 'p-bands'],
  ]);
  await federation.close();
});

function answerOf(data: object): object {
  return { httpStatus: 200, data };
}

test('other rules never meet what was made of an operation by the rules before', async () => {
  const federation = await serve('enforce');
  const ask = async (caller: Caller) => (await federation.ask('{ patient(id: "p1") { phone } }', {}, caller)).data;
  const phone = (given: string | null) => ({ patient: { phone: given } });
  expect(await ask(as('desk'))).toEqual(phone('*******567'));
  expect(await ask(NOBODY)).toEqual(phone(null));
  // The same ids and decisions in the same order: what is told apart by them alone would be taken for the same.
  const [records, pharmacy] = RULES.files.toReversed();
  const others = records!.rules.map((rule) => (rule.id === 'r-phone' ? { ...rule, mask: { keepLast: 1 } } : rule));
  federation.authoriseBy({ mode: 'enforce', rules: new RuleSet([{ ...records!, rules: others }, pharmacy!]) });
  expect(await ask(as('desk'))).toEqual(phone('*********7'));
  expect(await ask(NOBODY)).toEqual(phone(null));
  federation.authoriseBy({ mode: 'enforce', rules: RULES });
  expect(await ask(as('desk'))).toEqual(phone('*******567'));
  federation.authoriseBy({ mode: 'report', rules: RULES });
  expect(await ask(as('desk'))).toEqual(phone('0701234567'));
  await federation.close();
});

test('what a field takes from a context depends on what that depends on', async () => {
  const rules = new RuleSet([
    parseRuleFile(
      {
        department: 'shops',
        rules: [
          { id: 'open', text: 'Offers are public.', outcome: 'ALLOW', classes: 'unclassified' },
          { id: 'ours', text: 'We see it.', outcome: 'ALLOW', classes: 'money', when: { 'identity.kind': 'person' } },
        ],
      },
      'shops.yaml',
    ),
  ]);
  const shops: Readonly<Record<string, SmallSubgraph>> = {
    shops: {
      sdl: `directive @access(class: String!) on FIELD_DEFINITION
        type Query { shop: Shop }
        type Shop @key(fields: "id") @context(name: "shop") {
          id: ID!
          margin: Int @access(class: "money")
          offer: Offer
        }
        type Offer @key(fields: "id") { id: ID! price(margin: Int @fromContext(field: "$shop { margin }")): Int name: String }`,
      resolvers: {
        Query: { shop: () => ({ id: 's1', margin: 20, offer: { id: 'o1' } }) },
        Shop: { __resolveReference: () => ({ id: 's1', margin: 20, offer: { id: 'o1' } }) },
        Offer: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          name: () => 'Lamp',
          price: (_: unknown, { margin }: { margin: number }) => 100 + margin,
        },
      },
    },
  };
  const federation = await federate(shops, { authorise: { mode: 'enforce', rules } });
  const query = '{ shop { offer { name price } } }';
  expect((await federation.ask(query, {}, NOBODY)).data).toEqual({ shop: { offer: { name: 'Lamp', price: null } } });
  expect(federation.requests.filter(({ query: text }) => /margin|price/.test(text))).toEqual([]);
  const { data } = await federation.ask(query, {}, as('clerk'));
  expect(data).toEqual({ shop: { offer: { name: 'Lamp', price: 120 } } });
  await federation.close();
});
