import type { SqlRow, SqlValue } from '../sql/database.ts';
import type { DispatchDefinition } from './definition.ts';
import type { Dispatch, DispatchEvent, NumberedEvent, Reason, Run, RunReason } from './dispatch.ts';
import type { DispatchChange } from './store.ts';

/** What may have to be compared stands in columns, the rest in one text. */
export const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS dispatches (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    department TEXT,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    definition TEXT NOT NULL,
    revision BIGINT NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT,
    expires_at BIGINT,
    next_at BIGINT,
    pending_at BIGINT,
    pending_reason TEXT,
    changed_since BIGINT,
    watches INTEGER NOT NULL,
    last_run BIGINT NOT NULL,
    current_run BIGINT,
    retry_at BIGINT,
    has_baseline INTEGER NOT NULL,
    holder TEXT,
    lease_until BIGINT NOT NULL,
    claimed_at BIGINT NOT NULL,
    fence BIGINT NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS dispatch_runs (
    dispatch_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (dispatch_id, number)
  )`,
  `CREATE TABLE IF NOT EXISTS dispatch_deliveries (
    dispatch_id TEXT NOT NULL,
    run BIGINT NOT NULL,
    part BIGINT NOT NULL,
    content TEXT,
    receipt TEXT,
    PRIMARY KEY (dispatch_id, run, part)
  )`,
  `CREATE TABLE IF NOT EXISTS dispatch_rows (
    dispatch_id TEXT NOT NULL,
    key_digest TEXT NOT NULL,
    row_digest TEXT,
    key_values TEXT NOT NULL,
    seen BIGINT NOT NULL,
    pending TEXT,
    PRIMARY KEY (dispatch_id, key_digest)
  )`,
  'CREATE INDEX IF NOT EXISTS dispatch_rows_pending ON dispatch_rows (dispatch_id) WHERE pending IS NOT NULL',
  `CREATE TABLE IF NOT EXISTS dispatch_events (
    number BIGINT PRIMARY KEY,
    department TEXT,
    made_by TEXT NOT NULL,
    content TEXT NOT NULL
  )`,
  // Receivers know runs by name and number: one of a name that was used before goes on with its numbers.
  'CREATE TABLE IF NOT EXISTS dispatch_names (name TEXT PRIMARY KEY, last_run BIGINT NOT NULL)',
  // Events are numbered under a lock: who reads on after a number would miss those that are written later under a smaller one.
  'CREATE TABLE IF NOT EXISTS dispatch_event_count (one INTEGER PRIMARY KEY, newest BIGINT NOT NULL)',
  'INSERT INTO dispatch_event_count VALUES (1, 0) ON CONFLICT (one) DO NOTHING',
];

/** What is due, of those that nobody has: parameters are four times the time. */
export const IS_DUE = `lease_until <= $1 AND (
  (state IN ('ACTIVE', 'STOPPED') AND (
    (current_run IS NULL AND (next_at <= $2 OR pending_at <= $3)) OR (current_run IS NOT NULL AND COALESCE(retry_at, 0) <= $4)
  )) OR (state <> 'EXPIRED' AND expires_at <= $5))`;

/** The values of a dispatch's columns, in their order. */
export function dispatchValues(dispatch: Dispatch): SqlValue[] {
  const { id, definition, department, madeBy, madeAtMs, revision, state, stateReason } = dispatch;
  const { nextAtMs, pendingAtMs, pendingReason, lastRun, currentRun, retryAtMs, hasBaseline } = dispatch;
  return [
    ...[id, definition.name, department ?? null, madeBy, madeAtMs, JSON.stringify(definition), revision],
    ...[state, jsonOrNull(stateReason), expiryOf(definition), nextAtMs ?? null, pendingAtMs ?? null],
    ...[
      pendingReason ?? null,
      null,
      watches(definition),
      lastRun,
      currentRun ?? null,
      retryAtMs ?? null,
      hasBaseline ? 1 : 0,
    ],
    ...[null, 0, 0, 0],
  ];
}

/** Columns that change, with their values. */
export function changedColumns(change: DispatchChange): [column: string, value: SqlValue][] {
  const { definition, hasBaseline, stateReason } = change;
  const plain = {
    department: 'department',
    revision: 'revision',
    state: 'state',
    nextAtMs: 'next_at',
    pendingAtMs: 'pending_at',
    pendingReason: 'pending_reason',
    retryAtMs: 'retry_at',
    currentRun: 'current_run',
  } as const;
  const columns = Object.entries(plain).flatMap(([name, column]): [string, SqlValue][] =>
    name in change ? [[column, change[name as keyof typeof plain] ?? null]] : [],
  );
  if (definition) columns.push(...definitionColumns(definition));
  if ('stateReason' in change) columns.push(['state_reason', jsonOrNull(stateReason)]);
  if (hasBaseline !== undefined) columns.push(['has_baseline', hasBaseline ? 1 : 0]);
  return columns;
}

function definitionColumns(definition: DispatchDefinition): [string, SqlValue][] {
  return [
    ['name', definition.name],
    ['definition', JSON.stringify(definition)],
    ['expires_at', expiryOf(definition)],
    ['watches', watches(definition)],
  ];
}

function watches({ trigger }: DispatchDefinition): number {
  return trigger.onChangeOf.length > 0 ? 1 : 0;
}

function expiryOf({ expiresAt }: DispatchDefinition): number | null {
  return expiresAt === undefined ? null : Date.parse(expiresAt);
}

function jsonOrNull(value: object | undefined): string | null {
  return value ? JSON.stringify(value) : null;
}

/** PostgreSQL's client gives large numbers as texts. */
export function readDispatch(row: SqlRow): Dispatch {
  return {
    id: String(row['id']),
    department: textOf(row['department']),
    definition: JSON.parse(String(row['definition'])) as DispatchDefinition,
    revision: Number(row['revision']),
    state: String(row['state']) as Dispatch['state'],
    stateReason: jsonOf<Reason>(row['state_reason']),
    madeBy: String(row['made_by']),
    madeAtMs: Number(row['made_at']),
    nextAtMs: numberOf(row['next_at']),
    pendingAtMs: numberOf(row['pending_at']),
    pendingReason: textOf(row['pending_reason']) as RunReason | undefined,
    lastRun: Number(row['last_run']),
    currentRun: numberOf(row['current_run']),
    retryAtMs: numberOf(row['retry_at']),
    hasBaseline: Number(row['has_baseline']) === 1,
  };
}

export function readRun(row: SqlRow): Run {
  return JSON.parse(String(row['content'])) as Run;
}

export function readEvent(row: SqlRow): NumberedEvent {
  return { ...(JSON.parse(String(row['content'])) as DispatchEvent), number: Number(row['number']) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function jsonOf<Value>(value: unknown): Value | undefined {
  return typeof value === 'string' ? (JSON.parse(value) as Value) : undefined;
}

function numberOf(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
