import { buildClientSchema, getIntrospectionQuery, validate, parse, type IntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Caller } from '../../gateway/caller.ts';
import { loadSupergraph } from '../../gateway/supergraph/load.ts';
import { as, HOSPITAL, RULES } from '../authorise/hospital.ts';
import { composeSmall, federate, type SmallFederation } from '../kit/federation.ts';

let federation: SmallFederation;
beforeAll(async () => {
  federation = await federate(HOSPITAL, { authorise: { mode: 'enforce', rules: RULES } });
});
afterAll(() => federation.close());

const WEIGHT = '{ patient(id: "p1") { weightKg } }';
const GIVEN = { patient: { weightKg: 61.5 } };
const WITHHELD = { patient: { weightKg: null } };

/** The data, or the code and message of the refusal. */
async function ask(query: string, caller: Caller = as('doctor'), variables: Record<string, unknown> = {}) {
  federation.requests.length = 0;
  const { data, errors } = await federation.ask(query, variables, caller);
  return data ?? errors!.map(({ message, extensions: { code } }) => `${code}: ${message}`);
}

describe('@purpose on an operation', () => {
  test('says what the request is for, as headers do, and no department is sent it', async () => {
    expect(await ask(`query Q ${WEIGHT}`)).toEqual(WITHHELD);
    expect(await ask(`query Q @purpose(purpose: "treatment") ${WEIGHT}`)).toEqual(GIVEN);
    expect(await ask(`query Q @purpose(purpose: " treatment ") ${WEIGHT}`)).toEqual(GIVEN);
    expect(
      await ask(`query Q @purpose(consent: "C-7", case: "3", legalBasis: "Act 1") ${WEIGHT}`, as('insurer')),
    ).toEqual(GIVEN);
    expect(federation.requests.map(({ query }) => query).join()).not.toMatch(/purpose|treatment|C-7/);
  });

  test('takes variables; what is not given, or null, says nothing', async () => {
    const query = `query Q($why: String, $id: ID!) @purpose(purpose: $why) { patient(id: $id) { weightKg } }`;
    expect(await ask(query, as('doctor'), { why: 'treatment', id: 'p1' })).toEqual(GIVEN);
    expect(federation.requests.map(({ variables }) => variables)).toEqual([{ id: 'p1' }]);
    expect(await ask(query, as('doctor'), { why: 'curiosity', id: 'p1' })).toEqual(WITHHELD);
    expect(await ask(query, as('doctor'), { why: null, id: 'p1' })).toEqual(WITHHELD);
    expect(await ask(query, as('doctor'), { id: 'p1' })).toEqual(WITHHELD);
    const byDefault = query.replace('$why: String', '$why: String = "treatment"');
    expect(await ask(byDefault, as('doctor'), { id: 'p1' })).toEqual(GIVEN);
    expect(await ask(`query Q @purpose(purpose: null) ${WEIGHT}`)).toEqual(WITHHELD);
  });

  test('holds beside the headers, and must not contradict them', async () => {
    const doctor = as('doctor', { purpose: 'treatment' });
    expect(await ask(`query Q @purpose(case: "7") ${WEIGHT}`, doctor)).toEqual(GIVEN);
    expect(await ask(`query Q @purpose(purpose: "treatment") ${WEIGHT}`, doctor)).toEqual(GIVEN);
    expect(await ask(`query Q @purpose(purpose: "research") ${WEIGHT}`, doctor)).toEqual([
      'PURPOSE_CONTRADICTION: The headers and @purpose of the operation do not say the same about what the request is for. ' +
        'See switchyard-purpose and the argument purpose.',
    ]);
    expect(federation.requests).toEqual([]);
  });

  test.each([
    ['is empty', '""', 'is empty'],
    ['has a line break', '"a\\nb"', 'holds characters that cannot be printed'],
    ['has half a character', '"\\uD83D"', ''],
    ['is too long', `"${'x'.repeat(201)}"`, 'is longer than 200 characters'],
  ])('is refused where a text %s, which is not repeated', async (_, text, fault) => {
    const [refusal] = (await ask(`query Q @purpose(legalBasis: ${text}) ${WEIGHT}`)) as string[];
    if (fault !== '') expect(refusal).toContain(`PURPOSE_DIRECTIVE_INVALID: `);
    if (fault !== '') expect(refusal).toContain(`Its argument legalBasis ${fault}.`);
    expect(refusal).not.toContain('xxx');
  });

  test.each([
    ['another argument', 'query Q @purpose(reason: "x")'],
    ['a number', 'query Q @purpose(case: 7)'],
    ['a variable of another type', 'query Q($case: Int) @purpose(case: $case)'],
    ['twice', 'query Q @purpose(case: "7") @purpose(case: "8")'],
  ])('is not valid with %s', async (_, head) => {
    expect(await ask(`${head} ${WEIGHT}`)).toEqual([expect.stringMatching(/^GRAPHQL_VALIDATION_FAILED/)]);
  });

  test('is not valid on a field', async () => {
    const onField = '{ patient(id: "p1") @purpose(case: "7") { name } }';
    expect(await ask(onField)).toEqual([expect.stringMatching(/^GRAPHQL_VALIDATION_FAILED/)]);
  });

  test('is known to whoever asks what the schema has', async () => {
    const data = (await ask(getIntrospectionQuery())) as unknown as IntrospectionQuery;
    const schema = buildClientSchema(data);
    expect(validate(schema, parse(`query Q @purpose(case: "7") ${WEIGHT}`))).toEqual([]);
  });

  test('of a document with several operations holds for its own alone', async () => {
    const query = `query A @purpose(purpose: "treatment") ${WEIGHT} query B ${WEIGHT}`;
    const { data } = await federation.ask(query, {}, as('doctor'), 'B');
    expect(data).toEqual(WITHHELD);
  });

  test("stays the departments' own where they composed one of this name", async () => {
    const { apiSchema } = loadSupergraph(
      composeSmall({
        words: {
          sdl: `extend schema
            @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
            @link(url: "https://specs.example.org/words/v1.0", import: ["@purpose"])
            @composeDirective(name: "@purpose")
            directive @purpose on FIELD
            type Query { word: String }`,
        },
      }),
    );
    expect(apiSchema.getDirective('purpose')!.locations).toEqual(['FIELD']);
  });
});
