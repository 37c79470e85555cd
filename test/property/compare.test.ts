import { parse } from 'graphql';
import { afterEach, describe, expect, test } from 'vitest';
import type { PlainAnswer } from '../../gateway/message.ts';
import { compareAnswers, type Difference } from './compare.ts';
import { openFederation, type OracleFederation } from './federation.ts';

const subgraphs = {
  a: `
    type Query { things: [Thing!]! }
    type Thing @key(fields: "id") { id: ID! name: String size: Int }
  `,
  b: `
    type Thing @key(fields: "id") { id: ID! weight: Int! }
  `,
};

let federation: OracleFederation;
afterEach(() => federation.close());

/** What the oracle says of an answer that was changed on the way to it. */
async function kinds(
  query: string,
  change: (answer: PlainAnswer) => PlainAnswer,
  errorRate = 0,
): Promise<Difference['kind'][]> {
  federation = openFederation(subgraphs, { seed: 3, nullRate: 0, errorRate });
  expect(parse(query)).toBeDefined();
  const operation = { query, variables: {} };
  const answer = await federation.ask(operation, 'plain');
  return compareAnswers(federation.expect(operation), change(answer)).map(({ kind }) => kind);
}

describe('the oracle sees', () => {
  test('nothing where nothing is wrong', async () => {
    expect(await kinds('{ things { name weight } }', (answer) => answer)).toEqual([]);
  });

  test('another value', async () => {
    expect(await kinds('{ things { name } }', () => ({ httpStatus: 200, data: { things: [] } }))).toEqual(['data']);
  });

  test('another order of names', async () => {
    const turn = (thing: object): object => Object.fromEntries(Object.entries(thing).reverse());
    const change = (answer: PlainAnswer): PlainAnswer => ({
      ...answer,
      data: { things: (answer.data!['things'] as object[]).map(turn) },
    });
    expect(await kinds('{ things { name size } }', change)).toEqual(['data order']);
  });

  test('an error where nothing failed', async () => {
    const error = { message: 'no', path: ['things'], extensions: { code: 'X' } };
    expect(await kinds('{ things { name } }', (answer) => ({ ...answer, errors: [error] }))).toEqual([
      'error unfounded',
    ]);
  });

  test('errors left out, given twice, and in other words', async () => {
    const query = '{ things { name size } }';
    const without = await kinds(query, ({ httpStatus, data }) => ({ httpStatus, data: data! }), 0.9);
    expect(new Set(without)).toEqual(new Set(['error missing']));
    await federation.close();
    const twice = await kinds(
      query,
      ({ errors = [], ...answer }) => ({ ...answer, errors: [...errors, errors[0]!] }),
      0.9,
    );
    expect(twice).toEqual(['error twice']);
    await federation.close();
    const reworded = await kinds(
      query,
      ({ errors = [], ...answer }) => ({ ...answer, errors: errors.map((error) => ({ ...error, message: 'no' })) }),
      0.9,
    );
    expect(new Set(reworded)).toEqual(new Set(['error message']));
  });

  test('a request that was refused', async () => {
    const errors = [{ message: 'no', extensions: { code: 'X' } }];
    expect(await kinds('{ things { name } }', () => ({ httpStatus: 500, errors }))).toEqual(['refused']);
  });
});
