import { textOf, type SourceRow } from '../record-source.ts';
import type { ProvenanceMapping } from './manifest.ts';
import type { SourceRecord } from './source-record.ts';

/** Where a record comes from, as the type `Provenance` says it. */
export interface Provenance {
  source: string | null;
  system: string | null;
  recordId: string | null;
  asOf: string | null;
  /** When the system was read, in ISO 8601. */
  fetchedAt: string;
  method: string | null;
  quality: string | null;
  synthetic: boolean | null;
  licence: string | null;
}

/** A column in a text: `{year}-12-31`. */
const COLUMN = /\{([^}]+)\}/g;

/** The columns in a text such as `{year}-12-31`. */
export function columnsInText(text: string): string[] {
  return [...text.matchAll(COLUMN)].map(([, column]) => column!);
}

/** A text with other names for its columns. */
export function withColumnNames(text: string, rename: (column: string) => string): string {
  return text.replaceAll(COLUMN, (_, column: string) => `{${rename(column)}}`);
}

/** What a manifest says of a record's provenance; a column in braces stands for its value, and what needs one that is null is null. */
export function provenanceOf(record: SourceRecord, mapping: ProvenanceMapping): Provenance {
  const { row } = record;
  const said = (text: string | undefined): string | null => (text === undefined ? null : filledIn(text, row));
  const readAt = row['$readAt'];
  return {
    source: said(mapping.source),
    system: said(mapping.system),
    recordId: mapping.recordId === undefined ? record.recordId : filledIn(mapping.recordId, row),
    asOf: said(mapping.asOf),
    fetchedAt: new Date(typeof readAt === 'number' ? readAt : record.readAtMs).toISOString(),
    method: said(mapping.method),
    quality: said(mapping.quality),
    synthetic: syntheticOf(mapping.synthetic, row),
    licence: said(mapping.licence),
  };
}

function filledIn(text: string, row: SourceRow): string | null {
  if (columnsInText(text).some((column) => (row[column] ?? null) === null)) return null;
  return text.replaceAll(COLUMN, (_, column: string) => textOf(row[column]!));
}

function syntheticOf(synthetic: ProvenanceMapping['synthetic'], row: SourceRow): boolean | null {
  if (typeof synthetic === 'boolean') return synthetic;
  if (synthetic === undefined) return null;
  const text = filledIn(synthetic, row);
  return text === null ? null : ['true', '1', 'Y'].includes(text);
}
