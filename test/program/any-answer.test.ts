import { expect, test } from 'vitest';
import { fuzzAnswers } from './answer-fuzz.ts';
import { library, people, QUERIES } from './library.ts';

/** More by `npm run fuzz`. */
const RUNS = 600;

test(
  'whatever bytes a department answers, the program gives what JSON.parse leads to',
  { timeout: 60_000 },
  async () => {
    const outcome = await fuzzAnswers({ subgraphs: { library, people }, queries: QUERIES, runs: RUNS, seed: 11 });
    expect(outcome.difference).toBeUndefined();
    // It is about the program's own answers: of these, it gives some that are not written as they should be.
    expect(outcome.byProgram).toBeGreaterThan(RUNS / 20);
  },
);
