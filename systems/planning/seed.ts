import type { DatabaseSync } from 'node:sqlite';
import type { ParcelRecord } from '../city/records.ts';
import { makeSqliteFile } from '../kit/sqlite-file.ts';

/** The table, as both kinds of database take it. Times of the book are days as texts, as the old program wrote them. */
export const PARCEL_TABLE = `CREATE TABLE parcel (
  pin CHAR(14) PRIMARY KEY, district CHAR(6) NOT NULL, address VARCHAR(200) NOT NULL, land_use VARCHAR(20) NOT NULL,
  area_m2 DECIMAL(12, 1) NOT NULL, title_kind VARCHAR(20) NOT NULL, holder_name VARCHAR(200) NOT NULL, holder_uscc CHAR(18),
  registered_on DATE NOT NULL, expires_on DATE NOT NULL, synthetic TINYINT NOT NULL
)`;
export const HOLDER_INDEX = 'CREATE INDEX parcel_holder ON parcel (holder_uscc, pin)';

/** A parcel in the order of the table's columns. */
export function parcelRow({ pin, district, address, landUse, areaM2, title }: ParcelRecord) {
  const { kind, holderName, holderUscc, registeredOn, expiresOn } = title;
  return [pin, district, address, landUse, areaM2, kind, holderName, holderUscc, registeredOn, expiresOn, 1];
}

/**
 * Fills the book of land. A book made from the same fingerprint is kept.
 *
 * @param file the SQLite file; written aside and renamed whole
 * @param fingerprint stands for the settings the records were generated from
 */
export function seedPlanning(
  file: string,
  parcels: readonly ParcelRecord[],
  fingerprint: string,
): { /** Parcels in the book. */ parcels: number } {
  makeSqliteFile({ file, fingerprint, fill: (database) => fill(database, parcels) }).close();
  return { parcels: parcels.length };
}

function fill(database: DatabaseSync, parcels: readonly ParcelRecord[]): void {
  database.exec(`${PARCEL_TABLE}; ${HOLDER_INDEX};`);
  const insert = database.prepare('INSERT INTO parcel VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (const parcel of parcels) insert.run(...parcelRow(parcel));
}
