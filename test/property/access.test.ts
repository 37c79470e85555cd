import { expect, test } from 'vitest';
import { describeDifference } from './case-file.ts';
import { runCampaign } from './oracle.ts';

const SEED = 20_261_124;
const OPERATIONS = 300;

test(
  'random callers are given what a plain reading of random rules allows, no field more and none less, and nothing refused is asked for',
  { timeout: 120_000 },
  async () => {
    const reports: string[] = [];
    const tally = await runCampaign({
      seed: SEED,
      operations: OPERATIONS,
      authority: true,
      async onDifference(found) {
        if (reports.length === 0) reports.push(await describeDifference(found));
      },
    });
    expect(reports.join('\n')).toBe('');
    expect(tally).toMatchObject({ operations: OPERATIONS, differences: 0 });
  },
);
