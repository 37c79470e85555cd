/** Taken while tables are made: gateways may start together. Any number that nothing else in the database takes. */
const LOCK = 7_316_412_981;

/**
 * The tables in PostgreSQL; the one of time stamps came later than the others. Triggers refuse every change, and every deletion that no
 * note of retention stands for. They keep mistakes out; who owns the tables can also drop the triggers, and for that there are the chain
 * and the seals.
 */
export const POSTGRES_SCHEMA = `
SELECT pg_advisory_xact_lock(${LOCK});
DO $make$ BEGIN
IF to_regclass('trail_time_stamps') IS NOT NULL THEN RETURN; END IF;
CREATE OR REPLACE FUNCTION trail_refuse() RETURNS trigger LANGUAGE plpgsql AS $refuse$ BEGIN
  IF TG_OP = 'DELETE' THEN
    ${['records', 'blocks', 'seals', 'time_stamps'].map(allowCovered).join('\n    ')}
    RAISE EXCEPTION 'nothing is deleted from the trail but by retention';
  END IF;
  RAISE EXCEPTION 'the trail is never changed';
END $refuse$;
IF to_regclass('trail_records') IS NULL THEN
CREATE TABLE trail_records (
  chain text COLLATE "C" NOT NULL, seq bigint NOT NULL, hash text NOT NULL, text text NOT NULL, PRIMARY KEY (chain, seq)
);
CREATE TABLE trail_seals (
  id bigint GENERATED ALWAYS AS IDENTITY, chain text COLLATE "C" NOT NULL, number bigint NOT NULL, last bigint NOT NULL,
  text text NOT NULL, signature text NOT NULL, PRIMARY KEY (chain, number)
);
CREATE TABLE trail_blocks (
  chain text COLLATE "C" NOT NULL, first bigint NOT NULL, last bigint NOT NULL, since text COLLATE "C" NOT NULL,
  until text COLLATE "C" NOT NULL, filter bytea NOT NULL, PRIMARY KEY (chain, last)
);
ALTER TABLE trail_blocks ALTER filter SET STORAGE EXTERNAL;
CREATE TABLE trail_keys (
  id bigint GENERATED ALWAYS AS IDENTITY, text text COLLATE "C" PRIMARY KEY, signature text NOT NULL
);
CREATE TABLE trail_notes (
  id bigint GENERATED ALWAYS AS IDENTITY, chain text COLLATE "C" NOT NULL, seal bigint NOT NULL, seq bigint NOT NULL,
  text text NOT NULL, signature text NOT NULL, PRIMARY KEY (chain, seal)
);
${['records', 'seals', 'blocks', 'keys', 'notes'].map(refuseChanges).join('\n')}
END IF;
CREATE TABLE trail_time_stamps (
  chain text COLLATE "C" NOT NULL, seal bigint NOT NULL, text text NOT NULL, signature text NOT NULL, PRIMARY KEY (chain, seal)
);
${refuseChanges('time_stamps')}
END $make$;
`;

function refuseChanges(table: string): string {
  return `CREATE TRIGGER trail_stays BEFORE UPDATE OR DELETE ON trail_${table} FOR EACH ROW EXECUTE FUNCTION trail_refuse();
CREATE TRIGGER trail_is_not_emptied BEFORE TRUNCATE ON trail_${table} EXECUTE FUNCTION trail_refuse();`;
}

/** Nested, as a condition is only read where it is come to, and each table has other columns. */
function allowCovered(table: string): string {
  const place = {
    records: 'seq >= OLD.seq',
    blocks: 'seq >= OLD.last',
    seals: 'seal >= OLD.number',
    time_stamps: 'seal >= OLD.seal',
  }[table];
  return `IF TG_TABLE_NAME = 'trail_${table}' THEN
      IF EXISTS (SELECT 1 FROM trail_notes WHERE chain = OLD.chain AND ${place}) THEN RETURN OLD; END IF;
    END IF;`;
}
