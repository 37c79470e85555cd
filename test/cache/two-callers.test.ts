import { expect, test } from 'vitest';
import { jsonBody, type Fetcher } from '../../gateway/execute/fetcher.ts';
import { askShop, cached, itemsTemplate, person } from './shop.ts';

const REQUESTS = 10_000;
const CALLERS = [person('ann'), person('ben')] as const;
const SELECTIONS = ['name secret', 'secret', 'name', 'label', 'name label', 'secret label'].map(itemsTemplate);

/** A department that is told who asks, and says so in every answer. */
const telling: Fetcher = ({ representations, onBehalf }) => {
  const subject = onBehalf?.caller.identity.subject ?? 'nobody';
  const entities = representations.map((text) => ({ ...(JSON.parse(text) as object), givenTo: subject }));
  return Promise.resolve({ httpStatus: 200, body: jsonBody(JSON.stringify({ data: { _entities: entities } })) });
};

interface Given {
  id: string;
  givenTo: string;
}

test(`of ${REQUESTS} random requests of two callers no answer has what was given to the other, but for what is public`, async () => {
  let [remembered, shared] = [0, 0];
  let asked = 0;
  const front = cached(
    (request, deadline) => {
      asked += request.representations.length;
      return telling(request, deadline);
    },
    { isTold: () => true },
  );
  const askOne = async (): Promise<void> => {
    const caller = CALLERS[Math.floor(Math.random() * 2)]!;
    const template = SELECTIONS[Math.floor(Math.random() * SELECTIONS.length)]!;
    const ids = Array.from({ length: 1 + Math.floor(Math.random() * 5) }, () => String(Math.floor(Math.random() * 40)));
    const unique = [...new Set(ids)];
    const { data } = await askShop(front, { template, ids: unique, caller });
    const entities = data!['_entities'] as Given[];
    expect(entities.map(({ id }) => id)).toEqual(unique);
    const isPublic = template === SELECTIONS[3];
    const others = entities.filter(({ givenTo }) => givenTo !== caller.identity.subject);
    if (isPublic) shared += others.length;
    else expect(others).toEqual([]);
    remembered += unique.length;
  };
  for (let done = 0; done < REQUESTS; done += 20) await Promise.all(Array.from({ length: 20 }, askOne));
  // What is public is shared, and most is remembered: else nothing was tested.
  expect(shared).toBeGreaterThan(100);
  expect(asked).toBeLessThan(remembered / 10);
});
