import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../../kit/program.ts';
import type { ActionAssignment, ActionClosure, ActionEvent, ActionMeasure, ActionState } from './action-event.ts';
import { stateOf } from './action-event.ts';

/** What an event is opened with. */
export type Opening = Pick<
  ActionEvent,
  'finding' | 'uscc' | 'queryGroupId' | 'summary' | 'foundAt' | 'openedAt' | 'openedBy'
>;

/** What was done about an event, in the order in which it was done. */
export type ActionStep =
  | { readonly kind: 'assignment'; readonly step: ActionAssignment }
  | { readonly kind: 'measure'; readonly step: ActionMeasure }
  | { readonly kind: 'closure'; readonly step: ActionClosure };

/** A step that the event is not in the state for; what it says is for whoever tried. */
export class ActionRefusal extends Error {}

/** What is looked for among the events; the newest first. */
export interface ActionQuery {
  readonly state?: ActionState | undefined;
  readonly first: number;
  /** The number of the event after which to go on. */
  readonly after?: string | undefined;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS action_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_no TEXT UNIQUE, finding TEXT NOT NULL UNIQUE, uscc TEXT NOT NULL,
    query_group_id TEXT NOT NULL, summary TEXT NOT NULL, found_at TEXT NOT NULL, opened_at TEXT NOT NULL, opened_by TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS action_event_uscc ON action_event (uscc);
  CREATE TABLE IF NOT EXISTS action_later_finding (
    finding TEXT PRIMARY KEY, event_id INTEGER NOT NULL REFERENCES action_event (id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS action_step (
    event_id INTEGER NOT NULL REFERENCES action_event (id), seq INTEGER NOT NULL, kind TEXT NOT NULL, step TEXT NOT NULL,
    PRIMARY KEY (event_id, seq)
  ) STRICT, WITHOUT ROWID`;

/** The columns that hold an event, as its properties are called. */
const EVENT = `id, event_no AS eventNo, finding, uscc, query_group_id AS queryGroupId, summary, found_at AS foundAt,
  opened_at AS openedAt, opened_by AS openedBy`;

type EventRow = Omit<ActionEvent, 'assignments' | 'measures' | 'closure'> & { readonly id: number };

/** Events that findings led to, in an SQLite file of city operations' own. Steps are only ever added. */
export class ActionStore {
  readonly #database: DatabaseSync;

  /** @param file made where there is none @throws StartError where it cannot be opened */
  constructor(file: string) {
    try {
      mkdirSync(dirname(file), { recursive: true });
      this.#database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      this.#database.exec(TABLES);
    } catch (error) {
      throw new StartError(`the action events ${file} cannot be opened: ${(error as Error).message}`);
    }
  }

  /** Opens an event, or gives the one that the finding has. */
  open(opening: Opening): ActionEvent {
    this.#atOnce(() => openEvent(this.#database, opening));
    return this.byFinding(opening.finding)!;
  }

  /**
   * Adds a step.
   *
   * @param check says whether the event is in the state for it, by throwing {@link ActionRefusal} where it is not
   * @returns the event with it; null where there is none of this number
   */
  add(eventNo: string, made: ActionStep, check: (event: ActionEvent) => void): ActionEvent | null {
    return this.#atOnce(() => {
      const event = this.byNumber(eventNo);
      if (!event) return null;
      check(event);
      this.#database
        .prepare(
          `INSERT INTO action_step SELECT id, (SELECT count(*) FROM action_step WHERE event_id = id), ?, ?
           FROM action_event WHERE event_no = ?`,
        )
        .run(made.kind, JSON.stringify(made.step), eventNo);
      return this.byNumber(eventNo)!;
    });
  }

  byNumber(eventNo: string): ActionEvent | null {
    return this.#select('event_no = ?', eventNo)[0] ?? null;
  }

  byFinding(finding: string): ActionEvent | null {
    const later = 'SELECT event_id FROM action_later_finding WHERE finding = ?1';
    return this.#select(`finding = ?1 OR id IN (${later})`, finding)[0] ?? null;
  }

  /** Those about an enterprise, the newest first. */
  byEnterprise(uscc: string): ActionEvent[] {
    return this.#select('uscc = ? ORDER BY id DESC', uscc);
  }

  /** Events of a state, or all. */
  list({ state, first, after }: ActionQuery): ActionEvent[] {
    const found: ActionEvent[] = [];
    let before = after === undefined ? Number.MAX_SAFE_INTEGER : this.#idOf(after);
    while (found.length < first) {
      const page = this.#rows(`id < ? ORDER BY id DESC LIMIT ${PAGE}`, before);
      const events = this.#whole(page).filter((event) => state === undefined || stateOf(event) === state);
      found.push(...events);
      if (page.length < PAGE) break;
      before = page.at(-1)!.id;
    }
    return found.slice(0, first);
  }

  close(): void {
    this.#database.close();
  }

  #idOf(eventNo: string): number {
    const row = this.#database.prepare('SELECT id FROM action_event WHERE event_no = ?').get(eventNo);
    return Number(row?.['id'] ?? 0);
  }

  #select(condition: string, parameter: string | number): ActionEvent[] {
    return this.#whole(this.#rows(condition, parameter));
  }

  #rows(condition: string, parameter: string | number): EventRow[] {
    const rows = this.#database.prepare(`SELECT ${EVENT} FROM action_event WHERE ${condition}`).all(parameter);
    return rows as unknown as EventRow[];
  }

  #whole(rows: readonly EventRow[]): ActionEvent[] {
    const ids = JSON.stringify(rows.map(({ id }) => id));
    const steps = this.#database
      .prepare(
        `SELECT event_id AS id, kind, step FROM action_step
         WHERE event_id IN (SELECT value FROM json_each(?)) ORDER BY event_id, seq`,
      )
      .all(ids) as unknown as { id: number; kind: ActionStep['kind']; step: string }[];
    const byEvent = Map.groupBy(steps, ({ id }) => id);
    return rows.map(({ id, ...event }) => {
      const of = <Step>(kind: ActionStep['kind']): Step[] =>
        (byEvent.get(id) ?? []).filter((step) => step.kind === kind).map(({ step }) => JSON.parse(step) as Step);
      return {
        ...event,
        assignments: of('assignment'),
        measures: of('measure'),
        closure: of<ActionClosure>('closure')[0] ?? null,
      };
    });
  }

  #atOnce<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Opens an event within a transaction of the store's file, unless the finding has one. */
export function openEvent(database: DatabaseSync, opening: Opening): void {
  const { finding, uscc, queryGroupId, summary, foundAt, openedAt, openedBy } = opening;
  const { changes, lastInsertRowid: id } = database
    .prepare(
      `INSERT INTO action_event (finding, uscc, query_group_id, summary, found_at, opened_at, opened_by)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM action_later_finding WHERE finding = ?1)
       ON CONFLICT (finding) DO NOTHING`,
    )
    .run(finding, uscc, queryGroupId, summary, foundAt, openedAt, openedBy);
  if (changes === 0) return;
  const eventNo = `A${openedAt.slice(0, 4)}-${String(id).padStart(6, '0')}`;
  database.prepare('UPDATE action_event SET event_no = ? WHERE id = ?').run(eventNo, id);
}

/**
 * Adds a finding to the event that is open about the same enterprise for the same reason, where there is one: what is found again with other
 * numbers is no other case.
 *
 * @returns whether there was one
 */
export function joinOpenEvent(database: DatabaseSync, { finding, uscc, summary }: Opening): boolean {
  const { changes } = database
    .prepare(
      `INSERT OR IGNORE INTO action_later_finding SELECT ?, id FROM action_event WHERE uscc = ? AND summary = ? AND finding <> ?
       AND NOT EXISTS (SELECT 1 FROM action_step WHERE event_id = id AND kind = 'closure') ORDER BY id DESC LIMIT 1`,
    )
    .run(finding, uscc, summary, finding);
  return changes > 0;
}

/** How long it is waited for another program that has the file. */
const BUSY_TIMEOUT_MS = 2_000;
const PAGE = 100;
