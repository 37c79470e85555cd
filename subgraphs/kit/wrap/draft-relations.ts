import { renameField, type FieldsDraft } from './draft-fields.ts';
import { fieldName, rootFields, unusedName, wordsOf } from './names.ts';
import type { SurveyedReference } from './survey.ts';

/** Words at a column's end that say how it leads somewhere, and not where to. */
const WAYS = new Set(['id', 'no', 'nr', 'num', 'number', 'code', 'key', 'ref', 'uuid', 'nummer']);

/** Adds what foreign keys lead to, and what leads back. */
export function draftRelations(drafts: readonly FieldsDraft[]): void {
  for (const draft of drafts)
    for (const reference of draft.named.collection.references) {
      const target = drafts.find(({ named }) => named.collection.from === reference.to);
      if (target) relate(draft, target, reference);
    }
}

function relate(draft: FieldsDraft, target: FieldsDraft, reference: SurveyedReference): void {
  const { columns, theirs, isUnsaid = false } = reference;
  if (!theirs.every((column) => target.fieldOf.has(column))) return;
  if (!isUnsaid && !columns.every((column) => draft.fieldOf.has(column))) return;
  const name = isUnsaid ? target.named.type : leadThere(draft, target, reference);
  if (!canLeadBack(draft, columns)) return;
  const list = rootFields(draft.named.type).many;
  const back = target.taken.has(list) ? `${list}By${name.charAt(0).toUpperCase()}${name.slice(1)}` : list;
  target.fields.push({
    name: unusedName(back, target.taken),
    args: 'first: Int = 20',
    type: `[${draft.named.type}!]`,
    mapping: { many: draft.named.type, by: isByKey(target, theirs) ? columns[0] : pairs(columns, theirs) },
    questions: slowQuestion(draft, columns),
  });
}

/** Adds the field that leads to the one record; gives its name. */
function leadThere(draft: FieldsDraft, target: FieldsDraft, reference: SurveyedReference): string {
  const { columns, theirs } = reference;
  const wanted = relationName(target, reference);
  const [column = ''] = columns;
  if (draft.fieldOf.get(column) === wanted) renameField(draft, wanted, `${wanted}Id`);
  const name = unusedName(wanted, draft.taken);
  draft.fields.push({
    name,
    type: target.named.type,
    mapping: { one: target.named.type, by: isByKey(target, theirs) ? column : pairs(theirs, columns) },
    questions: [],
  });
  return name;
}

function isByKey(target: FieldsDraft, theirs: readonly string[]): boolean {
  return theirs.length === 1 && singleKeyColumn(target) === theirs[0];
}

/** Whether the system can be asked for the records that belong to another. */
export function canLeadBack({ named }: FieldsDraft, columns: readonly string[]): boolean {
  const { limits } = named.collection;
  return limits === undefined || columns.every((column) => limits.relatedBy.has(column));
}

/** What a list is asked for by should have an index, where there are many rows. */
export function slowQuestion({ named }: FieldsDraft, columns: readonly string[]): string[] {
  const { indexed, rows = 0, from } = named.collection;
  if (indexed === undefined || rows <= 10_000 || columns.some((column) => indexed.has(column))) return [];
  return [
    `Can ${from} have an index on ${columns.join(' and ')}? Without one all its ${rows} rows are read for this list`,
  ];
}

/** The column of the first key that is one column. */
function singleKeyColumn({ keys, columnOf }: FieldsDraft): string | undefined {
  const [field] = keys.find((key) => key.length === 1) ?? [];
  return field === undefined ? undefined : columnOf.get(field)?.name;
}

/** `station` of `station_id`; where nothing is left, the type's own name. */
function relationName(target: FieldsDraft, { columns }: SurveyedReference): string {
  const own = target.named.type.charAt(0).toLowerCase() + target.named.type.slice(1);
  if (columns.length > 1) return own;
  const words = wordsOf(columns[0]!);
  while (words.length > 1 && WAYS.has(words.at(-1)!.toLowerCase())) words.pop();
  const name = fieldName(words.join(' '));
  return WAYS.has(name) ? own : name;
}

function pairs(keys: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key, at) => [key, values[at]!]));
}
