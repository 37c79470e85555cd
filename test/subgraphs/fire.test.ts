import { afterAll, beforeAll, expect, test } from 'vitest';
import { fire } from '../../subgraphs/fire/department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { seedFire } from '../../systems/fire/seed.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, temporaryFolder } from '../kit/department.ts';

const { fireInspections, enterprises } = generateCity({ enterprises: 500, months: 1 });
let folder: ReturnType<typeof temporaryFolder>;
let subgraph: RunningSubgraph;
beforeAll(async () => {
  folder = temporaryFolder();
  await seedFire(folder.path, fireInspections);
  subgraph = await serveDepartment(fire, { FIRE_DROP_DIR: folder.path, PORT: '0' });
});
afterAll(async () => {
  await subgraph.close();
  folder.close();
});

test('every visit comes back as the brigade has it, days and numbers exact, and an unknown one is null', async () => {
  const keys = [...fireInspections.map(({ inspectionNo }) => inspectionNo), 'FI-2026-999999', 'x'];
  const answer = await askEntities(
    subgraph.url,
    keys.map((inspectionNo) => ({ __typename: 'FireInspection', inspectionNo })),
    '... on FireInspection { inspectionNo address inspectedOn result defects areaM2 nextDueOn inspector synthetic }',
  );
  const told = fireInspections.map((inspection) => ({ ...inspection, synthetic: true }));
  expect(answer).toEqual({ data: { _entities: [...told, null, null] } });
});

test('an enterprise has the visits to its registered address, the newest first; one without an address none', async () => {
  const asked = [...enterprises.slice(0, 100), { uscc: enterprises[0]!.uscc, registeredAddress: null }];
  const answer = await askEntities(
    subgraph.url,
    asked.map(({ uscc, registeredAddress }) => ({ __typename: 'Enterprise', uscc, registeredAddress })),
    '... on Enterprise { uscc fireInspections { inspectionNo } }',
  );
  const newestFirst = fireInspections.toSorted(
    (one, other) =>
      other.inspectedOn.localeCompare(one.inspectedOn) || one.inspectionNo.localeCompare(other.inspectionNo),
  );
  const expected = asked.map(({ uscc, registeredAddress }) => ({
    uscc,
    fireInspections: newestFirst
      .filter(({ address }) => address === registeredAddress)
      .map(({ inspectionNo }) => ({ inspectionNo })),
  }));
  expect(answer).toEqual({ data: { _entities: expected } });
  expect(expected.filter(({ fireInspections: visits }) => visits.length > 0).length).toBeGreaterThan(20);
});

test('visits are found by address, and the files listed', async () => {
  const { address } = fireInspections[0]!;
  const query = `query ($address: String!) { fireInspectionsAt(address: $address) { address } fireFiles { file rowsAside fault } }`;
  const { data } = await ask(subgraph.url, query, { address });
  const alike = fireInspections.filter((inspection) => inspection.address === address);
  expect(data).toEqual({
    fireInspectionsAt: alike.map(() => ({ address })),
    fireFiles: ['2025', '2026'].map((year) => ({ file: `inspections-${year}.xlsx`, rowsAside: 0, fault: null })),
  });
});
