import { expect, test } from 'vitest';
import { describeDifference } from './case-file.ts';
import { runCampaign } from './oracle.ts';

const SEED = 20_261_127;
const OPERATIONS = 150;

test(
  'answers are none the worse for being recorded, and programs find the same entities in them as the plain way',
  { timeout: 120_000 },
  async () => {
    const reports: string[] = [];
    const tally = await runCampaign({
      seed: SEED,
      operations: OPERATIONS,
      authority: true,
      traced: true,
      async onDifference(found) {
        if (reports.length === 0) reports.push(await describeDifference(found));
      },
    });
    expect(reports.join('\n')).toBe('');
    expect(tally).toMatchObject({ operations: OPERATIONS, differences: 0 });
  },
);
