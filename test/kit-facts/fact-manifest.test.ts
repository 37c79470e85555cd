import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { factsFrom, readFacts } from '../../subgraphs/kit/facts/facts-department.ts';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import { askEntities, closingAfterEach, temporaryFolder } from '../kit/department.ts';

const closing = closingAfterEach();

const SCHEMAS = new Map([
  [
    'register',
    'type Query { shop(id: ID!): Shop } type Shop @key(fields: "id") { id: ID! state: ShopState size: Float name: String levy: Levy } type Levy @key(fields: "no") { no: ID! } enum ShopState { OPEN SHUT }',
  ],
  [
    'levies',
    'type Levy @key(fields: "no") { no: ID! staff(since: Int = 1): [Staff!] extent: Float active: Boolean } type Staff { year: String count: Int } type Shop @key(fields: "id") { id: ID! levy: Levy @external }',
  ],
]);

const FACTS = `department: claims
facts:
  - fact: size
    of: Shop
    about: How large it is.
    number: { unit: square metres, tolerance: { relative: 0.01 } }
    definitions: { floor: The floor., plot: The plot. }
    claims:
      - department: register
        requires: size
        value: size
        unit: square metres
        definition: floor
        exceptions: { s2: { definition: plot, because: It has no roof. } }
        provenance: { source: Register, recordId: 'shop {id}', synthetic: true }
      - department: levies
        requires: levy { no extent }
        record: levy
        value: extent
        unit: square decimetres
        factor: 0.01
        definition: floor
        vintage: { otherwise: '2020', because: The levy was raised in 2020. }
        provenance: { source: Levies, recordId: '{no}' }
  - fact: state
    of: Shop
    about: Whether it is open.
    states: [OPEN, CLOSED]
    definitions: { business: Doing business. }
    claims:
      - department: register
        requires: state
        value: state
        values: { OPEN: OPEN, SHUT: CLOSED }
        definition: business
        provenance: {}
      - department: levies
        requires: levy { active }
        value: levy.active
        values: { true: OPEN, false: CLOSED }
        definition: business
        provenance: {}
`;

function manifest(text: string): URL {
  const folder = closing(temporaryFolder());
  writeFileSync(folder.file('facts.yaml'), text);
  for (const [name, sdl] of SCHEMAS) writeFileSync(folder.file(`${name}.graphql`), sdl);
  return pathToFileURL(folder.file('facts.yaml'));
}

/** Asks for a fact of shops as a gateway does that was told this of them. */
async function ask(representations: object[], selection: string): Promise<unknown[]> {
  const text = `${FACTS}departments: { register: register.graphql, levies: levies.graphql }\n`;
  const served = closing(await serveDepartment(factsFrom(manifest(text)), { PORT: '0' }));
  const typed = representations.map((each) => ({ __typename: 'Shop', ...each }));
  const { data, errors } = await askEntities(served.url, typed, `... on Shop { ${selection} }`);
  expect(errors).toBeUndefined();
  return data!._entities;
}

test('claims are read in the unit of the fact, with what each means, its time and its provenance', async () => {
  const [shop, other] = await ask(
    [
      { id: 's1', size: 100, levy: { no: 'L1', extent: 10000 } },
      { id: 's2', size: 100, levy: { no: 'L2', extent: 20000 } },
    ],
    `sizeFact { value unit agreement missing { department } claims { department value stated definition vintage vintageBasis because
      provenance { source recordId synthetic fetchedAt } } }`,
  );
  expect(shop).toEqual({
    sizeFact: {
      value: 100,
      unit: 'square metres',
      agreement: 'AGREE',
      missing: [],
      claims: [
        {
          ...{
            department: 'register',
            value: 100,
            stated: '100',
            definition: 'The floor.',
            vintage: null,
            vintageBasis: 'UNKNOWN',
            because: null,
          },
          provenance: { source: 'Register', recordId: 'shop s1', synthetic: true, fetchedAt: null },
        },
        {
          ...{
            department: 'levies',
            value: 100,
            stated: '10000',
            definition: 'The floor.',
            vintage: '2020',
            vintageBasis: 'DECLARED',
          },
          because: 'The levy was raised in 2020.',
          provenance: { source: 'Levies', recordId: 'L1', synthetic: null, fetchedAt: null },
        },
      ],
    },
  });
  expect(other).toMatchObject({
    sizeFact: {
      agreement: 'DIFFERENT_DEFINITION',
      claims: [{ definition: 'The plot.', because: 'It has no roof.' }, {}],
    },
  });
});

test('what a department knows nothing of, did not answer, or means nothing by is missing, and never a value', async () => {
  const answers = await ask(
    [
      { id: 'a', state: 'SHUT', levy: { active: true } },
      { id: 'b', state: 'SHUT', levy: null },
      { id: 'c', state: 'SHUT', levy: {} },
      { id: 'd', state: 'SHUT' },
      { id: 'e', state: 'RUINED', levy: { active: false } },
      { id: 'g', levy: { active: true }, _withheld: ['state'] },
      { id: 'f', state: null, levy: { active: null } },
    ],
    'stateFact { value agreement missing { department reason } }',
  );
  const missing = (department: string, reason: string) => [{ department, reason }];
  expect(answers).toEqual([
    { stateFact: { value: 'CLOSED', agreement: 'CONFLICT', missing: [] } },
    { stateFact: { value: 'CLOSED', agreement: 'SINGLE', missing: missing('levies', 'NOTHING_KNOWN') } },
    { stateFact: { value: 'CLOSED', agreement: null, missing: missing('levies', 'NOT_ANSWERED') } },
    { stateFact: { value: 'CLOSED', agreement: null, missing: missing('levies', 'NOT_ANSWERED') } },
    { stateFact: { value: 'CLOSED', agreement: null, missing: missing('register', 'VALUE_UNKNOWN') } },
    { stateFact: { value: 'OPEN', agreement: null, missing: missing('register', 'WITHHELD') } },
    { stateFact: null },
  ]);
});

/** What is wrong, how the manifest comes to have it, where that is told (`|` before it), and what is told. */
test.each([
  [
    'a department that there is none of',
    'department: levies',
    'department: |levvies',
    'there is no department "levvies" (did you mean "levies"?)',
  ],
  [
    'a field that nobody gives',
    'levy { no extent }',
    '|levy { no extend }',
    'no department gives Levy.extend (did you mean "extent"?)',
  ],
  [
    'a value that is not required',
    'value: extent',
    'value: |extant',
    '"extant" is not required of Levy (did you mean "extent"?)',
  ],
  [
    'a value that another department gives',
    `- department: levies\n        requires: levy { active }\n        value: levy`,
    `- department: register\n        requires: levy { active }\n        value: |levy`,
    'levy.active is given by levies, not by register',
  ],
  [
    'no unit',
    `- department: register\n        requires: size\n        value: size\n        unit: square metres`,
    `- |department: register\n        requires: size\n        value: size`,
    'the claim has no "unit"; the fact\'s is "square metres"',
  ],
  [
    'another unit without a factor',
    'unit: square decimetres\n        factor: 0.01\n',
    'unit: |square decimetres\n',
    'the fact\'s unit is "square metres": say by "factor"',
  ],
  [
    'a definition that is none',
    'definition: floor\n        vintage',
    'definition: |flor\n        vintage',
    '"flor" is none of the fact\'s definitions (did you mean "floor"?)',
  ],
  [
    'a time by hand without a reason',
    "{ otherwise: '2020', because: The levy was raised in 2020. }",
    "|{ otherwise: '2020' }",
    'facts.0.claims.1.vintage: a time that is given by hand needs a reason',
  ],
  [
    'a type that is no entity',
    'of: Shop\n    about: How',
    'of: |Staff\n    about: How',
    'no department has an entity Staff',
  ],
  [
    'a value of an enum that stands for nothing',
    '{ OPEN: OPEN, SHUT: CLOSED }',
    '|{ OPEN: OPEN }',
    'SHUT is a value of ShopState and stands for no state',
  ],
  [
    'a state that is none',
    '{ true: OPEN, false',
    '|{ true: OPN, false',
    '"OPN" is none of the fact\'s states (did you mean "OPEN"?)',
  ],
  [
    'an object without its fields',
    'levy { active }',
    '|levy',
    'Shop.levy leads to Levy: say which of its fields are required',
  ],
  [
    'an argument that there is none of',
    'levy { active }',
    "|'levy { active staff(form: 1) { count } }'",
    'Levy.staff has no argument "form"',
  ],
  [
    'a word that is none of a manifest',
    '    claims:',
    '    colour: |red\n    claims:',
    'facts.0.colour: there is no "colour" here',
  ],
  [
    'two kinds',
    '  - fact: state',
    '  - |text: {}\n    fact: state',
    'facts.1: must have exactly one of "number", "text" and "states"',
  ],
])('a manifest with %s is refused with file, line and column', (_, from, to, message) => {
  expect(FACTS).toContain(from);
  const written = FACTS.replace(from, to);
  const before = written.split('|', 1)[0]!.split('\n');
  const place = `:${before.length}:${before.at(-1)!.length + 1}: `;
  expect(() => readFacts(manifest(written.replace('|', '')), SCHEMAS)).toThrow(`facts.yaml${place}${message}`);
});
