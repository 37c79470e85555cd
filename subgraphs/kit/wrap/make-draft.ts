import type { Draft, DraftQuery, DraftType, Join } from './draft.ts';
import { draftFields, type FieldsDraft, type NamedCollection } from './draft-fields.ts';
import { draftJoins } from './draft-joins.ts';
import { draftRelations } from './draft-relations.ts';
import type { KnownGraph } from './known-graph.ts';
import { fieldName, rootFields, typeName, unusedName, wordsOf } from './names.ts';
import type { Survey, SurveyedCollection, SurveyedColumn } from './survey.ts';

export interface DraftOptions {
  department: string;
  graph: KnownGraph;
  joins: readonly Join[];
}

/** Names that types cannot have: GraphQL's own, federation's, and the kit's. */
const TAKEN_TYPES = ['Query', 'Mutation', 'Subscription', 'Provenance', 'Int', 'Float', 'String', 'Boolean', 'ID'];

/** Ports that `npm start` and its systems leave alone. */
const FIRST_PORT = 4_300;
const PORTS = 600;

/** Arguments of lists that are not fields'. */
const OWN_ARGUMENTS = new Set(['first', 'after']);
const MAX_FILTERS = 8;

/** Makes a first department of what was found. @throws StartError where a join names what there is not */
export function makeDraft(survey: Survey, { department, graph, joins }: DraftOptions): Draft {
  const types = nameTypes(survey.collections, department, graph);
  const drafted = types.map((named): FieldsDraft => draftFields(named, graph));
  draftRelations(drafted);
  const entities = draftJoins(drafted, joins, graph);
  const roots = new Set(graph.rootFields);
  return {
    department,
    title: wordsOf(department)
      .join(' ')
      .replace(/^./, (letter) => letter.toUpperCase()),
    port: FIRST_PORT + portOf(department),
    source: { kind: survey.kind, ...survey.settings },
    provenance: graph.sharesProvenance ? { system: survey.system } : undefined,
    types: drafted.map((each) => withProvenance(toType(each), graph)),
    entities,
    enums: drafted.flatMap(({ enums }) => enums),
    queries: drafted.flatMap((each) => draftQueries(each, roots)),
  };
}

function nameTypes(
  collections: readonly SurveyedCollection[],
  department: string,
  graph: KnownGraph,
): NamedCollection[] {
  const taken = new Set([...TAKEN_TYPES, ...graph.types]);
  return collections.map((collection) => {
    const wanted = typeName(collection.name.trim() || department);
    const isOfGraph = graph.types.has(wanted);
    const type = unusedName(isOfGraph ? typeName(department) + wanted : wanted, taken);
    return { collection, type, clash: isOfGraph ? wanted : undefined };
  });
}

/** The same for the same name, so that a department is found where it was. */
function portOf(department: string): number {
  let sum = 0;
  for (const letter of department) sum = (sum * 31 + letter.charCodeAt(0)) % PORTS;
  return sum;
}

function toType({ named, keys, fields, questions }: FieldsDraft): DraftType {
  const { collection, type, clash } = named;
  const { from, description } = collection;
  const clashes =
    clash === undefined
      ? []
      : [
          `The graph has a type ${clash} of other departments. Are these the same things? Then wrap again with --join COLUMN=${clash}.KEY`,
        ];
  return {
    name: type,
    description: description ?? `A record of \`${from}\`.`,
    from,
    keys,
    fields,
    questions: [...clashes, ...questions],
    fromQuestions: collection.questions ?? [],
  };
}

function withProvenance(type: DraftType, { sharesProvenance }: KnownGraph): DraftType {
  if (!sharesProvenance || type.fields.some(({ name }) => name === 'provenance')) return type;
  const provenance = {
    name: 'provenance',
    type: 'Provenance',
    description: 'Where it was read, and when.',
    mapping: undefined,
    questions: [],
  };
  return { ...type, fields: [...type.fields, provenance] };
}

function draftQueries(draft: FieldsDraft, roots: Set<string>): DraftQuery[] {
  const { named, keys } = draft;
  const names = rootFields(named.type);
  const [key] = keys;
  const queries: DraftQuery[] = [];
  const { limits } = named.collection;
  if (key) {
    const args = key.map((name) => ({ name, type: draft.fields.find((field) => field.name === name)!.type }));
    const one = unusedName(names.one, roots);
    queries.push({
      name: one,
      type: named.type,
      args,
      description: `One ${words(named.type)} by its ${key.join(' and ')}.`,
      mapping: undefined,
    });
  }
  if (limits?.isListed !== false) queries.push(listQuery(draft, unusedName(names.many, roots)));
  return queries;
}

function listQuery({ named, keys, fields, columnOf }: FieldsDraft, name: string): DraftQuery {
  const { collection, type } = named;
  const [key] = keys;
  const after =
    key?.length === 1 && collection.limits?.goesOn !== false
      ? [{ name: 'after', type: 'ID', description: `The \`${key[0]}\` after which to go on.` }]
      : [];
  const filters = fields.filter((field) => {
    const column = columnOf.get(field.name);
    return (
      column !== undefined &&
      key?.join() !== field.name &&
      !OWN_ARGUMENTS.has(field.name) &&
      isWorthNarrowing(column, collection)
    );
  });
  const order = key ? undefined : { orderBy: collection.rowOrder };
  return {
    name,
    type: `[${type}!]!`,
    args: [
      { name: 'first', type: 'Int = 20', description: 'How many at most, 1 to 100.' },
      ...after,
      ...filters.slice(0, MAX_FILTERS).map((field) => ({ name: field.name, type: field.type.replace('!', '') })),
    ],
    description: key ? `In the order of ${key.join(' and ')}.` : 'In the order of the system.',
    mapping: order,
  };
}

/** A table of many rows is not to be read through for a value without an index. */
function isWorthNarrowing(
  column: SurveyedColumn,
  { indexed, limits, rows = Number.POSITIVE_INFINITY }: SurveyedCollection,
): boolean {
  if (column.isList || column.leaf === 'Float' || limits?.narrowedBy.has(column.name) === false) return false;
  const isQuick = indexed === undefined || rows <= 10_000 || indexed.has(column.name);
  return isQuick && (column.isCategory || column.leaf === 'ID' || indexed?.has(column.name) === true);
}

function words(type: string): string {
  return wordsOf(fieldName(type)).join(' ').toLowerCase();
}
