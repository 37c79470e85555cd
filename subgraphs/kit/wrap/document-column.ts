import type { FileColumns, ValueKind } from './record-files.ts';
import type { LeafName, SurveyedColumn } from './survey.ts';

/** A column of a document's values, which say themselves whether they are texts; of other files it stays as it is. */
export function documentColumn(column: SurveyedColumn, files: readonly FileColumns[]): SurveyedColumn {
  const kinds = union(files, ({ kinds: of }) => of.get(column.name));
  const items = union(files, ({ items: of }) => of.get(column.name));
  if (items.size > 0 || files.some((file) => file.items.has(column.name)))
    return { ...column, leaf: leafOfItems(items), isList: true, isCategory: false, questions: [] };
  if (kinds.size !== 1) return column;
  if (kinds.has('boolean')) return { ...column, leaf: 'Boolean', mapping: { true: true, false: false }, questions: [] };
  // A number in quotes is a text by its owner's will.
  const isQuoted = kinds.has('text') && column.mapping === undefined && column.leaf !== 'String';
  return isQuoted && files.some((file) => file.hasTypes) ? { ...column, leaf: 'String', questions: [] } : column;
}

function union(files: readonly FileColumns[], of: (file: FileColumns) => Set<ValueKind> | undefined): Set<ValueKind> {
  return new Set(files.flatMap((file) => [...(of(file) ?? [])]));
}

function leafOfItems(kinds: ReadonlySet<ValueKind>): LeafName {
  if (kinds.size !== 1) return 'String';
  return kinds.has('number') ? 'Float' : kinds.has('boolean') ? 'Boolean' : 'String';
}
