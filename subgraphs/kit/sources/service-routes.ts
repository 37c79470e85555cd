import type { Order, QuestionShape } from '../record-source.ts';
import type { Collection, GetOperation, ListOperation } from './service-collection.ts';
import { pagingParameters } from './service-paging.ts';
import type { Filter } from './service-parameters.ts';

/** How a question is asked of a service, as far as its operations have such a question. */
export type Route =
  /** One request for several keys. */
  | { kind: 'batch'; list: ListOperation; filter: Filter }
  /** One request for each key, which gives one record. */
  | { kind: 'get'; get: GetOperation; filters: readonly Filter[] }
  /** One list for each key. */
  | { kind: 'search'; list: ListOperation; filters: readonly Filter[] }
  /** All records, of which those are taken that are meant. */
  | { kind: 'whole'; list: ListOperation };

/** How a page of records is asked for. */
export interface PageRoute {
  list: ListOperation;
  /** By each column that the service narrows its list by. */
  filters: readonly Filter[];
  /** Whether all of it is read, and then narrowed and put in order. */
  isWhole: boolean;
}

/** Why a question cannot be asked; stands behind "because". */
export type Refusal = string;

/** How records are found by keys. */
export function keyRoute(collection: Collection, keyColumns: readonly string[]): Route | Refusal {
  const { get } = collection;
  const several = batchRoute(collection, keyColumns);
  if (several) return several;
  const byGet = get && boundBy(get, keyColumns, collection);
  if (byGet) return { kind: 'get', get, filters: byGet };
  return searchRoute(collection, keyColumns) ?? noRoute(collection, keyColumns);
}

/** How records are found that belong to others. */
export function relatedRoute(
  collection: Collection,
  keyColumns: readonly string[],
): Exclude<Route, { kind: 'get' }> | Refusal {
  return batchRoute(collection, keyColumns) ?? searchRoute(collection, keyColumns) ?? noRoute(collection, keyColumns);
}

/** How a list is read. */
export function pageRoute(
  collection: Collection,
  { where, orderBy, hasAfter }: Omit<Extract<QuestionShape, { kind: 'page' }>, 'kind' | 'collection'>,
): PageRoute | Refusal {
  const { list, isWhole } = collection;
  if (!list) return `${collection.name} has no operation that lists its records`;
  const filterOf = ({ column, is }: (typeof where)[number]): Filter | undefined =>
    list.filters.find((filter) => filter.column === column && filter.is === is && !filter.parameter.list);
  const filters = where.flatMap((condition) => filterOf(condition) ?? []);
  const unbound = unboundOf(list, filters, collection);
  if (unbound) return `${list.operation.name} needs the parameter ${unbound}`;
  if (isWhole) return { list, filters, isWhole: true };
  const missing = where.find((condition) => !filterOf(condition));
  if (missing) return `${list.operation.name} has no parameter for ${missing.column} (${missing.is})`;
  if (!isOrderOf(collection, orderBy))
    return `${list.operation.name} is not known to give its records by ${named(orderBy)}; its order can be said under source.collections, and "whole: true" lets all of it be read`;
  const { follow } = list.paging;
  if (hasAfter && !(follow.kind === 'after' && follow.column === orderBy[0]?.column))
    return `the pages of ${list.operation.name} cannot go on after a record; "whole: true" under source.collections lets all of it be read`;
  return { list, filters, isWhole: false };
}

/** Whether records come in an order by themselves. */
export function isOrderOf({ order }: Collection, orderBy: readonly Order[]): boolean {
  return orderBy.every(({ column, descending }, at) => {
    const own = order[at];
    return own !== undefined && own.column === column && own.descending === descending;
  });
}

function batchRoute(
  collection: Collection,
  keyColumns: readonly string[],
): Extract<Route, { kind: 'batch' }> | undefined {
  const [column, ...others] = keyColumns;
  if (column === undefined || others.length > 0) return undefined;
  for (const list of [collection.batch, collection.list]) {
    const filter = list?.filters.find((each) => each.parameter.list && each.column === column);
    if (list && filter && !unboundOf(list, [filter], collection)) return { kind: 'batch', list, filter };
  }
  return undefined;
}

function searchRoute(
  collection: Collection,
  keyColumns: readonly string[],
): Extract<Route, { kind: 'search' | 'whole' }> | undefined {
  const { list, isWhole } = collection;
  const filters = list && boundBy(list, keyColumns, collection);
  if (filters) return { kind: 'search', list, filters };
  return list && isWhole && !unboundOf(list, [], collection) ? { kind: 'whole', list } : undefined;
}

/** The parameters that take the key's columns, in their order; undefined where one has none, or the operation needs more. */
function boundBy(
  operation: ListOperation | GetOperation,
  keyColumns: readonly string[],
  collection: Collection,
): Filter[] | undefined {
  const found = keyColumns.map((column) =>
    operation.filters.find((each) => each.column === column && each.is === 'equals'),
  );
  const all = found.filter((each) => each !== undefined);
  return all.length === keyColumns.length && !unboundOf(operation, all, collection) ? all : undefined;
}

/** A parameter that the operation needs and nothing gives. */
function unboundOf(
  { operation, ...operations }: ListOperation | GetOperation,
  filters: readonly Filter[],
  { constants }: Collection,
): string | undefined {
  const { paging, each } = { paging: undefined, each: undefined, ...operations };
  const given = [...constants.keys(), ...(paging ? pagingParameters(paging) : []), each?.parameter];
  return operation.parameters.find(
    ({ name, in: place, isRequired }) =>
      (isRequired || place === 'path') &&
      !given.includes(name) &&
      !filters.some(({ parameter }) => parameter.name === name),
  )?.name;
}

function noRoute({ list, get, batch, name }: Collection, keyColumns: readonly string[]): Refusal {
  const operations = [batch, list, get].flatMap((each) => (each ? [each.operation.name] : []));
  return `${[...new Set(operations)].join(' and ') || name} cannot be asked by ${keyColumns.join(' and ')}; which parameter is about which column can be said under source.collections`;
}

function named(orderBy: readonly Order[]): string {
  return orderBy.map(({ column, descending }) => `${column}${descending ? ' desc' : ''}`).join(', ');
}
