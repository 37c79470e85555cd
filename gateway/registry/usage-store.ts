import type { SqlDatabase } from '../sql/database.ts';
import type { UsageReport } from './usage.ts';

/** What gateways have counted, the newest report of each of their processes. */
export interface UsageStore {
  /** Beyond a bound the oldest reports are forgotten. @param gateway names a process of a gateway; its report before is replaced */
  put(gateway: string, report: UsageReport, at: string): Promise<void>;
  all(): Promise<UsageReport[]>;
  /** Forgets what was reported before then, ISO 8601, and not since. */
  forgetBefore(at: string): Promise<void>;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS usage_reports (
  gateway TEXT PRIMARY KEY,
  reported_at TEXT NOT NULL,
  report TEXT NOT NULL
)`;

/** More processes than report in a month, even where gateways are often started: all reports are read at each check. */
const MAX_REPORTS = 1_000;

/** Reports in a database, the same for SQLite and PostgreSQL. @throws the database's errors, as does all that it does */
export async function openUsageStore(database: SqlDatabase, maxReports = MAX_REPORTS): Promise<UsageStore> {
  await database.query(SCHEMA, []);
  return {
    async put(gateway, report, at) {
      await database.query(
        `INSERT INTO usage_reports VALUES ($1, $2, $3)
         ON CONFLICT (gateway) DO UPDATE SET reported_at = excluded.reported_at, report = excluded.report`,
        [gateway, at, JSON.stringify(report)],
      );
      await database.query(
        'DELETE FROM usage_reports WHERE gateway NOT IN (SELECT gateway FROM usage_reports ORDER BY reported_at DESC LIMIT $1)',
        [maxReports],
      );
    },
    async all() {
      const rows = await database.query('SELECT report FROM usage_reports', []);
      return rows.map(({ report }) => JSON.parse(String(report)) as UsageReport);
    },
    async forgetBefore(at) {
      await database.query('DELETE FROM usage_reports WHERE reported_at < $1', [at]);
    },
  };
}
