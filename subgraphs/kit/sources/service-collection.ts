import { z } from 'zod';
import { suggestion } from '../manifest/strict-object.ts';
import { StartError } from '../program.ts';
import type { Order } from '../record-source.ts';
import { looseName } from './loose-name.ts';
import { recordShape, type RecordShape } from './service-columns.ts';
import { asObject } from './json-values.ts';
import type { JsonSchema, Operation, Parameter, ServiceDocument } from './service-document.ts';
import { pagingOf, pagingParameters, pagingSettings, tellsOfPages, type Paging } from './service-paging.ts';
import type { Filter } from './service-parameters.ts';

/** What a manifest can say of a collection. What it does not say is taken from the document. */
export const collectionSettings = z.strictObject({
  /** The operation that gives many records: its `operationId`, or `GET /path`. */
  list: z.string().optional(),
  /** The operation that gives one record by its key. Default: the one at the list's path with a parameter behind it. */
  get: z.string().optional(),
  /** The operation that takes several keys. Default: the list, where it has such a parameter. */
  batch: z.string().optional(),
  /** Where in an answer the list of records is, such as `data.items`. */
  items: z.string().optional(),
  /** Where in an answer the one record is. */
  record: z.string().optional(),
  /** The column that a parameter is about, where it is not called so; or that and how it compares. */
  parameters: z
    .record(
      z.string(),
      z.preprocess(
        (value) => (typeof value === 'string' ? { column: value } : value),
        z.strictObject({
          column: z.string().min(1),
          is: z.enum(['equals', 'contains', 'startsWith', 'atLeast', 'atMost']).default('equals'),
        }),
      ),
    )
    .default({}),
  /** Values of parameters that are the same in every request. */
  constants: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  /** The order that records come in: columns, with "desc" behind where the greatest come first. */
  order: z.array(z.string().regex(/^\S+( (asc|desc))?$/, 'must be a column, with "desc" behind it or not')).default([]),
  /** How pages follow each other; false where all records come at once. */
  paging: z.union([z.literal(false), pagingSettings]).default({}),
  /** The parameter that says how many records of each key there may be, the first in `order`, and how many it may say. */
  each: z.strictObject({ parameter: z.string(), max: z.int().min(1).max(100_000) }).optional(),
  /** Columns that the document does not name, or that are made of others: `{district}:{sector}`. */
  columns: z.record(z.string(), z.string()).default({}),
  /** Whether there are so few records that any question may read all of them. Default: where they are given at once. */
  whole: z.boolean().optional(),
});
export type CollectionSettings = z.infer<typeof collectionSettings>;

/** An operation that gives many records. */
export interface ListOperation {
  operation: Operation;
  /** Where the records are in its answer; empty where the answer is the list. */
  items: string;
  filters: readonly Filter[];
  paging: Paging;
  /** The parameter that says how many records of each key there may be. */
  each: { parameter: string; max: number } | undefined;
}

/** An operation that gives one record. */
export interface GetOperation {
  operation: Operation;
  record: string;
  filters: readonly Filter[];
}

/** Records of a service, and the operations that they are asked for by. */
export interface Collection {
  name: string;
  shape: RecordShape;
  list: ListOperation | undefined;
  batch: ListOperation | undefined;
  get: GetOperation | undefined;
  order: readonly Order[];
  /** Whether all records may be read for any question. */
  isWhole: boolean;
  /** Columns made of others, by their names. */
  made: Readonly<Record<string, string>>;
  constants: ReadonlyMap<string, string>;
}

const NOTHING_SAID = collectionSettings.parse({});

/** A collection of the manifest, or an operation by its name. @throws StartError where there is neither, or what is said of it does not fit */
export function makeCollection(
  document: ServiceDocument,
  name: string,
  settings: Readonly<Record<string, CollectionSettings>>,
): Collection {
  const said = Object.hasOwn(settings, name) ? settings[name]! : ofOperation(document, name, Object.keys(settings));
  const find = (given: string | undefined): Operation | undefined =>
    given === undefined ? undefined : named(document, given, `${name}: `);
  const list = find(said.list);
  const batch = find(said.batch);
  const get = find(said.get) ?? (list && document.beside(list));
  if (!list && !batch && !get) throw new StartError(`${name} names no operation: list, get or batch`);
  const first = list ?? batch;
  const items = first && itemsIn(document, first, said.items);
  const record = items?.schema ?? document.schema(recordIn(document, get!, said.record).schema);
  const shape = recordShape(document, record);
  const asList = (operation: Operation | undefined): ListOperation | undefined =>
    operation && listOperation(document, operation, { said, shape });
  const lists = { list: asList(list), batch: asList(batch) };
  refuseUnknown(said, { operations: [list, batch, get].filter((each) => each !== undefined), shape, name });
  const constants = new Map(Object.entries(said.constants).map(([parameter, value]) => [parameter, String(value)]));
  return {
    ...lists,
    name,
    shape,
    constants,
    get: get && getOperation(document, get, { said, shape }),
    order: said.order.map((text) => ({ column: text.split(' ')[0]!, descending: text.endsWith(' desc') })),
    isWhole: said.whole ?? (lists.list !== undefined && comesAtOnce(lists.list)),
    made: said.columns,
  };
}

/** @throws StartError where a name in what is said of a collection is none of its operations' or its records' */
function refuseUnknown(
  said: CollectionSettings,
  { operations, shape, name }: { operations: readonly Operation[]; shape: RecordShape; name: string },
): void {
  const parameters = operations.flatMap((operation) => operation.parameters.map((each) => each.name));
  const named = [
    ...Object.keys(said.parameters),
    ...Object.keys(said.constants),
    ...(said.each ? [said.each.parameter] : []),
  ];
  for (const each of named)
    if (!parameters.includes(each))
      throw new StartError(
        `${operations.map((operation) => operation.name).join(' and ')} of ${name} has no parameter ${each}${suggestion(each, parameters)}`,
      );
  const columns = [...shape.columns.keys(), ...Object.keys(said.columns)];
  for (const column of said.order.map((text) => text.split(' ')[0]!))
    if (!shape.isOpen && !columns.includes(column))
      throw new StartError(`${name} has no column ${column} to be in the order of${suggestion(column, columns)}`);
}

function comesAtOnce({ paging: { follow, size } }: ListOperation): boolean {
  return follow.kind === 'none' && !size;
}

function ofOperation(document: ServiceDocument, name: string, collections: readonly string[]): CollectionSettings {
  const operation = named(document, name, '', collections);
  return { ...NOTHING_SAID, ...(listIn(document, operation) ? { list: name } : { get: name }) };
}

function named(document: ServiceDocument, name: string, before: string, others: readonly string[] = []): Operation {
  const operation = document.operation(name);
  if (operation) return operation;
  const names = [...others, ...document.operations.map((each) => each.name)];
  throw new StartError(`${before}there is no ${name}${suggestion(name, names)}`);
}

/** A list in an answer, and the schema of what is in it. */
interface FoundItems {
  path: string;
  schema: JsonSchema;
}

/** Properties that lists of records stand in, where an answer has several lists. */
const ITEMS_NAMES = ['items', 'data', 'results', 'records', 'content', 'value', 'entries', 'rows'];

/** The list of records in an answer; undefined where the answer is one record, which may have lists in it too. */
function listIn(document: ServiceDocument, operation: Operation): FoundItems | undefined {
  const { answer } = operation;
  if (!answer) return undefined;
  const itemsOf = (schema: JsonSchema): JsonSchema | undefined =>
    schema['type'] === 'array' ? document.schema(schema['items']) : undefined;
  const own = itemsOf(answer);
  if (own) return { path: '', schema: own };
  const properties = Object.entries(asObject(answer['properties']) ?? {});
  const lists = properties.flatMap(([path, given]) => {
    const schema = itemsOf(document.schema(given));
    // Lists of texts are parts of a record.
    return schema && asObject(schema['properties']) ? [{ path, schema }] : [];
  });
  const named = lists.find(({ path }) => ITEMS_NAMES.includes(path.toLowerCase()));
  const isOfOne = operation.path.endsWith('}') || properties.some(([name]) => looseName(name) === 'id');
  if (named && !isOfOne) return named;
  const others = properties.filter(([path]) => path !== lists[0]?.path);
  const isAround = others.every(([name]) => tellsOfPages(name));
  return lists.length === 1 && isAround ? lists[0] : undefined;
}

function itemsIn(document: ServiceDocument, operation: Operation, said: string | undefined): FoundItems {
  if (said !== undefined) {
    const list = schemaAt(document, operation, said);
    return { path: said, schema: document.schema(list['items']) };
  }
  const found = listIn(document, operation);
  if (found) return found;
  throw new StartError(
    `the document does not say where in the answer of ${operation.name} the records are; say it as "items"`,
  );
}

function recordIn(document: ServiceDocument, operation: Operation, said: string | undefined): FoundItems {
  const { answer = {}, path: address } = operation;
  if (said !== undefined) return { path: said, schema: schemaAt(document, operation, said) };
  const properties = Object.entries(asObject(answer['properties']) ?? {});
  const [only] = properties;
  const inner = only && document.schema(only[1]);
  // An operation without a path answers with an element around its record.
  const isNamed = address === '' || ['data', 'item', 'result', 'record'].includes(only?.[0] ?? '');
  return properties.length === 1 && isNamed && asObject(inner?.['properties'])
    ? { path: only![0], schema: inner! }
    : { path: '', schema: answer };
}

/** @throws StartError where an answer that says what it has does not have it */
function schemaAt(document: ServiceDocument, { answer = {}, name }: Operation, path: string): JsonSchema {
  let found = answer;
  for (const step of path === '' ? [] : path.split('.')) {
    const properties = asObject(found['properties']) ?? {};
    const names = Object.keys(properties);
    if (names.length > 0 && !Object.hasOwn(properties, step))
      throw new StartError(`the answer of ${name} has no ${path}${suggestion(step, names)}`);
    found = document.schema(properties[step]);
  }
  return found;
}

interface Said {
  said: CollectionSettings;
  shape: RecordShape;
}

function listOperation(document: ServiceDocument, operation: Operation, { said, shape }: Said): ListOperation {
  const given = said.paging === false ? {} : said.paging;
  const found = pagingOf(document, operation, given);
  const each = operation.parameters.some(({ name }) => name === said.each?.parameter) ? said.each : undefined;
  const paging: Paging = said.paging === false ? { ...found, follow: { kind: 'none' }, size: undefined } : found;
  return {
    operation,
    items: itemsIn(document, operation, said.items).path,
    filters: filtersOf(operation, { said, shape }, [...pagingParameters(found), ...(each ? [each.parameter] : [])]),
    paging,
    each,
  };
}

function getOperation(document: ServiceDocument, operation: Operation, { said, shape }: Said): GetOperation {
  return {
    operation,
    record: recordIn(document, operation, said.record).path,
    filters: filtersOf(operation, { said, shape }, []),
  };
}

function filtersOf({ parameters }: Operation, { said, shape }: Said, taken: readonly string[]): Filter[] {
  return parameters
    .filter(({ name }) => !taken.includes(name) && !Object.hasOwn(said.constants, name))
    .map((parameter) => {
      const given = Object.hasOwn(said.parameters, parameter.name) ? said.parameters[parameter.name] : undefined;
      return { parameter, column: columnOf(parameter, shape), is: 'equals', ...given };
    });
}

/** The column that a parameter is about, by its name; its own name where there is none, so that it can still be asked by. */
function columnOf({ name, in: place, list }: Parameter, { columns }: RecordShape): string {
  const byName = (sought: string): string | undefined =>
    [...columns.keys()].find((column) => looseName(column) === sought);
  const loose = looseName(name);
  const found =
    (columns.has(name) ? name : byName(loose)) ??
    (list ? (byName(loose.replace(/(list|e?s)$/, '')) ?? byName(loose.replace(/s$/, ''))) : undefined) ??
    // `stationId` in a path is what the station itself calls `id`.
    (place === 'path' && loose.endsWith('id') ? byName('id') : undefined);
  return found ?? name;
}
