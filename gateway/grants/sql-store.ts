import type { Approval, Grant } from './grant.ts';
import type { SqlDatabase } from '../sql/database.ts';
import type { GrantStore } from './store.ts';

/** What may have to be compared stands in columns, the rest in one text. */
const SCHEMA = `CREATE TABLE IF NOT EXISTS grants (
  id TEXT PRIMARY KEY,
  department TEXT NOT NULL,
  given_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  max_reads BIGINT NOT NULL,
  reads BIGINT NOT NULL,
  is_revoked INTEGER NOT NULL,
  approvals TEXT NOT NULL,
  content TEXT NOT NULL
)`;

const IS_LIVE = 'is_revoked = 0 AND reads < max_reads';

/** Grants in a database, the same for SQLite and PostgreSQL. @throws the database's errors, as does all that it does */
export async function openSqlStore(database: SqlDatabase): Promise<GrantStore> {
  await database.query(SCHEMA, []);
  return new SqlStore(database);
}

class SqlStore implements GrantStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  get description(): string {
    return this.#database.description;
  }

  async add({ id, department, expiresAt, maxReads, reads, isRevoked, approvals, ...content }: Grant): Promise<void> {
    await this.#database.query('INSERT INTO grants VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
      ...[id, department, approvals[0]!.at, expiresAt, maxReads, reads, isRevoked ? 1 : 0],
      ...[JSON.stringify(approvals), JSON.stringify(content)],
    ]);
  }

  async find(id: string): Promise<Grant | undefined> {
    const [row] = await this.#database.query('SELECT * FROM grants WHERE id = $1', [id]);
    return row && readGrant(row);
  }

  async live(now: string): Promise<Grant[]> {
    const rows = await this.#database.query(`SELECT * FROM grants WHERE expires_at > $1 AND ${IS_LIVE}`, [now]);
    return rows.map(readGrant);
  }

  async list(limit: number, department?: string): Promise<Grant[]> {
    const order = 'ORDER BY given_at DESC, id LIMIT';
    const rows =
      department === undefined
        ? await this.#database.query(`SELECT * FROM grants ${order} $1`, [limit])
        : await this.#database.query(`SELECT * FROM grants WHERE department = $1 ${order} $2`, [department, limit]);
    return rows.map(readGrant);
  }

  async approve({ id, approvals }: Grant, approval: Approval): Promise<boolean> {
    if (approvals.some(({ by }) => by === approval.by)) return false;
    const sql = 'UPDATE grants SET approvals = $1 WHERE id = $2 AND approvals = $3 RETURNING id';
    const changed = JSON.stringify([...approvals, approval]);
    return (await this.#database.query(sql, [changed, id, JSON.stringify(approvals)])).length > 0;
  }

  async revoke(id: string): Promise<void> {
    await this.#database.query('UPDATE grants SET is_revoked = 1 WHERE id = $1', [id]);
  }

  async take(id: string, now: string): Promise<boolean> {
    const sql = `UPDATE grants SET reads = reads + 1 WHERE id = $1 AND expires_at > $2 AND ${IS_LIVE} RETURNING id`;
    return (await this.#database.query(sql, [id, now])).length > 0;
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** PostgreSQL's client gives large numbers as texts. */
function readGrant(row: Record<string, unknown>): Grant {
  return {
    ...(JSON.parse(String(row['content'])) as Pick<
      Grant,
      'kind' | 'classes' | 'grantee' | 'purpose' | 'caseNumber' | 'subjects' | 'reason' | 'approvalsNeeded'
    >),
    id: String(row['id']),
    department: String(row['department']),
    expiresAt: String(row['expires_at']),
    maxReads: Number(row['max_reads']),
    reads: Number(row['reads']),
    isRevoked: Number(row['is_revoked']) === 1,
    approvals: JSON.parse(String(row['approvals'])) as Approval[],
  };
}
