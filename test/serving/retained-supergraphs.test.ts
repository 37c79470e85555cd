import { queryObjects } from 'node:v8';
import { GraphQLSchema } from 'graphql';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makePlace } from '../audit/trail-kit.ts';
import { ask } from '../kit/ask.ts';
import { serveFederation } from '../kit/served-federation.ts';
import { NUMBERED_QUERY, numberedAnswer, PEOPLE, putNumber } from './numbered-supergraphs.ts';

const RELOADS = 2;
const PATIENCE = { timeout: 60_000, interval: 200 };

/** How many schemas somebody still holds: two of each supergraph, and those of the departments. */
function liveSchemas(): number {
  return queryObjects(GraphQLSchema, { format: 'count' });
}

test('nothing holds a supergraph that is served no longer, whoever watches requests and whatever was asked by it', async () => {
  const place = await makePlace();
  onTestFinished(() => place.close());
  const federation = await serveFederation(PEOPLE, {
    graphiql: false,
    operations: 'none',
    reload: { lookEveryMs: 3_600_000 },
    metrics: { port: 0 },
    explain: { secret: 'let me see' },
    audit: place.settings(),
    log: { requests: ['all'] },
  });
  onTestFinished(() => federation.close());
  const askAll = async (number: number): Promise<void> => {
    expect(await ask(federation.url, NUMBERED_QUERY)).toEqual(numberedAnswer(number));
    // And what is asked of this supergraph alone.
    const { errors } = await ask(federation.url, `query Asked${number} { person(pid: "p${number}") { name } }`);
    expect(errors).toBeUndefined();
  };
  await askAll(0);
  const before = liveSchemas();
  expect(before).toBeGreaterThanOrEqual(2);
  for (let number = 1; number <= RELOADS; number += 1) {
    await putNumber(federation.supergraphFile, number);
    await federation.reload();
    await askAll(number);
  }
  // Those before end when their last request has.
  await vi.waitFor(() => expect(liveSchemas()).toBeLessThanOrEqual(before), PATIENCE);
}, 90_000);
