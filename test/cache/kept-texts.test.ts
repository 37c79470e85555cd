import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { askRaw, cached, itemsTemplate, openShop } from './shop.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const TEMPLATE = itemsTemplate('name');
const LARGE_BYTES = 300_000;
const ANSWERS = 100;

test('keeps no more of an answer in memory than what is remembered of it', async () => {
  const { fetcher, asked } = openShop({
    body: (ids) => {
      const entities = ids.map((id) => ({ name: id.startsWith('large') ? 'x'.repeat(LARGE_BYTES) : `small ${id}` }));
      return JSON.stringify({ data: { _entities: entities } });
    },
  });
  const front = cached(fetcher, { cache: { maxEntryBytes: 10_000 } });
  await askRaw(front, { template: TEMPLATE, ids: ['first'] });
  const before = heapBytes();
  for (let nth = 0; nth < ANSWERS; nth++)
    await askRaw(front, { template: TEMPLATE, ids: [`small${nth}`, `large${nth}`] });
  const grownBytes = heapBytes() - before;
  await askRaw(front, { template: TEMPLATE, ids: ['small7'] });
  expect(asked).toHaveLength(1 + ANSWERS);
  expect(grownBytes).toBeLessThan((ANSWERS * LARGE_BYTES) / 4);
});
