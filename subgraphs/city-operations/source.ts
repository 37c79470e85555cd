import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { systemUnavailable } from '../kit/faults.ts';
import { StartError } from '../kit/program.ts';

/** An event of the hotline. */
export interface EventRow {
  eventNo: string;
  category: string;
  uscc: string | null;
  address: string;
  /** `YYYY-MM-DD`. */
  receivedOn: string;
  assignedTo: string;
  closedOn: string | null;
  contactName: string;
  contactPhone: string;
  synthetic: boolean;
}

type StoredRow = Omit<EventRow, 'synthetic'> & { synthetic: number };

/** The hotline's events. Each question is one statement, and may fail with `SYSTEM_UNAVAILABLE`. */
export interface Hotline {
  /** Events by number, in no order. */
  byEventNo(eventNos: readonly string[]): EventRow[];
  /** Events about these enterprises, the newest first. */
  about(usccs: readonly string[]): EventRow[];
  close(): void;
}

const COLUMNS = `event_no AS eventNo, category, uscc, address, received_on AS receivedOn, assigned_to AS assignedTo,
  closed_on AS closedOn, contact_name AS contactName, contact_phone AS contactPhone, synthetic`;
const BY_EVENT_NO = `SELECT ${COLUMNS} FROM event WHERE event_no IN (SELECT value FROM json_each(?))`;
const ABOUT = `SELECT ${COLUMNS} FROM event WHERE uscc IN (SELECT value FROM json_each(?))
  ORDER BY received_on DESC, event_no`;

/**
 * Opens the hotline's file for reading.
 * @throws StartError when it does not exist or holds no events
 */
export function openHotline(file: string): Hotline {
  if (!existsSync(file)) throw new StartError(`${file} does not exist; npm start makes it`);
  const { database, byEventNo, about } = open(file);
  return {
    byEventNo: (eventNos) => ask(byEventNo, eventNos),
    about: (usccs) => ask(about, usccs),
    close: () => database.close(),
  };
}

function open(file: string) {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    return { database, byEventNo: database.prepare(BY_EVENT_NO), about: database.prepare(ABOUT) };
  } catch (error) {
    database?.close();
    throw new StartError(
      `${file} holds no events of the hotline (${(error as Error).message}); remove it, npm start makes it anew`,
    );
  }
}

function ask(statement: StatementSync, keys: readonly string[]): EventRow[] {
  try {
    const rows = statement.all(JSON.stringify(keys)) as unknown as StoredRow[];
    return rows.map((row) => ({ ...row, synthetic: row.synthetic === 1 }));
  } catch (error) {
    throw systemUnavailable("The hotline's events could not be read.", error);
  }
}
