import type { CityTruth } from '../../systems/city/records.ts';

/** How well the shell companies of a city were found. */
export interface ShellScore {
  shells: number;
  found: number;
  precision: number;
  recall: number;
  /** Of each kind of what only looks like one: how many there are, and how many were taken for one. */
  lookAlikes: Record<LookAlike, { all: number; taken: number }>;
}

type LookAlike = CityTruth['lookAlikes'][number]['reason'];

const KINDS = ['HOLDING', 'NEW', 'SEASONAL', 'LANDLORD_METER', 'PARENT_PAYROLL'] as const satisfies LookAlike[];

/** Compares what was found with what is really so. */
export function scoreOf(
  { shells, lookAlikes }: Pick<CityTruth, 'shells' | 'lookAlikes'>,
  found: ReadonlySet<string>,
): ShellScore {
  const right = shells.filter((uscc) => found.has(uscc)).length;
  const ofKind = (kind: LookAlike): string[] =>
    lookAlikes.flatMap(({ uscc, reason }) => (reason === kind ? [uscc] : []));
  const byKind = KINDS.map((kind) => {
    const all = ofKind(kind);
    return [kind, { all: all.length, taken: all.filter((uscc) => found.has(uscc)).length }] as const;
  });
  return {
    shells: shells.length,
    found: found.size,
    precision: found.size === 0 ? 0 : right / found.size,
    recall: right / shells.length,
    lookAlikes: Object.fromEntries(byKind) as ShellScore['lookAlikes'],
  };
}
