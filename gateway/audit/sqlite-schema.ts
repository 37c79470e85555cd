/**
 * The tables in SQLite. Triggers refuse every change, and every deletion that no note of retention stands for. They keep mistakes
 * out; who can write the file can also drop them, and for that there are the chain and the seals.
 */
export const SQLITE_SCHEMA = `
CREATE TABLE IF NOT EXISTS trail_records (
  chain TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (chain, seq)
) STRICT;
CREATE TABLE IF NOT EXISTS trail_seals (
  chain TEXT NOT NULL, number INTEGER NOT NULL, last INTEGER NOT NULL, text TEXT NOT NULL, signature TEXT NOT NULL,
  UNIQUE (chain, number)
) STRICT;
CREATE TABLE IF NOT EXISTS trail_blocks (
  chain TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
  filter BLOB NOT NULL, UNIQUE (chain, last)
) STRICT;
CREATE TABLE IF NOT EXISTS trail_keys (text TEXT NOT NULL UNIQUE, signature TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS trail_notes (
  chain TEXT NOT NULL, seal INTEGER NOT NULL, seq INTEGER NOT NULL, text TEXT NOT NULL, signature TEXT NOT NULL,
  UNIQUE (chain, seal)
) STRICT;
CREATE TABLE IF NOT EXISTS trail_time_stamps (
  chain TEXT NOT NULL, seal INTEGER NOT NULL, text TEXT NOT NULL, signature TEXT NOT NULL, UNIQUE (chain, seal)
) STRICT;
${['records', 'seals', 'time_stamps', 'blocks', 'keys', 'notes'].map(refuseUpdates).join('\n')}
${['keys', 'notes'].map((table) => refuseDeletions(table, 'FALSE')).join('\n')}
${refuseDeletions('records', covered('seq >= OLD.seq'))}
${refuseDeletions('blocks', covered('seq >= OLD.last'))}
${refuseDeletions('seals', covered('seal >= OLD.number'))}
${refuseDeletions('time_stamps', covered('seal >= OLD.seal'))}
`;

function covered(place: string): string {
  return `EXISTS (SELECT 1 FROM trail_notes WHERE chain = OLD.chain AND ${place})`;
}

function refuseUpdates(table: string): string {
  return `CREATE TRIGGER IF NOT EXISTS trail_${table}_stay BEFORE UPDATE ON trail_${table}
BEGIN SELECT RAISE(ABORT, 'the trail is never changed'); END;`;
}

function refuseDeletions(table: string, unless: string): string {
  return `CREATE TRIGGER IF NOT EXISTS trail_${table}_last BEFORE DELETE ON trail_${table} WHEN NOT ${unless}
BEGIN SELECT RAISE(ABORT, 'nothing is deleted from the trail but by retention'); END;`;
}
