import { expect, test } from 'vitest';
import { caseFiles, describeDifference, replayCase } from './case-file.ts';

test.each(await caseFiles())('what was once answered wrongly stays right: %s', async (name) => {
  const found = await replayCase(name);
  expect(found.differences.length > 0 ? await describeDifference(found) : '').toBe('');
});
