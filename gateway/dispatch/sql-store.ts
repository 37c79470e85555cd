import type { SqlDatabase, SqlStatement, SqlValue } from '../sql/database.ts';
import type { Receipt } from './delivery.ts';
import type {
  Claim,
  Dispatch,
  DispatchEvent,
  KeptContent,
  KeptDelivery,
  NumberedEvent,
  Run,
  RunReason,
} from './dispatch.ts';
import { batchesOf, confirmStatements, PENDING, pendingStatements, statement } from './sql-rows.ts';
import {
  changedColumns,
  dispatchValues,
  IS_DUE,
  jsonOf,
  readDispatch,
  readEvent,
  readRun,
  SCHEMA,
} from './sql-schema.ts';
import { DEAD_INDEX, readStanding } from './sql-standing.ts';
import { emptied, filtered, held, idle, RELEASED, saved, unchanged } from './sql-statements.ts';
import {
  MAX_SETTLING,
  type DispatchChange,
  type DispatchFilter,
  type DispatchStore,
  type PartRows,
  type RunEnd,
  type Standing,
} from './store.ts';

/** What is kept of what is over. */
export interface Keeping {
  /** Runs of each dispatch. */
  keepRuns: number;
  keepEvents: number;
}

/** Dispatches in a database, the same for SQLite and PostgreSQL. @throws the database's errors, as does all that it does */
export async function openDispatchStore(database: SqlDatabase, keeping: Keeping): Promise<DispatchStore> {
  // Two that make a table at once get in each other's way, also where it is only made if it is not there.
  const alone =
    database.dialect === 'PostgreSQL' ? "SELECT pg_advisory_xact_lock(hashtext('switchyard dispatch'))" : 'SELECT 1';
  await database.transaction([alone, ...SCHEMA, DEAD_INDEX].map((sql) => statement(sql)));
  return new SqlDispatchStore(database, keeping);
}

class SqlDispatchStore implements DispatchStore {
  readonly #database: SqlDatabase;
  readonly #keeping: Keeping;

  constructor(database: SqlDatabase, keeping: Keeping) {
    this.#database = database;
    this.#keeping = keeping;
  }

  get description(): string {
    return this.#database.description;
  }

  add(dispatch: Dispatch, event: DispatchEvent): Promise<boolean> {
    const values = dispatchValues(dispatch);
    const places = values.map((_, index) => `$${index + 1}`).join(', ');
    const sql = `INSERT INTO dispatches VALUES (${places}) ON CONFLICT DO NOTHING RETURNING id`;
    const { id, definition } = dispatch;
    const numbered = statement(
      'UPDATE dispatches SET last_run = COALESCE((SELECT last_run FROM dispatch_names WHERE name = $1), 0) WHERE id = $2',
      ...[definition.name, id],
    );
    return this.#all([{ sql, parameters: values }, numbered, ...this.#added(event, dispatch.madeBy)]);
  }

  async find(id: string): Promise<Dispatch | undefined> {
    const [row] = await this.#database.query('SELECT * FROM dispatches WHERE id = $1', [id]);
    return row && readDispatch(row);
  }

  async list(filter: DispatchFilter, limit: number): Promise<Dispatch[]> {
    const { where, values } = filtered(filter);
    const sql = `SELECT * FROM dispatches WHERE ${where} ORDER BY name LIMIT $${values.length + 1}`;
    return (await this.#database.query(sql, [...values, limit])).map(readDispatch);
  }

  change(read: Dispatch, change: DispatchChange, event: DispatchEvent, run?: Run): Promise<boolean> {
    const columns = changedColumns(change);
    const sets = columns.map(([column], index) => `${column} = $${index + 1}`);
    // Whoever was to run it and is late finds that it is another's.
    const touchesRuns = 'definition' in change || 'currentRun' in change;
    if (touchesRuns) sets.push('holder = NULL', 'fence = fence + 1');
    const { condition, parameters } = touchesRuns ? idle(read, columns.length) : unchanged(read, columns.length);
    const sql = `UPDATE dispatches SET ${sets.join(', ')} WHERE ${condition} RETURNING id`;
    const first = { sql, parameters: [...columns.map(([, value]) => value), ...parameters] };
    const forgotten =
      change.hasBaseline === false ? [statement('DELETE FROM dispatch_rows WHERE dispatch_id = $1', read.id)] : [];
    const ended = run ? [saved(run), ...(run.state === 'RETRYING' ? [] : [emptied(read.id, run.number)])] : [];
    return this.#all([first, ...forgotten, ...ended, ...this.#added(event, read.madeBy)]);
  }

  remove(read: Dispatch, event: DispatchEvent): Promise<boolean> {
    const { condition, parameters } = idle(read, 0);
    const first = { sql: `DELETE FROM dispatches WHERE ${condition} RETURNING id`, parameters };
    const tables = ['dispatch_runs', 'dispatch_deliveries', 'dispatch_rows'];
    const others = tables.map((table) => statement(`DELETE FROM ${table} WHERE dispatch_id = $1`, read.id));
    const { name } = read.definition;
    const sql =
      'INSERT INTO dispatch_names VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET last_run = excluded.last_run';
    return this.#all([first, ...others, statement(sql, name, read.lastRun), ...this.#added(event, read.madeBy)]);
  }

  async ask(id: string, reason: RunReason, atMs: number): Promise<void> {
    const sql = 'UPDATE dispatches SET pending_reason = $1, pending_at = $2 WHERE id = $3';
    await this.#database.query(sql, [reason, atMs, id]);
  }

  async watching(): Promise<Dispatch[]> {
    const sql = "SELECT * FROM dispatches WHERE watches = 1 AND state IN ('ACTIVE', 'STOPPED', 'PAUSED')";
    return (await this.#database.query(sql, [])).map(readDispatch);
  }

  async noteChange(id: string, nowMs: number, settleMs: number): Promise<void> {
    const latest = MAX_SETTLING * settleMs;
    // One that is due already stays so.
    const sql = `UPDATE dispatches SET pending_reason = COALESCE(pending_reason, 'CHANGE'),
      pending_at = CASE WHEN pending_at <= $1 THEN pending_at
        WHEN changed_since < $2 THEN changed_since + $3 ELSE $4 END,
      changed_since = COALESCE(changed_since, $5) WHERE id = $6`;
    const settledAtMs = nowMs + settleMs;
    await this.#database.query(sql, [nowMs, settledAtMs - latest, latest, settledAtMs, nowMs, id]);
  }

  async claim(holder: string, nowMs: number, leaseMs: number): Promise<Claim | undefined> {
    // Without it gateways would wait for one another, and each take what another took meanwhile.
    const lock = this.#database.dialect === 'PostgreSQL' ? 'FOR UPDATE SKIP LOCKED' : '';
    const due = IS_DUE.replaceAll(/\$(\d)/g, (_, place: string) => `$${Number(place) + 3}`);
    const sql = `UPDATE dispatches SET holder = $1, lease_until = $2, claimed_at = $3, fence = fence + 1
      WHERE id = (SELECT id FROM dispatches WHERE ${due} ORDER BY claimed_at LIMIT 1 ${lock}) RETURNING *`;
    const times = [nowMs, nowMs, nowMs, nowMs, nowMs];
    const [row] = await this.#database.query(sql, [holder, nowMs + leaseMs, nowMs, ...times]);
    return row && { dispatch: readDispatch(row), fence: Number(row['fence']) };
  }

  async renew(claim: Claim, untilMs: number): Promise<boolean> {
    return this.#all([held(claim, [['lease_until', untilMs]])]);
  }

  async release(claim: Claim): Promise<void> {
    await this.#all([held(claim, RELEASED)]);
  }

  expire(claim: Claim, event: DispatchEvent, run?: Run): Promise<boolean> {
    const { id, madeBy } = claim.dispatch;
    const first = held(claim, [['state', 'EXPIRED'], ['current_run', null], ['retry_at', null], ...RELEASED]);
    const ended = run ? [saved(run), emptied(id, run.number)] : [];
    return this.#all([first, ...ended, ...this.#added(event, madeBy)]);
  }

  begin(claim: Claim, run: Run, nextAtMs: number | undefined): Promise<boolean> {
    const { dispatchId, number } = run;
    const first = held(claim, [
      ...([
        ['last_run', number],
        ['current_run', number],
        ['retry_at', null],
      ] as const),
      ...([
        ['next_at', nextAtMs ?? null],
        ['pending_at', null],
        ['pending_reason', null],
        ['changed_since', null],
      ] as const),
    ]);
    const sql = 'INSERT INTO dispatch_runs VALUES ($1, $2, $3)';
    const oldest = number - this.#keeping.keepRuns;
    return this.#all([
      first,
      statement(sql, dispatchId, number, JSON.stringify(run)),
      statement('DELETE FROM dispatch_runs WHERE dispatch_id = $1 AND number <= $2', dispatchId, oldest),
      statement('DELETE FROM dispatch_deliveries WHERE dispatch_id = $1 AND run <= $2', dispatchId, oldest),
    ]);
  }

  update(claim: Claim, run: Run): Promise<boolean> {
    return this.#all([held(claim, [['retry_at', null]]), saved(run)]);
  }

  clear(claim: Claim, run: number): Promise<boolean> {
    const { id } = claim.dispatch;
    return this.#all([
      held(claim, [['retry_at', null]]),
      statement('DELETE FROM dispatch_deliveries WHERE dispatch_id = $1 AND run = $2', id, run),
      statement(`DELETE FROM dispatch_rows ${PENDING} AND row_digest IS NULL`, id),
      statement(`UPDATE dispatch_rows SET pending = NULL ${PENDING}`, id),
    ]);
  }

  keep(claim: Claim, run: number, part: number, content: KeptContent): Promise<boolean> {
    const { id } = claim.dispatch;
    const sql = 'INSERT INTO dispatch_deliveries VALUES ($1, $2, $3, $4, NULL)';
    const kept = statement(sql, id, run, part, JSON.stringify(content));
    return this.#all([held(claim, [['retry_at', null]]), kept]);
  }

  take(
    claim: Claim,
    run: Run,
    { part, receipt, has }: { part: number; receipt: Receipt; has?: PartRows | undefined },
  ): Promise<boolean> {
    const { dispatchId, number } = run;
    const sql = 'UPDATE dispatch_deliveries SET receipt = $1 WHERE dispatch_id = $2 AND run = $3 AND part = $4';
    return this.#all([
      held(claim, [['retry_at', null]]),
      statement(sql, JSON.stringify(receipt), dispatchId, number, part),
      ...(has ? pendingStatements(dispatchId, has) : []),
      saved(run),
    ]);
  }

  retry(claim: Claim, run: Run, retryAtMs: number, event: DispatchEvent): Promise<boolean> {
    const first = held(claim, [['retry_at', retryAtMs], ...RELEASED]);
    return this.#all([first, saved(run), ...this.#added(event, claim.dispatch.madeBy)]);
  }

  end(claim: Claim, { run, has, losesBaseline, keepsContent, events, ...stands }: RunEnd): Promise<boolean> {
    const { id, madeBy } = claim.dispatch;
    const columns: [string, SqlValue][] = [['current_run', null], ['retry_at', null], ...RELEASED];
    if (has || losesBaseline) columns.push(['has_baseline', has ? 1 : 0]);
    const first = held(claim, columns, stands);
    return this.#all([
      first,
      saved(run),
      ...(keepsContent ? [] : [emptied(id, run.number)]),
      ...(has ? confirmStatements(id, has) : []),
      ...events.flatMap((event) => this.#added(event, madeBy)),
    ]);
  }

  async mark({ dispatch, fence }: Claim, keyDigests: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const batch of batchesOf(keyDigests)) {
      const places = batch.map((_, index) => `$${index + 3}`).join(', ');
      const sql = `UPDATE dispatch_rows SET seen = $1 WHERE dispatch_id = $2 AND key_digest IN (${places}) RETURNING key_digest, row_digest`;
      for (const row of await this.#database.query(sql, [fence, dispatch.id, ...batch]))
        found.set(String(row['key_digest']), String(row['row_digest']));
    }
    return found;
  }

  async unmarked(
    { dispatch, fence }: Claim,
    after: string,
    limit: number,
  ): Promise<{ keyDigest: string; key: string }[]> {
    const sql = `SELECT key_digest, key_values FROM dispatch_rows
      WHERE dispatch_id = $1 AND key_digest > $2 AND seen <> $3 ORDER BY key_digest LIMIT $4`;
    const rows = await this.#database.query(sql, [dispatch.id, after, fence, limit]);
    return rows.map((row) => ({ keyDigest: String(row['key_digest']), key: String(row['key_values']) }));
  }

  async run(dispatchId: string, number: number): Promise<Run | undefined> {
    const sql = 'SELECT * FROM dispatch_runs WHERE dispatch_id = $1 AND number = $2';
    const [row] = await this.#database.query(sql, [dispatchId, number]);
    return row && readRun(row);
  }

  async runs(dispatchId: string, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<Run[]> {
    const sql = 'SELECT * FROM dispatch_runs WHERE dispatch_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3';
    return (await this.#database.query(sql, [dispatchId, before, limit])).map(readRun);
  }

  async deliveries(dispatchId: string, run: number): Promise<Omit<KeptDelivery, 'content'>[]> {
    const sql = 'SELECT part, receipt FROM dispatch_deliveries WHERE dispatch_id = $1 AND run = $2 ORDER BY part';
    const rows = await this.#database.query(sql, [dispatchId, run]);
    return rows.map(({ part, receipt }) => ({ part: Number(part), receipt: jsonOf<Receipt>(receipt) }));
  }

  async delivery(dispatchId: string, run: number, part: number): Promise<KeptDelivery | undefined> {
    const sql = 'SELECT * FROM dispatch_deliveries WHERE dispatch_id = $1 AND run = $2 AND part = $3';
    const [row] = await this.#database.query(sql, [dispatchId, run, part]);
    return row && { part, content: jsonOf<KeptContent>(row['content']), receipt: jsonOf<Receipt>(row['receipt']) };
  }

  async events(filter: DispatchFilter, after: number, limit: number): Promise<NumberedEvent[]> {
    const { where, values } = filtered(filter);
    const [first, second] = [values.length + 1, values.length + 2];
    const sql = `SELECT * FROM dispatch_events WHERE ${where} AND number > $${first} ORDER BY number LIMIT $${second}`;
    return (await this.#database.query(sql, [...values, after, limit])).map(readEvent);
  }

  standing(): Promise<Standing> {
    return readStanding(this.#database);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #all(statements: readonly SqlStatement[]): Promise<boolean> {
    return (await this.#database.transaction(statements)) !== undefined;
  }

  #added(event: DispatchEvent, madeBy: string): SqlStatement[] {
    const { department = null } = event;
    return [
      statement('UPDATE dispatch_event_count SET newest = newest + 1'),
      statement(
        // PostgreSQL is told what $1 to $3 are.
        `INSERT INTO dispatch_events SELECT newest, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT) FROM dispatch_event_count`,
        ...[department, madeBy, JSON.stringify(event)],
      ),
      statement(
        'DELETE FROM dispatch_events WHERE number <= (SELECT newest FROM dispatch_event_count) - $1',
        this.#keeping.keepEvents,
      ),
    ];
  }
}
