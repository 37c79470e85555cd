import { expect, test } from 'vitest';
import { boundedSource } from '../../subgraphs/kit/bounded-source.ts';
import type { RecordSource, SourceRow } from '../../subgraphs/kit/record-source.ts';

const PAGE = { collection: 'a', select: ['n'], where: [], orderBy: [], after: null, first: 1 };

/** A source that answers when it is told to, and never looks at the time. */
function slowSource() {
  const waiting: ((rows: SourceRow[]) => void)[] = [];
  const source: RecordSource = {
    describe: async () => ({ columns: undefined }),
    refusalOf: () => undefined,
    byKeys: async () => [],
    related: async () => [],
    page: () => new Promise((resolve) => waiting.push(resolve)),
    close: async () => {},
  };
  return { waiting, bounded: boundedSource(source, 'well register') };
}

test('nobody waits longer for a source than there is time, whatever it does', async () => {
  const { bounded } = slowSource();
  const end = new AbortController();
  const asked = bounded.page(PAGE, { signal: end.signal });
  end.abort();
  const expected = { message: 'The well register did not answer in time.', extensions: { code: 'SYSTEM_UNAVAILABLE' } };
  await expect(asked).rejects.toMatchObject(expected);
  await expect(bounded.page(PAGE, { signal: end.signal })).rejects.toMatchObject(expected);
});

test('so many questions are under way at once, so many wait, and beyond that they are refused', async () => {
  const { bounded, waiting } = slowSource();
  const { signal } = new AbortController();
  const asked = Array.from({ length: 8 + 400 }, () => bounded.page(PAGE, { signal }));
  await expect(bounded.page(PAGE, { signal })).rejects.toMatchObject({
    message: 'The well register has too many questions waiting; try again.',
    extensions: { code: 'SYSTEM_UNAVAILABLE' },
  });
  expect(waiting).toHaveLength(8);
  for (let answered = 0; answered < asked.length; answered += 1) {
    waiting[answered]!([{ n: answered }]);
    await asked[answered];
  }
  expect(waiting).toHaveLength(asked.length);
  expect((await Promise.all(asked)).flat().map((row) => row['n'])).toEqual(asked.map((_, at) => at));
});
