import { writeFileSync } from 'node:fs';
import { StatementSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cityOperations } from '../../subgraphs/city-operations/department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { seedCityOperations } from '../../systems/city-operations/seed.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, temporaryFolder } from '../kit/department.ts';

const { hotlineEvents, enterprises } = generateCity({ enterprises: 300, months: 1 });

let folder: ReturnType<typeof temporaryFolder>;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  folder = temporaryFolder();
  const file = folder.file('hotline.sqlite');
  seedCityOperations(file, hotlineEvents, 'one');
  subgraph = await serveDepartment(cityOperations, {
    CITY_OPERATIONS_DATABASE_FILE: file,
    CITY_OPERATIONS_ACTIONS_FILE: folder.file('actions.sqlite'),
    PORT: '0',
  });
});

afterAll(async () => {
  await subgraph.close();
  folder.close();
});

const EVERYTHING = `eventNo category address receivedOn assignedTo closedOn contactName contactPhone synthetic
  enterprise { uscc }`;

/** An event as the graph has it. */
function told({ uscc, ...event }: (typeof hotlineEvents)[number]): object {
  return { ...event, synthetic: true, enterprise: uscc === null ? null : { uscc } };
}

test('every event is answered by its number', async () => {
  const keys = hotlineEvents.map(({ eventNo }) => ({ __typename: 'HotlineEvent', eventNo }));
  const answer = await askEntities(subgraph.url, keys, `... on HotlineEvent { ${EVERYTHING} }`);
  expect(answer).toEqual({ data: { _entities: hotlineEvents.map(told) } });
  const { eventNo } = hotlineEvents[0]!;
  const query = `query ($eventNo: ID!) { hotlineEvent(eventNo: $eventNo) { ${EVERYTHING} } nobody: hotlineEvent(eventNo: "") { eventNo } }`;
  expect(await ask(subgraph.url, query, { eventNo })).toEqual({
    data: { hotlineEvent: told(hotlineEvents[0]!), nobody: null },
  });
});

test('the events about 300 enterprises are one statement, the newest first', async () => {
  const statements = vi.spyOn(StatementSync.prototype, 'all');
  const keys = enterprises.map(({ uscc }) => ({ __typename: 'Enterprise', uscc }));
  const answer = await askEntities(subgraph.url, keys, '... on Enterprise { hotlineEvents { eventNo receivedOn } }');
  const asked = statements.mock.calls.length;
  statements.mockRestore();
  expect(asked).toBe(1);
  for (const [index, { uscc }] of enterprises.entries()) {
    const events = hotlineEvents
      .filter((event) => event.uscc === uscc)
      .toSorted((one, other) => (one.receivedOn > other.receivedOn ? -1 : 1))
      .map(({ eventNo, receivedOn }) => ({ eventNo, receivedOn }));
    expect(answer.data?._entities[index]).toEqual({ hotlineEvents: events });
  }
});

test('a file that holds no events is refused with one line', async () => {
  const file = folder.file('other');
  writeFileSync(file, 'not a database');
  const start = serveDepartment(cityOperations, {
    CITY_OPERATIONS_DATABASE_FILE: file,
    CITY_OPERATIONS_ACTIONS_FILE: folder.file('actions.sqlite'),
    PORT: '0',
  });
  await expect(start).rejects.toThrow('holds no events of the hotline');
  const actionsFile = folder.file('actions.sqlite');
  const withoutHotline = serveDepartment(cityOperations, { CITY_OPERATIONS_ACTIONS_FILE: actionsFile, PORT: '0' });
  await expect(withoutHotline).rejects.toThrow('CITY_OPERATIONS_DATABASE_FILE');
  await expect(serveDepartment(cityOperations, { PORT: '0' })).rejects.toThrow('CITY_OPERATIONS_ACTIONS_FILE');
});
