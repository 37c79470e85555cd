import type { SqlStatement, SqlValue } from '../sql/database.ts';
import type { Claim, Dispatch, Run } from './dispatch.ts';
import { statement } from './sql-rows.ts';
import { changedColumns } from './sql-schema.ts';
import type { DispatchFilter, RunEnd } from './store.ts';

/** What a claim is set to that is given up. */
export const RELEASED: readonly [string, SqlValue][] = [
  ['holder', null],
  ['lease_until', 0],
];

/** Changes what is held; gives no row where it is held no more. */
export function held(
  { dispatch: { id }, fence }: Claim,
  columns: readonly (readonly [column: string, value: SqlValue])[],
  { state, ...rest }: Pick<RunEnd, 'state' | 'stateReason'> = {},
): SqlStatement {
  const all = [...columns, ...('stateReason' in rest ? changedColumns({ stateReason: rest.stateReason }) : [])];
  const sets = all.map(([column], index) => `${column} = $${index + 1}`);
  // Who paused it meanwhile is not overruled. The word is ours and no value of anybody's.
  if (state) sets.push(`state = CASE WHEN state IN ('ACTIVE', 'STOPPED') THEN '${state}' ELSE state END`);
  const sql = `UPDATE dispatches SET ${sets.join(', ')} WHERE id = $${all.length + 1} AND fence = $${all.length + 2} AND holder IS NOT NULL RETURNING id`;
  return { sql, parameters: [...all.map(([, value]) => value), id, fence] };
}

/** A part of a statement that decides whether it does anything. */
export interface Condition {
  condition: string;
  parameters: SqlValue[];
}

/** That nobody has changed it since it was read. */
export function unchanged({ id, revision, state }: Dispatch, before: number): Condition {
  const names = ['id', 'revision', 'state'].map((name, index) => `${name} = $${before + index + 1}`);
  return { condition: names.join(' AND '), parameters: [id, revision, state] };
}

/** That nobody has changed it since it was read, has begun to run it, or is running it. */
export function idle(read: Dispatch, before: number): Condition {
  const { condition, parameters } = unchanged(read, before);
  const [run, lease] = [before + parameters.length + 1, before + parameters.length + 2];
  return {
    condition: `${condition} AND last_run = $${run} AND (holder IS NULL OR lease_until <= $${lease})`,
    parameters: [...parameters, read.lastRun, Date.now()],
  };
}

/** Writes a run as it is now. */
export function saved(run: Run): SqlStatement {
  const sql = 'UPDATE dispatch_runs SET content = $1 WHERE dispatch_id = $2 AND number = $3';
  return statement(sql, JSON.stringify(run), run.dispatchId, run.number);
}

/** Forgets contents up to a run: what dead runs before it kept for a replay is older than what the recipient has now. */
export function emptied(dispatchId: string, run: number): SqlStatement {
  const sql = 'UPDATE dispatch_deliveries SET content = NULL WHERE dispatch_id = $1 AND run <= $2';
  return statement(sql, dispatchId, run);
}

/** Whose dispatches are meant. */
export function filtered({ department, madeBy }: DispatchFilter): { where: string; values: string[] } {
  if (department !== undefined) return { where: 'department = $1', values: [department] };
  if (madeBy !== undefined) return { where: 'made_by = $1', values: [madeBy] };
  return { where: '1 = 1', values: [] };
}
