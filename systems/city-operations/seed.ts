import type { DatabaseSync } from 'node:sqlite';
import type { HotlineRecord } from '../city/records.ts';
import { makeSqliteFile } from '../kit/sqlite-file.ts';

const TABLES = `
  CREATE TABLE event (
    event_no TEXT PRIMARY KEY, category TEXT NOT NULL, uscc TEXT, address TEXT NOT NULL, received_on TEXT NOT NULL,
    assigned_to TEXT NOT NULL, closed_on TEXT, contact_name TEXT NOT NULL, contact_phone TEXT NOT NULL,
    synthetic INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_uscc ON event (uscc, received_on DESC);
`;

/**
 * Fills the hotline's own store. A store made from the same fingerprint is kept. In a city this is a stream of messages;
 * here it is a table for now.
 *
 * @param file the SQLite file; written aside and renamed whole
 * @param fingerprint stands for the settings the records were generated from
 */
export function seedCityOperations(
  file: string,
  records: readonly HotlineRecord[],
  fingerprint: string,
): { /** Events in the store. */ events: number } {
  const database = makeSqliteFile({ file, fingerprint, fill: (empty) => fill(empty, records) });
  const row = database.prepare('SELECT count(*) AS events FROM event').get();
  database.close();
  return { events: Number(row?.['events']) };
}

function fill(database: DatabaseSync, records: readonly HotlineRecord[]): void {
  database.exec(TABLES);
  const event = database.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)');
  for (const { eventNo, category, uscc, address, receivedOn, assignedTo, closedOn, ...contact } of records) {
    const { contactName, contactPhone } = contact;
    event.run(eventNo, category, uscc, address, receivedOn, assignedTo, closedOn, contactName, contactPhone);
  }
}
