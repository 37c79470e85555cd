import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { federate, type SmallFederation } from '../kit/federation.ts';
import { library, people, QUERY } from './library.ts';

let tamper: (body: Buffer, service: string) => Buffer = (body) => body;
let quick: SmallFederation;
let plain: SmallFederation;
beforeAll(async () => {
  const open = (usePrograms: boolean) =>
    federate({ library, people }, { usePrograms, tamper: (body, { template }) => tamper(body, template.service) });
  [quick, plain] = await Promise.all([open(true), open(false)]);
});
afterAll(() => Promise.all([quick.close(), plain.close()]));

async function answers(): Promise<[quick: string, plain: string]> {
  const [a, b] = [await quick.ask(QUERY), await plain.ask(QUERY)];
  return [JSON.stringify(a), JSON.stringify(b)];
}

describe('whatever a department answers, the program gives what the plain way gives', () => {
  test('for an answer as it should be, without running the plain way', async () => {
    tamper = (body) => body;
    const [a, b] = await answers();
    expect(a).toBe(b);
    expect(JSON.parse(a)).not.toHaveProperty('errors');
    expect([quick.programAnswers(), plain.programAnswers()]).toEqual([1, 0]);
  });

  const interesting = [
    ...'{}[]",:\\ \n\u0000truefalsn01-.eE',
    '\u00ff',
    '"errors"',
    'null',
    '[]',
    '{}',
    '""',
    '1e999',
    '\\u00',
    '\\ud800',
  ];
  const edit = fc.record({
    service: fc.constantFrom('library', 'people'),
    // Not a double: most doubles between 0 and 1 are next to 0.
    at: fc.nat({ max: 1_000_000 }),
    remove: fc.nat({ max: 3 }),
    insert: fc.oneof(fc.constantFrom(...interesting), fc.constant('')),
  });

  test('for answers with bytes changed, added and taken away', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        // Good answers in between: a program that nearly always gives up is put aside.
        tamper = (body) => body;
        for (let times = 0; times < 2; times++) await quick.ask(QUERY);
        tamper = (body, service) => edits.filter((each) => each.service === service).reduce(apply, body);
        const [a, b] = await answers();
        expect(a).toBe(b);
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(quick.programAnswers()).toBeGreaterThan(600);
  });

  test('for answers that are cut short at any byte', { timeout: 60_000 }, async () => {
    for (let length = 0; length < 900; length += 7) {
      tamper = (body) => body.subarray(0, length);
      const [a, b] = await answers();
      expect(a).toBe(b);
    }
  });
});

function apply(body: Buffer, { at, remove, insert }: { at: number; remove: number; insert: string }): Buffer {
  const from = at % (body.length + 1);
  return Buffer.concat([body.subarray(0, from), Buffer.from(insert, 'latin1'), body.subarray(from + remove)]);
}
