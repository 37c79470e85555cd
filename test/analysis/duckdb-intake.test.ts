import { expect, test } from 'vitest';
import type { Delivery } from '../../gateway/dispatch/delivery.ts';
import { openFolder } from '../../gateway/dispatch/receivers/folder.ts';
import { folderIntake } from '../../subgraphs/analysis/duckdb-intake.ts';
import { openDuckDbStore } from '../../subgraphs/analysis/duckdb-store.ts';
import { closingAfterEach, temporaryFolder } from '../kit/department.ts';
import { feeds, type FeedRow } from './feeds.ts';
import { fuseCity } from './fused-city.ts';

const opened = closingAfterEach();
const { enterprises } = fuseCity({ seed: 22, enterprises: 120 });

/** What a run of the dispatch delivers, in two parts. */
function runOf(run: number, rows: readonly FeedRow[], removed: readonly string[] = []): Delivery[] {
  const { name: dispatch, key, columns } = feeds.enterprise_record;
  const names = Object.keys(columns);
  const half = Math.ceil(rows.length / 2);
  return [rows.slice(0, half), rows.slice(half)].map((some, at) => ({
    ...{ idempotencyKey: `x:${run}:${at + 1}`, dispatch, run, part: at + 1, isLast: at === 1, queryGroupId: 'q', key },
    content: run === 1 ? 'full' : 'changes',
    columns: names.map((name) => ({ name, type: /capital|headcount$/.test(name) ? 'number' : 'text' })),
    rows: some.map((row) => names.map((name) => row[name]!)),
    removed: at === 0 ? [] : removed.map((uscc) => [uscc]),
  }));
}

test('files that a dispatch puts into a folder are the tables of DuckDB, what is full first and then what changed', async () => {
  const folder = opened(temporaryFolder());
  const receiver = opened(
    openFolder({
      ...{ kind: 'folder', folder: folder.path, format: 'csv', escapesFormulas: false },
      ...{ maxRunBytes: 10_000_000, keepDays: 1 },
    }),
  );
  const deliver = async (parts: readonly Delivery[]): Promise<void> => {
    for (const part of parts) await receiver.deliver(part, AbortSignal.timeout(5_000));
  };
  const store = opened(await openDuckDbStore({ file: folder.file('analysis.duckdb') }));
  const intake = await folderIntake(store, folder.path);
  const kept = (): Promise<unknown[]> => store.query('select * from enterprise_record order by uscc');
  const byKey = (rows: readonly FeedRow[]): FeedRow[] =>
    rows.toSorted((one, other) => (String(one['uscc']) < String(other['uscc']) ? -1 : 1));

  expect(await intake.arrived()).toBe(false);
  await deliver(runOf(1, enterprises));
  expect(await intake.arrived()).toBe(true);
  expect(await kept()).toEqual(byKey(enterprises));
  expect(await intake.arrived()).toBe(false);

  const [gone, changed, ...others] = enterprises;
  const renamed = { ...changed!, name: '=1+1, "Quoted"\nand 云湄', unit_no: '' };
  await deliver(runOf(2, [renamed], [String(gone!['uscc'])]));
  expect(await intake.arrived()).toBe(true);
  expect(await kept()).toEqual(byKey([renamed, ...others]));
});
