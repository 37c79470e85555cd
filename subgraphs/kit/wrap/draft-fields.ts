import { looseName } from '../sources/loose-name.ts';
import type { DraftEnum, DraftField } from './draft.ts';
import type { KnownGraph } from './known-graph.ts';
import { enumValue, fieldName, unusedName, wordsOf } from './names.ts';
import { isOfFiles, type SurveyedCollection, type SurveyedColumn } from './survey.ts';

/** A collection, and what its records are called in the graph. */
export interface NamedCollection {
  collection: SurveyedCollection;
  type: string;
  /** Set where the graph has a type of the name that it would have had. */
  clash: string | undefined;
}

/** A type's fields while they are drafted. */
export interface FieldsDraft {
  named: NamedCollection;
  keys: string[][];
  fields: DraftField[];
  enums: DraftEnum[];
  questions: string[];
  /** Names of fields that are given. */
  taken: Set<string>;
  /** The column that a field is, by the field's name. */
  columnOf: Map<string, SurveyedColumn>;
  /** The field that a column is, by the column's name. */
  fieldOf: Map<string, string>;
}

/** Drafts a field for each column, and the keys. */
export function draftFields(named: NamedCollection, graph: KnownGraph): FieldsDraft {
  const { collection } = named;
  const draft: FieldsDraft = {
    named,
    keys: [],
    fields: [],
    enums: [],
    questions: [],
    taken: new Set(['__typename']),
    columnOf: new Map(),
    fieldOf: new Map(),
  };
  for (const column of collection.columns) {
    const name = unusedName(fieldName(column.name), draft.taken);
    draft.columnOf.set(name, column);
    draft.fieldOf.set(column.name, name);
  }
  const keyColumns = keysOf(collection);
  draft.keys = keyColumns.map((set) => set.map((column) => draft.fieldOf.get(column)!));
  const isLeading = (column: string): boolean =>
    collection.references.some(({ columns }) => columns.length === 1 && columns[0] === column);
  for (const [name, column] of draft.columnOf) {
    const isInKey = keyColumns.some((set) => set.includes(column.name));
    const isAlone = keyColumns.some((set) => set.length === 1 && set[0] === column.name);
    const leaf = column.isUntyped ? column.leaf : keyLeaf(column, { isInKey, isId: isAlone || isLeading(column.name) });
    draft.fields.push(
      fieldOf(draft, { name, column: { ...column, leaf }, isRequired: isInKey || column.isRequired, graph }),
    );
    draft.columnOf.set(name, { ...column, leaf });
  }
  draft.questions.push(...questionsOf(draft, keyColumns));
  return draft;
}

/** What the system keeps unique and never empty; else the likeliest of what was seen to be unique. */
function keysOf({ declaredKeys, observedKeys, columns }: SurveyedCollection): string[][] {
  const isRequired = (name: string): boolean => columns.find((column) => column.name === name)?.isRequired === true;
  const [primary, ...others] = declaredKeys;
  const declared = primary ? [primary, ...others.filter((set) => set.every(isRequired))] : [];
  return (declared.length > 0 ? declared : observedKeys.slice(0, 1)).map((set) => [...set]);
}

/** A key of one column is an ID; of a number that no Int holds, too. */
function keyLeaf(
  { leaf }: SurveyedColumn,
  { isInKey, isId }: { isInKey: boolean; isId: boolean },
): SurveyedColumn['leaf'] {
  if (isId && leaf !== 'Boolean') return 'ID';
  return isInKey && leaf === 'Float' ? 'ID' : leaf;
}

function fieldOf(
  draft: FieldsDraft,
  { name, column, isRequired, graph }: { name: string; column: SurveyedColumn; isRequired: boolean; graph: KnownGraph },
): DraftField {
  const values = enumOf(draft, name, column, graph);
  const leaf = values?.name ?? column.leaf;
  const type = `${column.isList ? `[${leaf}]` : leaf}${isRequired ? '!' : ''}`;
  const mapping = {
    ...(isFoundByName(name, column.name, draft.named.collection) ? {} : { column: column.name }),
    ...mappingOf(column),
    ...(values && { values: values.byText }),
  };
  return {
    name,
    type,
    description: column.description ?? (sayTheSame(name, column.name) ? undefined : plainText(column.name)),
    mapping: Object.keys(mapping).length > 0 ? mapping : undefined,
    questions: column.questions,
  };
}

/** One word need not be a list. */
function mappingOf({ mapping = {}, leaf }: SurveyedColumn): Record<string, unknown> {
  // A key is asked for by the texts of the system.
  if (leaf === 'ID') return {};
  const single = (words: unknown): unknown => (Array.isArray(words) && words.length === 1 ? words[0] : words);
  return Object.fromEntries(Object.entries(mapping).map(([name, value]) => [name, single(value)]));
}

function enumOf(
  draft: FieldsDraft,
  field: string,
  { values }: SurveyedColumn,
  graph: KnownGraph,
): { name: string; byText: Record<string, string> } | undefined {
  if (!values) return undefined;
  const byText = Object.fromEntries(values.map((text) => [text, enumValue(text)]));
  const distinct = [...new Set(Object.values(byText))];
  if (distinct.length < values.length) return undefined;
  const name = `${draft.named.type}${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  if (graph.types.has(name)) return undefined;
  draft.enums.push({ name, values: distinct });
  return { name, byText };
}

/** Whether the kit finds the column by the field's name: as it is, with underscores, in files also by its letters alone. */
function isFoundByName(field: string, column: string, collection: SurveyedCollection): boolean {
  if (isOfFiles(collection)) return looseName(field) === looseName(column);
  if (field === column) return true;
  const withUnderscores = field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return withUnderscores === column && !collection.columns.some(({ name }) => name === field);
}

/** Gives a field another name, because what its column leads to should have it. */
export function renameField(draft: FieldsDraft, name: string, wanted: string): void {
  const column = draft.columnOf.get(name)!;
  const renamed = unusedName(wanted, draft.taken);
  draft.fields = draft.fields.map((field) =>
    field.name === name ? { ...field, name: renamed, mapping: { ...field.mapping, column: column.name } } : field,
  );
  draft.keys = draft.keys.map((key) => key.map((each) => (each === name ? renamed : each)));
  draft.columnOf.delete(name);
  draft.columnOf.set(renamed, column);
  draft.fieldOf.set(column.name, renamed);
  draft.taken.delete(name);
}

function sayTheSame(field: string, column: string): boolean {
  return wordsOf(field).join('').toLowerCase() === wordsOf(column).join('').toLowerCase() && /^[\w\s.-]*$/.test(column);
}

function plainText(name: string): string {
  return name.replaceAll(/\s+/g, ' ').trim();
}

function questionsOf({ named, keys }: FieldsDraft, keyColumns: readonly string[][]): string[] {
  const { collection } = named;
  const { declaredKeys, observedKeys, rows = 0, rowsSeen, columns } = collection;
  const seen = rowsSeen < rows ? `the first ${rowsSeen} of ${rows} rows` : `all ${rowsSeen} rows`;
  const questions: string[] = [];
  const [key] = keys;
  if (!key)
    questions.push(
      rowsSeen === 0
        ? 'What tells these records apart? Without a key no other department can lead to them'
        : `What tells these records apart? No column or two are different in ${seen}; without a key no other department can lead to them`,
    );
  else if (declaredKeys.length === 0) {
    const others = observedKeys.slice(1, 4).map((set) => set.join(' with '));
    const also = others.length > 0 ? `; so ${others.length === 1 ? 'is' : 'are'} ${others.join(', ')}` : '';
    questions.push(`Is ${keyColumns[0]!.join(' with ')} the key? It is different in ${seen}${also}`);
  }
  // A database or a service says itself what is always there.
  if (!isOfFiles(collection)) return questions;
  const isKey = (name: string): boolean => keyColumns.some((set) => set.includes(name));
  const full = columns.filter((column) => column.isNeverEmpty && !isKey(column.name)).map(({ name }) => name);
  const others = columns.filter(({ name }) => !isKey(name) && !full.includes(name));
  if (full.length > 0 && others.length > 0)
    questions.push(
      `Will these always be there: ${full.slice(0, 12).join(', ')}${full.length > 12 ? ', …' : ''}? They are in ${seen}. Then put ! behind their types`,
    );
  return questions;
}
