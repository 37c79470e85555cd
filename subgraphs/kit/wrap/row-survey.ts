import { byLikelihood } from './likely-key.ts';
import type { SurveyedColumn } from './survey.ts';
import { TextColumn } from './text-column.ts';
import { combinationsOf, UniqueSets, type TextRow } from './unique-sets.ts';

/** What rows of texts hold, and what tells them apart. */
export interface SurveyedRows {
  rows: number;
  columns: SurveyedColumn[];
  /** Sets of columns by name, the likeliest key first. */
  keys: string[][];
  /** Whether there may be other keys that memory did not do for. */
  isCutShort: boolean;
}

/** Walks over all rows, from the first to the last; twice where the first walk shows no key. */
export type WalkRows = (take: (row: TextRow) => void) => Promise<void> | void;

/** Looks at rows of texts. @param names the columns, in the order of the rows' values */
export async function surveyRows(names: readonly string[], walk: WalkRows): Promise<SurveyedRows> {
  const columns = names.map((name) => new TextColumn(name));
  const places = names.map((_, at) => at);
  const single = new UniqueSets(
    byLikelihood(
      places.map((at) => [at]),
      names,
    ),
  );
  let rows = 0;
  await walk((row) => {
    rows += 1;
    for (let at = 0; at < columns.length; at += 1) columns[at]!.add(row[at]);
    single.add(row);
  });
  const results = columns.map((column) => column.result());
  const canBeKey = (at: number): boolean => ['Int', 'String'].includes(results[at]!.leaf) && columns[at]!.isNeverEmpty;
  let unique = single.sets().filter((set) => set.every((at) => canBeKey(at) && isNoDate(results[at]!)));
  let { isCutShort } = single;
  if (unique.length === 0 && rows > 1) {
    const several = new UniqueSets(combinationsOf(places.filter(canBeKey)));
    if (several.sets().length > 0) await walk((row) => several.add(row));
    unique = smallest(several.sets());
    isCutShort ||= several.isCutShort;
  }
  // Of one row nobody can tell what tells it from others.
  const keys = rows < 2 ? [] : byLikelihood(unique, names).map((set) => set.map((at) => names[at]!));
  return { rows, columns: results, keys, isCutShort };
}

/** Days and times may all differ, and are nobody's key alone. */
function isNoDate({ leaf, description, mapping }: SurveyedColumn): boolean {
  return leaf !== 'String' || (description === undefined && mapping?.date === undefined);
}

/** Three columns are no key where two of them are one. */
function smallest(sets: readonly (readonly number[])[]): (readonly number[])[] {
  return sets.filter(
    (set) => !sets.some((other) => other.length < set.length && other.every((at) => set.includes(at))),
  );
}
