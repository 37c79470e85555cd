import { suggestion } from '../manifest/strict-object.ts';
import { StartError } from '../program.ts';
import type { DraftEntity, DraftField, Join } from './draft.ts';
import { renameField, type FieldsDraft } from './draft-fields.ts';
import { canLeadBack, slowQuestion } from './draft-relations.ts';
import type { KnownEntity, KnownGraph } from './known-graph.ts';
import { rootFields, unusedName, wordsOf } from './names.ts';
import type { SurveyedColumn } from './survey.ts';

/** Reads `country=Place.iso`, or `wells.country=Place.iso`. @throws StartError where it is written otherwise */
export function parseJoin(text: string): Join {
  const [, of, column, type, key] = /^(?:([^=]+)\.)?([^=.]+)=([_A-Za-z]\w*)\.([_A-Za-z]\w*)$/.exec(text) ?? [];
  if (column === undefined || type === undefined || key === undefined)
    throw new StartError(`--join ${text}: it must be COLUMN=TYPE.KEY, such as country=Place.iso`);
  return { of, column, type, key };
}

/** Adds the entities of the graph that columns lead to, and the lists that lead back; asks about columns that may lead to some. */
export function draftJoins(drafts: readonly FieldsDraft[], joins: readonly Join[], graph: KnownGraph): DraftEntity[] {
  const entities = new Map<string, DraftEntity & { taken: Set<string>; fields: DraftField[] }>();
  const joined = new Set<SurveyedColumn>();
  for (const join of joins) {
    const { draft, field } = columnOf(join, drafts);
    const known = entityOf(join, graph);
    const entity = entities.get(known.type) ?? {
      name: known.type,
      key: known.key,
      keyType: known.keyType,
      fields: [],
      taken: new Set(known.fields),
    };
    if (entity.key !== known.key)
      throw new StartError(`--join: ${known.type} can be led to by ${entity.key} or by ${known.key}, not by both`);
    entities.set(known.type, entity);
    joined.add(draft.columnOf.get(field)!);
    lead(draft, field, entity);
  }
  for (const draft of drafts) askAbout(draft, joined, graph);
  return [...entities.values()];
}

function lead(
  draft: FieldsDraft,
  field: string,
  entity: DraftEntity & { taken: Set<string>; fields: DraftField[] },
): void {
  const { named, taken } = draft;
  const column = draft.columnOf.get(field)!.name;
  const own = entity.name.charAt(0).toLowerCase() + entity.name.slice(1);
  if (field === own) renameField(draft, field, `${field}${entity.key.charAt(0).toUpperCase()}${entity.key.slice(1)}`);
  const name = unusedName(taken.has(own) ? `${field}${entity.name}` : own, taken);
  draft.fields.push({ name, type: entity.name, mapping: { one: entity.name, by: column }, questions: [] });
  if (!canLeadBack(draft, [column])) return;
  const list = rootFields(named.type).many;
  const isTaken = entity.taken.has(list);
  entity.fields.push({
    name: unusedName(isTaken ? `${list}By${field.charAt(0).toUpperCase()}${field.slice(1)}` : list, entity.taken),
    args: 'first: Int = 20',
    type: `[${named.type}!]`,
    mapping: { many: named.type, by: { [column]: entity.key } },
    questions: slowQuestion(draft, [column]),
  });
}

/** What stands before a point is a collection, or an object that the column stands in. */
function columnOf({ of, column }: Join, drafts: readonly FieldsDraft[]): { draft: FieldsDraft; field: string } {
  const ofCollection = of === undefined ? [] : drafts.filter((draft) => isCalled(draft, of));
  const meant = ofCollection.length > 0 ? ofCollection : drafts;
  const sought = of === undefined || ofCollection.length > 0 ? column : `${of}.${column}`;
  const found = meant.flatMap((draft) =>
    [...draft.columnOf]
      .filter(([field, { name }]) => alike(name, sought) || alike(field, sought))
      .map(([field]) => ({ draft, field })),
  );
  const [first, second] = found;
  if (!first) {
    const names = meant.flatMap((draft) => [...draft.columnOf.values()].map(({ name }) => name));
    throw new StartError(`--join: there is no column ${sought}${suggestion(sought, names)}`);
  }
  if (second) {
    const types = found.map(({ draft }) => draft.named.type).join(', ');
    throw new StartError(
      `--join: ${types} have a column ${sought}; say which, such as ${first.draft.named.type}.${sought}=…`,
    );
  }
  return first;
}

function isCalled({ named: { type, collection } }: FieldsDraft, name: string): boolean {
  return [type, collection.from, collection.name].some((each) => alike(each, name));
}

/** Where no graph is known, what is said is taken as it is. */
function entityOf({ type, key }: Join, { entities }: KnownGraph): KnownEntity {
  if (entities.length === 0) return { type, key, keyType: 'ID', description: '', fields: new Set() };
  const keys = entities.filter((entity) => entity.type === type);
  const found = keys.find((entity) => entity.key === key);
  if (found) return found;
  if (keys.length > 0)
    throw new StartError(
      `--join: ${type} has no key ${key} in the graph${suggestion(
        key,
        keys.map((entity) => entity.key),
      )}`,
    );
  throw new StartError(
    `--join: the graph has no ${type} with a key of one field${suggestion(type, [...new Set(entities.map((entity) => entity.type))])}`,
  );
}

/** Nobody but the owner knows whether equal letters mean the same: two countries' codes have two letters in every list of codes. */
function askAbout(draft: FieldsDraft, joined: ReadonlySet<SurveyedColumn>, graph: KnownGraph): void {
  for (const [at, field] of draft.fields.entries()) {
    const column = draft.columnOf.get(field.name);
    if (!column || joined.has(column) || !['ID', 'String', 'Int'].includes(column.leaf)) continue;
    const like = entitiesLike(column.name, graph);
    if (like.length === 0) continue;
    const keys = like.map(({ type, key }) => `${type}.${key}`).join(' or ');
    const flag = `--join ${quotedForShell(`${column.name}=${like[0]!.type}.${like[0]!.key}`)}`;
    const question = `Is it the graph's ${keys}? Codes of other lists may look the same and mean others (GEC's au is Austria, ISO's Australia). If it is, wrap again with ${flag}`;
    draft.fields[at] = { ...field, questions: [...field.questions, question] };
  }
}

function quotedForShell(text: string): string {
  return /^[\w.=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Names that keys of anything have: they speak of nothing. */
const GENERAL_KEYS = new Set(['id', 'no', 'nr', 'number', 'code', 'key', 'name', 'uuid']);

/** Entities of the graph that a column's name speaks of. */
function entitiesLike(column: string, { entities }: KnownGraph): KnownEntity[] {
  const words = wordsOf(column).map((word) => word.toLowerCase());
  return entities.filter(({ type, key, description }) => {
    const own = GENERAL_KEYS.has(key.toLowerCase()) ? [] : [key];
    const names = [...own, type, type + key].map((name) => wordsOf(name).join('').toLowerCase());
    // The words before the first sign: "A country or territory."
    const told = description
      .split(/[.,;:(]/, 1)[0]!
      .toLowerCase()
      .split(/\W+/);
    return (
      names.includes(words.join('')) || words.some((word) => word.length > 4 && told.length <= 6 && told.includes(word))
    );
  });
}

function alike(one: string, other: string): boolean {
  return wordsOf(one).join('').toLowerCase() === wordsOf(other).join('').toLowerCase();
}
