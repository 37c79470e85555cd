import { DatabaseSync } from 'node:sqlite';
import { KEPT_DAYS, type DeliveryStore, type KnownDelivery } from './delivery-store.ts';

const MAKE_TABLE = `CREATE TABLE IF NOT EXISTS switchyard_deliveries
  (idempotency_key TEXT PRIMARY KEY, digest TEXT NOT NULL, rows INTEGER NOT NULL, taken_at TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS switchyard_deliveries_taken_at ON switchyard_deliveries (taken_at)`;

/**
 * Deliveries that are applied to an SQLite file, one after the other, each in one transaction with its row in `switchyard_deliveries`, which
 * is made where it is missing. One store a process: while what is applied waits for something, the file is locked.
 *
 * @param timeoutMs how long others may keep the file locked. Default: 5,000
 * @throws SQLite's errors
 */
export function sqliteDeliveries(file: string, timeoutMs = 5_000): DeliveryStore<DatabaseSync> {
  const database = new DatabaseSync(file, { timeout: timeoutMs });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${MAKE_TABLE}`);
  const find = database.prepare(
    'SELECT digest, taken_at AS takenAt FROM switchyard_deliveries WHERE idempotency_key = ?',
  );
  const remember = database.prepare('INSERT INTO switchyard_deliveries VALUES (?, ?, ?, ?)');
  const forget = database.prepare('DELETE FROM switchyard_deliveries WHERE taken_at < ?');
  let last: Promise<unknown> = Promise.resolve();
  return {
    takeOnce({ idempotencyKey, digest, rows }, apply) {
      // A transaction is the connection's: while one waits for what it applies, no other may begin.
      const work = last.then(async () => {
        database.exec('BEGIN IMMEDIATE');
        try {
          const known = find.get(idempotencyKey) as KnownDelivery | undefined;
          const taken = known ?? { digest, takenAt: new Date().toISOString() };
          if (!known) {
            await apply(database);
            remember.run(idempotencyKey, digest, rows, taken.takenAt);
            forget.run(new Date(Date.now() - KEPT_DAYS * 86_400_000).toISOString());
          }
          database.exec('COMMIT');
          return { ...taken };
        } catch (error) {
          if (database.isTransaction) database.exec('ROLLBACK');
          throw error;
        }
      });
      last = work.catch(() => undefined);
      return work;
    },
    async close() {
      await last;
      database.close();
    },
  };
}
