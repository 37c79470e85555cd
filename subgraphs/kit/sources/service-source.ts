import { GraphQLError } from 'graphql';
import { badInput, systemBadAnswer, systemUnavailable } from '../faults.ts';
import {
  keyOfRow,
  keyText,
  textOf,
  type AskOptions,
  type CollectionShape,
  type Condition,
  type KeyAnswer,
  type KeyQuestion,
  type KeyValue,
  type PageQuestion,
  type QuestionShape,
  type RecordSource,
  type RelatedAnswer,
  type RelatedQuestion,
  type SourceRow,
} from '../record-source.ts';
import { makeCollection, type Collection, type CollectionSettings, type ListOperation } from './service-collection.ts';
import { listsOf, writtenValue, type Filter } from './service-parameters.ts';
import { readRecord, readRecords, type JsonRecord, type Reading } from './service-reading.ts';
import { isOrderOf, keyRoute, pageRoute, relatedRoute, type Refusal, type Route } from './service-routes.ts';
import { rowMaker, sourceColumns, type RowMaker } from './service-rows.ts';
import type { Deadline } from './pause.ts';
import { isAfter, meets, sortRows } from './rows-in-memory.ts';

type Key = readonly KeyValue[];

/** How long a question may take, and what its collections are. */
interface ServiceSettings {
  deadlineMs: number;
  collections: Readonly<Record<string, CollectionSettings>>;
}

/** What one question is asked by. */
interface Asking {
  collection: Collection;
  deadline: Deadline;
  /** What is read of records. */
  columns: readonly string[];
  rows: RowMaker;
  /** What parameters are told beside the keys. */
  values: ReadonlyMap<string, string>;
}

/** Asks a service by what its document says of it. */
export class ServiceSource implements RecordSource {
  readonly #reading: Reading;
  readonly #settings: ServiceSettings;
  readonly #collections = new Map<string, Collection>();

  constructor(reading: Reading, settings: ServiceSettings) {
    this.#reading = reading;
    this.#settings = settings;
  }

  describe(name: string): Promise<CollectionShape> {
    return Promise.try(() => {
      const collection = makeCollection(this.#reading.document, name, this.#settings.collections);
      this.#collections.set(name, collection);
      const { shape, made, list, get, batch } = collection;
      if (shape.isOpen) return { columns: undefined };
      const asked = [list, get, batch].flatMap((each) => each?.filters.map(({ column }) => column) ?? []);
      const names = new Set([...shape.columns.keys(), ...Object.keys(made), ...asked]);
      return { columns: [...names].map((column) => ({ name: column, type: typeOf(collection, column) })) };
    });
  }

  refusalOf(question: QuestionShape): string | undefined {
    const collection = this.#known(question.collection);
    const route =
      question.kind === 'page'
        ? pageRoute(collection, question)
        : (question.kind === 'keys' ? keyRoute : relatedRoute)(collection, question.keyColumns);
    return typeof route === 'string' ? route : undefined;
  }

  async byKeys(question: KeyQuestion, options: AskOptions): Promise<KeyAnswer[]> {
    const { keyColumns, keys, select } = question;
    const asking = this.#asking(question.collection, [...keyColumns, ...select], options);
    const route = possible(keyRoute(asking.collection, keyColumns));
    if (route.kind === 'get') return this.#each(keys, (key) => this.#one(route, question, { key, asking }));
    if (route.kind === 'search')
      return this.#each(keys, async (key) => {
        const rows = await this.#search(route, { key, keyColumns, wanted: 2, asking });
        return theOne(rows, this.#several(question));
      });
    const rows = await this.#together(route, question, asking);
    const byKey = Map.groupBy(rows, (row) => keyOfRow(row, keyColumns));
    const isWhole = rows.every((row) => keyColumns.every((column) => (row[column] ?? null) !== null));
    return keys.map((key) => {
      const found = byKey.get(keyText(key));
      if (found) return theOne(found, this.#several(question));
      // A record that does not say whose it is may be the one that was asked for.
      return isWhole
        ? null
        : systemBadAnswer(`The ${this.#reading.holds} has records without ${keyColumns.join(' and ')}.`);
    });
  }

  async related(question: RelatedQuestion, options: AskOptions): Promise<RelatedAnswer[]> {
    const { keyColumns, keys, select, where, orderBy, first } = question;
    const columns = [...keyColumns, ...select, ...[...where, ...orderBy].map(({ column }) => column)];
    const known = this.#asking(question.collection, columns, options);
    const route = possible(relatedRoute(known.collection, keyColumns));
    const narrowed = narrowedBy(route.list, where);
    if (!narrowed) return keys.map(() => []);
    const asking = { ...known, values: new Map([...known.values, ...narrowed.values]) };
    const isInOrder = isOrderOf(asking.collection, orderBy);
    const firstOf = (rows: readonly SourceRow[]): SourceRow[] => {
      const found = rows.filter((row) => narrowed.left.every((condition) => meets(row, condition)));
      return (isInOrder ? found : sortRows(found, orderBy)).slice(0, first);
    };
    const wanted = isInOrder && narrowed.left.length === 0 ? first : Infinity;
    if (route.kind === 'search')
      return this.#each(keys, async (key) => firstOf(await this.#search(route, { key, keyColumns, wanted, asking })));
    const rows = await this.#together(route, question, { ...asking, each: wanted });
    const byKey = Map.groupBy(rows, (row) => keyOfRow(row, keyColumns));
    return keys.map((key) => firstOf(byKey.get(keyText(key)) ?? []));
  }

  async page(question: PageQuestion, options: AskOptions): Promise<SourceRow[]> {
    const { where, orderBy, after, first, select } = question;
    const columns = [...select, ...where.map(({ column }) => column), ...orderBy.map(({ column }) => column)];
    const asking = this.#asking(question.collection, columns, options);
    const { list, isWhole } = possible(pageRoute(asking.collection, { where, orderBy, hasAfter: after !== null }));
    const narrowed = narrowedBy(list, where);
    if (!narrowed) return [];
    const values = new Map([...asking.values, ...eachOf(list, isWhole ? Infinity : first), ...narrowed.values]);
    refuseUnbound(list, values);
    const { follow } = list.paging;
    if (after !== null && !isWhole && follow.kind === 'after') values.set(follow.parameter, textOf(after[0]!));
    const wanted = isWhole ? Infinity : first;
    const read = { values, columns: asking.columns, wanted, deadline: asking.deadline };
    const records = await readRecords(this.#reading, list, read);
    const rows = records.map((record) => asking.rows(record, new Map()));
    if (!isWhole) return rows;
    const found = rows.filter((row) => narrowed.left.every((condition) => meets(row, condition)));
    return sortRows(found, orderBy)
      .filter((row) => after === null || isAfter(row, after, orderBy))
      .slice(0, first);
  }

  stats(): Record<string, unknown> {
    return { service: { ...this.#reading.service.counts } };
  }

  close(): Promise<void> {
    return this.#reading.service.close();
  }

  /** An answer for each key; the fault of one is no other's. */
  #each<T>(keys: readonly Key[], ask: (key: Key) => Promise<T>): Promise<(T | GraphQLError)[]> {
    return Promise.all(
      keys.map((key) =>
        ask(key).catch((error: unknown) => {
          if (error instanceof GraphQLError) return error;
          throw error;
        }),
      ),
    );
  }

  async #one(
    { get, filters }: Extract<Route, { kind: 'get' }>,
    { keyColumns }: KeyQuestion,
    { key, asking }: { key: Key; asking: Asking },
  ): Promise<KeyAnswer> {
    const bound = boundValues(filters, key);
    if (!bound) return null;
    const values = new Map([...asking.values, ...bound.values]);
    const { columns, deadline } = asking;
    const record = await readRecord(this.#reading, get, { values, columns, deadline });
    if (record === null) return null;
    const row = asking.rows(record, bound.columns);
    if (keyOfRow(row, keyColumns) === keyText(key)) return row;
    return systemBadAnswer(
      `The answer of the ${this.#reading.holds} to ${get.operation.name} cannot be read: it is not the record asked for.`,
    );
  }

  async #search(
    { list, filters }: Extract<Route, { kind: 'search' }>,
    { key, keyColumns, wanted, asking }: { key: Key; keyColumns: readonly string[]; wanted: number; asking: Asking },
  ): Promise<SourceRow[]> {
    const bound = boundValues(filters, key);
    if (!bound) return [];
    const values = new Map([...asking.values, ...eachOf(list, wanted), ...bound.values]);
    const { columns, deadline } = asking;
    const records = await readRecords(this.#reading, list, { values, columns, wanted, deadline });
    const own = Object.fromEntries(keyColumns.map((column, at) => [column, key[at]!]));
    return records.map((record) => asking.rows(record, new Map(Object.entries(own))));
  }

  /** Rows of all keys, and maybe of others. */
  async #together(
    route: Extract<Route, { kind: 'batch' | 'whole' }>,
    { keys }: KeyQuestion,
    { values, deadline, columns, rows, each = Infinity }: Asking & { each?: number },
  ): Promise<SourceRow[]> {
    const read = (list: ListOperation, more: ReadonlyMap<string, readonly string[]>): Promise<JsonRecord[]> =>
      readRecords(this.#reading, list, {
        values: new Map<string, string | readonly string[]>([...values, ...eachOf(list, each), ...more]),
        columns,
        wanted: Infinity,
        deadline,
      });
    if (route.kind === 'whole') return (await read(route.list, new Map())).map((record) => rows(record, new Map()));
    const { list, filter } = route;
    const written = keys.flatMap(([value]) => writtenValue(filter, value!) ?? []);
    const parts = await Promise.all(
      listsOf(filter.parameter, written).map((part) => read(list, new Map([[filter.parameter.name, part]]))),
    );
    return parts.flat().map((record) => rows(record, new Map()));
  }

  #several({ collection }: KeyQuestion): GraphQLError {
    return systemBadAnswer(`The ${this.#reading.holds} has several records with one key in ${collection}.`);
  }

  #asking(name: string, columns: readonly string[], { signal }: AskOptions): Asking {
    if (signal.aborted) throw systemUnavailable(`The ${this.#reading.holds} was not asked: there was no time left.`);
    const { deadlineMs } = this.#settings;
    const collection = this.#known(name);
    return {
      collection,
      columns: sourceColumns(collection, columns),
      rows: rowMaker(collection, [...new Set(columns)]),
      values: collection.constants,
      deadline: {
        endsAtMs: performance.now() + deadlineMs,
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
      },
    };
  }

  /** Every collection is described before it is asked. */
  #known(name: string): Collection {
    return this.#collections.get(name)!;
  }
}

/** Parameters and columns of a key; undefined where a parameter takes no such value, so that there is no such record. */
function boundValues(
  filters: readonly Filter[],
  key: Key,
): { values: Map<string, string>; columns: Map<string, KeyValue> } | undefined {
  const written = filters.map((filter, at) => writtenValue(filter, key[at]!));
  if (written.includes(undefined)) return undefined;
  return {
    values: new Map(filters.map(({ parameter }, at) => [parameter.name, written[at]!])),
    columns: new Map(filters.map(({ column }, at) => [column, key[at]!])),
  };
}

/** What parameters narrow a list by, and what is left; undefined where one takes no such value, so that there is no such record. */
function narrowedBy(
  { filters }: ListOperation,
  where: readonly Condition[],
): { values: Map<string, string>; left: Condition[] } | undefined {
  const values = new Map<string, string>();
  const left: Condition[] = [];
  for (const condition of where) {
    const { column, is, value } = condition;
    const filter = filters.find((each) => each.column === column && each.is === is && !each.parameter.list);
    const written = filter && writtenValue(filter, value);
    if (filter && written === undefined) return undefined;
    if (filter) values.set(filter.parameter.name, written!);
    else left.push(condition);
  }
  return { values, left };
}

/** What says how many records each key may have, where it can be said. */
function eachOf({ each }: ListOperation, wanted: number): [string, string][] {
  return each ? [[each.parameter, String(Math.min(each.max, wanted))]] : [];
}

function theOne(rows: readonly SourceRow[], several: GraphQLError): KeyAnswer {
  return rows.length > 1 ? several : (rows[0] ?? null);
}

/** What cannot be asked is refused at the start. */
function possible<T extends object>(route: T | Refusal): T {
  if (typeof route === 'string') throw new Error(route);
  return route;
}

function refuseUnbound({ operation }: ListOperation, values: ReadonlyMap<string, unknown>): void {
  const missing = operation.parameters.find(({ name, isRequired }) => isRequired && !values.has(name));
  if (missing) throw badInput(`${missing.name} must be given.`);
}

function typeOf({ shape }: Collection, column: string): string | undefined {
  const type = shape.columns.get(column)?.['type'];
  return typeof type === 'string' ? type : undefined;
}
