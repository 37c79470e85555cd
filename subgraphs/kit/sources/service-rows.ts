import { columnsInText } from '../manifest/provenance.ts';
import { textOf, type KeyValue, type SourceRow, type SourceValue } from '../record-source.ts';
import type { Collection } from './service-collection.ts';
import { columnIn, valueCheck, type ValueCheck } from './service-columns.ts';
import type { JsonRecord } from './service-reading.ts';

/** Makes a row of a record. @param asked what columns it was asked by: they count where the record itself does not have them */
export type RowMaker = (record: JsonRecord, asked: ReadonlyMap<string, KeyValue>) => SourceRow;

/** Makes rows of these columns. A value that is not what the document promises is a misfit. */
export function rowMaker({ shape, made }: Collection, columns: readonly string[]): RowMaker {
  const readers = columns.map((column) => {
    const template = Object.hasOwn(made, column) ? made[column] : undefined;
    const schema = shape.columns.get(column) ?? shape.others;
    const check = schema && valueCheck(schema);
    return { column, read: template === undefined ? columnReader(column, check) : templateReader(template) };
  });
  return (record, asked) =>
    Object.fromEntries(readers.map(({ column, read }) => [column, read(record) ?? asked.get(column) ?? null]));
}

/** The columns of the service that these are made of. */
export function sourceColumns({ made }: Collection, columns: readonly string[]): string[] {
  const all = columns.flatMap((column) => (Object.hasOwn(made, column) ? columnsInText(made[column]!) : [column]));
  return [...new Set(all)];
}

type ColumnReader = (record: JsonRecord) => SourceValue;

function columnReader(column: string, check: ValueCheck | undefined): ColumnReader {
  return (record) => {
    const value = columnIn(record, column);
    return check?.(value) ?? value;
  };
}

/** A text of other columns; one alone is that column's value as it is. */
function templateReader(template: string): ColumnReader {
  const [alone] = /^\{([^}]+)\}$/.exec(template)?.slice(1) ?? [];
  if (alone !== undefined) return (record) => columnIn(record, alone);
  const columns = columnsInText(template);
  return (record) => {
    const values = new Map(columns.map((column) => [column, columnIn(record, column)]));
    if ([...values.values()].includes(null)) return null;
    return template.replaceAll(/\{([^}]+)\}/g, (_, column: string) => textOf(values.get(column)!));
  };
}
