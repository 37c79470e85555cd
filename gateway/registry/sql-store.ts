import type { SqlDatabase } from '../sql/database.ts';
import type { HistoryFilter, PublishedTexts, VersionStore } from './store.ts';
import type { GraphVersion, VersionHead } from './version.ts';

/** What may have to be compared stands in columns, what is long apart from what is listed. */
const SCHEMA = `CREATE TABLE IF NOT EXISTS graph_versions (
  number BIGINT PRIMARY KEY,
  subgraph TEXT,
  head TEXT NOT NULL,
  sdl TEXT,
  rules TEXT,
  supergraph TEXT NOT NULL,
  statement TEXT NOT NULL,
  signature TEXT NOT NULL
)`;
/** The history of a subgraph that is seldom published would otherwise be looked for in all versions. */
const INDEX = 'CREATE INDEX IF NOT EXISTS graph_versions_by_subgraph ON graph_versions (subgraph, number)';

/** Versions in a database, the same for SQLite and PostgreSQL. @throws the database's errors, as does all that it does */
export async function openVersionStore(database: SqlDatabase): Promise<VersionStore> {
  await database.query(SCHEMA, []);
  await database.query(INDEX, []);
  return new SqlVersionStore(database);
}

class SqlVersionStore implements VersionStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  get description(): string {
    return this.#database.description;
  }

  async newest(): Promise<number> {
    const [row] = await this.#database.query('SELECT max(number) AS newest FROM graph_versions', []);
    return Number(row?.['newest'] ?? 0);
  }

  async find(number: number): Promise<GraphVersion | undefined> {
    const [row] = await this.#database.query('SELECT * FROM graph_versions WHERE number = $1', [number]);
    if (!row) return undefined;
    return {
      ...readHead(row),
      ...(typeof row['sdl'] === 'string' ? { sdl: row['sdl'] } : {}),
      ...(typeof row['rules'] === 'string' ? { rules: row['rules'] } : {}),
      supergraph: String(row['supergraph']),
      statement: { text: String(row['statement']), signature: String(row['signature']) },
    };
  }

  async published(numbers: readonly number[]): Promise<ReadonlyMap<number, PublishedTexts>> {
    if (numbers.length === 0) return new Map();
    const places = numbers.map((_, index) => `$${index + 1}`).join(', ');
    const rows = await this.#database.query(
      `SELECT number, sdl, rules FROM graph_versions WHERE number IN (${places}) AND sdl IS NOT NULL`,
      numbers,
    );
    return new Map(
      rows.map(({ number, sdl, rules }) => {
        return [Number(number), { sdl: String(sdl), ...(typeof rules === 'string' ? { rules } : {}) }];
      }),
    );
  }

  async list({ limit, before = Number.MAX_SAFE_INTEGER, subgraph }: HistoryFilter): Promise<VersionHead[]> {
    const [ofOne, named] = subgraph === undefined ? ['', []] : ['AND subgraph = $2', [subgraph]];
    const rows = await this.#database.query(
      `SELECT head FROM graph_versions WHERE number < $1 ${ofOne} ORDER BY number DESC LIMIT $${named.length + 2}`,
      [before, ...named, limit],
    );
    return rows.map(readHead);
  }

  async add({ sdl, rules, supergraph, statement, ...head }: GraphVersion): Promise<boolean> {
    const rows = await this.#database.query(
      'INSERT INTO graph_versions VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (number) DO NOTHING RETURNING number',
      [
        ...[head.number, head.subgraph ?? null, JSON.stringify(head), sdl ?? null, rules ?? null],
        ...[supergraph, statement.text, statement.signature],
      ],
    );
    return rows.length > 0;
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

function readHead(row: Record<string, unknown>): VersionHead {
  return JSON.parse(String(row['head'])) as VersionHead;
}
