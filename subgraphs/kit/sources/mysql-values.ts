import type { FieldPacket, RowDataPacket } from 'mysql2/promise';
import type { SourceRow, SourceValue } from '../record-source.ts';
import type { MysqlKind } from './mysql-dialect.ts';

/** What the server says of a column. */
export type MysqlColumn = Pick<FieldPacket, 'name' | 'columnType' | 'characterSet' | 'flags' | 'extendedTypeName'>;

/** Types of columns by their numbers, as the protocol has them (`enum_field_types`). */
const TYPES: ReadonlyMap<number | undefined, { name: string; kind: MysqlKind }> = new Map(
  Object.entries({
    integer: { 1: 'tinyint', 2: 'smallint', 3: 'int', 8: 'bigint', 9: 'mediumint', 13: 'year', 16: 'bit' },
    decimal: { 0: 'decimal', 246: 'decimal' },
    float: { 4: 'float' },
    double: { 5: 'double' },
    date: { 10: 'date', 14: 'date' },
    time: { 7: 'timestamp', 12: 'datetime' },
    text: { 15: 'varchar', 249: 'text', 250: 'text', 251: 'text', 252: 'text', 253: 'varchar', 254: 'char' },
    other: { 11: 'time', 245: 'json', 255: 'geometry' },
  } as const).flatMap(([kind, names]) =>
    Object.entries(names).map(([type, name]) => [Number(type), { name, kind: kind as MysqlKind }] as const),
  ),
);

/** The character set of what is no text. */
const BYTES = 63;
const ENUM_OR_SET = 256 | 2_048;
const [FLOAT, TIMESTAMP, LONGLONG, DATETIME, BIT] = [4, 7, 8, 12, 16];

/** How a column is compared, and what it is called. */
export function typeOf({ columnType, characterSet, flags, extendedTypeName }: MysqlColumn): {
  name: string;
  kind: MysqlKind;
} {
  const type = TYPES.get(columnType) ?? { name: 'unknown', kind: 'other' };
  if (extendedTypeName !== undefined) return { name: extendedTypeName, kind: 'text' };
  if ((Number(flags) & ENUM_OR_SET) !== 0) return { name: 'enum', kind: 'enum' };
  return type.kind === 'text' && characterSet === BYTES ? { name: 'binary', kind: 'other' } : type;
}

/** Rows with values as the graph has them: times as ISO 8601 writes them, whole numbers beyond doubles exact, decimals as texts. */
export function readColumns(fields: readonly FieldPacket[], rows: readonly RowDataPacket[]): SourceRow[] {
  const readers = fields.flatMap(({ name, columnType }) => {
    const read = READERS.get(columnType);
    return read ? [{ name, read }] : [];
  });
  for (const row of rows as Record<string, SourceValue>[])
    for (const { name, read } of readers) if (row[name] !== null) row[name] = read(row[name]!);
  return rows as SourceRow[];
}

/** What the driver gives otherwise. Bytes it gives as bytes. */
const READERS = new Map<number | undefined, (value: unknown) => SourceValue>([
  [LONGLONG, (value) => (typeof value === 'string' ? BigInt(value) : (value as number))],
  [DATETIME, (value) => (value as string).replace(' ', 'T')],
  [TIMESTAMP, (value) => `${(value as string).replace(' ', 'T')}Z`],
  [FLOAT, (value) => shortest(value as number)],
  [BIT, (value) => wholeNumber(value as Buffer)],
]);

/** The shortest number that is the same in 32 bits: 0.1 for what is 0.10000000149011612 in 64. */
function shortest(value: number): number {
  const digits = [6, 7, 8].find((count) => Math.fround(Number(value.toPrecision(count))) === value);
  return digits === undefined ? value : Number(value.toPrecision(digits));
}

function wholeNumber(bytes: Buffer): number | bigint {
  const value = BigInt(`0x${bytes.toString('hex') || '0'}`);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
