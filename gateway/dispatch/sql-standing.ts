import type { SqlDatabase, SqlRow } from '../sql/database.ts';
import { DISPATCH_STATES, type DispatchState } from './dispatch.ts';
import { readRun } from './sql-schema.ts';
import type { Standing } from './store.ts';

const STATES = `SELECT state, COUNT(*) AS dispatches,
    MIN(CASE WHEN current_run IS NOT NULL THEN NULL WHEN next_at <= pending_at OR pending_at IS NULL THEN next_at ELSE pending_at END) AS due_at
  FROM dispatches GROUP BY state`;

/** A product, as below: SQLite goes through one in its order, and joins the other way round, by a look at every run. */
const RUNS_UNDER_WAY = `SELECT content FROM dispatches CROSS JOIN dispatch_runs
  WHERE dispatch_id = id AND number = current_run AND state IN ('ACTIVE', 'STOPPED')`;

/**
 * A run that is dead and was not given up. It is looked for in the run's text, where a name with a value after it is nothing that anybody wrote:
 * their quotes are escaped. PostgreSQL cannot be asked what the JSON says, for it takes none that somebody has written a NUL or half a character in.
 */
const IS_DEAD = `content LIKE '%"state":"DEAD"%' AND content NOT LIKE '%"isGivenUp":true%'`;

/** What finds dead runs without a look at all of them. */
export const DEAD_INDEX = `CREATE INDEX IF NOT EXISTS dispatch_runs_dead ON dispatch_runs (dispatch_id, number) WHERE ${IS_DEAD}`;

const DEAD_RUNS = `SELECT COUNT(*) AS dead FROM dispatch_runs CROSS JOIN dispatches
  WHERE ${IS_DEAD} AND id = dispatch_id AND last_run = number AND state IN ('ACTIVE', 'STOPPED', 'PAUSED')`;

/** Reads how all dispatches stand together. @throws the database's errors */
export async function readStanding(database: SqlDatabase): Promise<Standing> {
  const rows = await database.query(STATES, []);
  const underWay = await database.query(RUNS_UNDER_WAY, []);
  const [{ dead } = {}] = await database.query(DEAD_RUNS, []);
  const countOf = (state: DispatchState): number =>
    Number(rows.find((row) => row['state'] === state)?.['dispatches'] ?? 0);
  const dueTimes = [
    ...rows.filter(isToRun).flatMap(({ due_at: at }) => (at === null ? [] : [Number(at)])),
    ...underWay.map((row) => Date.parse(readRun(row).dueAt)),
  ];
  return {
    states: Object.fromEntries(DISPATCH_STATES.map((state) => [state, countOf(state)])) as Standing['states'],
    deadRuns: Number(dead),
    firstDueAtMs: dueTimes.reduce<number | undefined>(earlier, undefined),
  };
}

/** Whether those in this state are run when they are due. */
function isToRun({ state }: SqlRow): boolean {
  return state === 'ACTIVE' || state === 'STOPPED';
}

function earlier(one: number | undefined, other: number): number {
  return one === undefined ? other : Math.min(one, other);
}
