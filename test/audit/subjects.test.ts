import { describe, expect, test } from 'vitest';
import { NOBODY } from '../../gateway/caller.ts';
import { loadSupergraph } from '../../gateway/supergraph/load.ts';
import { as, HOSPITAL, RULES } from '../authorise/hospital.ts';
import { closingAfterEach } from '../kit/department.ts';
import { composeSmall, federate, type SmallFederationOptions, type SmallSubgraph } from '../kit/federation.ts';
import { KeptTrail } from './kept-trail.ts';

const closing = closingAfterEach();
const ACCESS = 'directive @access(class: String!) on FIELD_DEFINITION | OBJECT | INTERFACE\n';

const FIRMS = [
  { uscc: 'U1', regNo: 'R1', name: 'Åkeri', owner: 'P1' },
  { uscc: 'Ü"2\\', regNo: 'R2', name: 'Bageri', owner: 'P2' },
];

/** A register with two keys, a court that knows one of them, and an office whose records have a key of two fields. */
const CITY: Readonly<Record<string, SmallSubgraph>> = {
  register: {
    sdl: `${ACCESS}
      type Query { firms: [Firm!]! firm(uscc: ID!): Firm parties: [Party!]! anyone: [Named!]! nobody: Firm }
      type Mutation { rename(uscc: ID!, name: String!): Firm }
      union Party = Firm | Person
      interface Named { name: String }
      type Firm implements Named @key(fields: "uscc") @key(fields: "regNo") {
        uscc: ID! regNo: ID! name: String turnover: Int @access(class: "amounts")
        partners: [Firm!]! owner: Person place: Place
      }
      type Person implements Named @key(fields: "pid") { pid: ID! name: String @access(class: "personal") }
      type Place { street: String }`,
    resolvers: {
      Query: {
        firms: () => FIRMS,
        firm: (_: unknown, { uscc }: { uscc: string }) => FIRMS.find((firm) => firm.uscc === uscc),
        parties: () => [
          { __typename: 'Firm', ...FIRMS[0] },
          { __typename: 'Person', pid: 'P2', name: 'Bea' },
        ],
        anyone: () => [
          { __typename: 'Person', pid: 'P9', name: 'Ida' },
          { __typename: 'Firm', ...FIRMS[1] },
        ],
        nobody: () => null,
      },
      Mutation: {
        rename: (_: unknown, { uscc, name }: { uscc: string; name: string }) => ({ uscc, regNo: 'R', name }),
      },
      Firm: {
        __resolveReference: (key: { uscc?: string; regNo?: string }) =>
          FIRMS.find(({ uscc, regNo }) => uscc === key.uscc || regNo === key.regNo),
        partners: ({ uscc }: { uscc: string }) => FIRMS.filter((firm) => firm.uscc !== uscc),
        owner: ({ owner }: { owner: string }) => ({ pid: owner, name: `name of ${owner}` }),
        turnover: () => 1,
        place: () => ({ street: 'Main' }),
      },
      Person: { __resolveReference: ({ pid }: { pid: string }) => ({ pid, name: `name of ${pid}` }) },
    },
  },
  courts: {
    sdl: `${ACCESS}
      type Query { cases: [Case!]! }
      type Firm @key(fields: "regNo") { regNo: ID! fines: Int @access(class: "court") }
      type Case @key(fields: "year number") { year: Int! number: ID! text: String @access(class: "court") firm: Firm }`,
    resolvers: {
      Query: { cases: () => [{ year: 2024, number: '7', text: 'a', firm: { regNo: 'R1' } }] },
      Firm: { fines: () => 3 },
    },
  },
};

const supergraph = loadSupergraph(composeSmall(CITY));

async function city(options: SmallFederationOptions = {}) {
  const trail = new KeptTrail();
  // Callers know themselves by one key, and the courts, which come first, know them by the other.
  const config = { audit: { subjectClaims: { uscc: 'Firm' } } };
  return { trail, ...closing(await federate(CITY, { supergraphSdl: supergraph.sdl, trail, config, ...options })) };
}

const FIRM_1 = 'Firm:U1';
const FIRM_2 = 'Firm:Ü"2\\';

describe('whom a request was about', () => {
  test.each([
    ['an entity whose key the client does not ask for', '{ firm(uscc: "U1") { name } }', [FIRM_1]],
    ['one whose key the client calls something else', '{ firm(uscc: "U1") { uscc: name, id: uscc } }', [FIRM_1]],
    ['entities of a list', '{ firms { name } }', [FIRM_1, FIRM_2]],
    ['entities in entities', '{ firm(uscc: "U1") { partners { name } } }', [FIRM_1, FIRM_2]],
    ['entities in entities of another type', '{ firm(uscc: "U1") { owner { name } } }', [FIRM_1, 'Person:P1']],
    ['entities of which nothing but the type is asked', '{ firms { __typename } }', [FIRM_1, FIRM_2]],
    ['what another department adds, by another key', '{ firm(uscc: "U1") { fines } }', [FIRM_1]],
    ['members of a union', '{ parties { ... on Firm { name } } }', [FIRM_1, 'Person:P2']],
    ['members of an interface that look the same', '{ anyone { __typename name } }', [FIRM_2, 'Person:P9']],
    ['a key of two fields', '{ cases { text } }', ['Case:["7",2024]']],
    [
      'one that is handed on by its second key',
      '{ cases { firm { fines name } } }',
      ['Case:["7",2024]', FIRM_1, 'Firm:R1'],
    ],
    ['one that a mutation gives', 'mutation { rename(uscc: "U1", name: "n") { name } }', [FIRM_1]],
    [
      'what a fragment selects',
      '{ firms { ...F } } fragment F on Firm { owner { name } }',
      [FIRM_1, FIRM_2, 'Person:P1', 'Person:P2'],
    ],
    ['nobody, where nobody was found', '{ firm(uscc: "none") { name } nobody { name } }', []],
    ['nobody, where no entity is asked for', '{ __typename }', []],
  ])('is %s', async (_, query, subjects) => {
    const untraced = closing(await federate(CITY, { supergraphSdl: supergraph.sdl }));
    const { data } = await untraced.ask(query);
    for (const usePrograms of [true, false]) {
      const { trail, ask, programAnswers } = await city({ usePrograms });
      const answer = await ask(query);
      expect([answer.data, answer.errors]).toEqual([data, undefined]);
      expect(programAnswers()).toBe(usePrograms ? untraced.programAnswers() : 0);
      expect(new Set(trail.last.subjects)).toEqual(new Set(subjects));
    }
  });

  test('is known where a program reads the answers, and where it gives up half way', async () => {
    const { trail, ask, programAnswers } = await city();
    await ask('{ firms { name fines owner { name } } }');
    expect(programAnswers()).toBe(1);
    const whole = new Set(trail.last.subjects);
    expect(whole).toEqual(new Set([FIRM_1, FIRM_2, 'Person:P1', 'Person:P2']));
    const spaced = await city({
      tamper: (body, { template }) => (template.service === 'courts' ? Buffer.concat([Buffer.from(' '), body]) : body),
    });
    await spaced.ask('{ firms { name fines owner { name } } }');
    expect(spaced.programAnswers()).toBe(0);
    expect(new Set(spaced.trail.last.subjects)).toEqual(whole);
  });

  test('is known too where the caller may not see the key, or anything of it', async () => {
    const trail = new KeptTrail();
    const authorise = { mode: 'enforce', rules: RULES } as const;
    const { ask } = closing(await federate(HOSPITAL, { authorise, trail }));
    expect((await ask('{ patients { phone } }', {}, NOBODY)).data).toEqual({
      patients: [{ phone: null }, { phone: null }],
    });
    expect(trail.last.subjects).toEqual(['Patient:p1', 'Patient:p2']);
    await ask('{ patient(id: "p2") { doseMg } }', {}, as('doctor', { purpose: 'treatment' }));
    expect(trail.last.subjects).toEqual(['Patient:p2']);
  });

  test('is not looked for in types that nobody classified, but for those that callers are of', async () => {
    const SHOP = {
      shop: {
        sdl: 'type Query { goods: [Good!]! } type Good @key(fields: "upc") { upc: ID! name: String }',
        resolvers: { Query: { goods: () => [{ upc: 'g1', name: 'n' }] } },
      },
    };
    const trail = new KeptTrail();
    const open = closing(await federate(SHOP, { trail }));
    await open.ask('{ goods { name } }');
    expect(trail.last.subjects).toEqual([]);
    expect(open.requests[0]!.query).not.toContain('upc');
    const config = { audit: { subjectClaims: { upc: 'Good' } } };
    await closing(await federate(SHOP, { trail, config })).ask('{ goods { name } }');
    expect(trail.last.subjects).toEqual(['Good:g1']);
  });
});
