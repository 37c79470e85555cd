import { relative } from 'node:path';
import { StartError } from '../program.ts';
import type { RecordSource, SourceRow } from '../record-source.ts';
import { SOURCE_KINDS } from '../source-kinds.ts';
import {
  collectionSettings,
  makeCollection,
  type Collection,
  type CollectionSettings,
} from '../sources/service-collection.ts';
import type { Operation, ServiceDocument } from '../sources/service-document.ts';
import { keyRoute, pageRoute, relatedRoute } from '../sources/service-routes.ts';
import { findService, type FoundService } from './find-service.ts';
import { leafColumns } from './leaf-columns.ts';
import { surveyRows, type SurveyedRows } from './row-survey.ts';
import type { CollectionLimits, Survey, SurveyedCollection, SurveyedReference, SurveyOptions } from './survey.ts';

/** For the first records of each list. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Records of each list that are looked at. */
const LOOKED_AT_RECORDS = 100;

export interface ServiceOptions extends SurveyOptions {
  /** Sent with each request, as the manifest has them: what may be secret is a reference to the environment. */
  headers: Readonly<Record<string, string>>;
  /** What they are. */
  headerValues: Readonly<Record<string, string>>;
}

/**
 * Looks at a service by its OpenAPI document or WSDL, and at the first records of each list where the service answers.
 *
 * @param location the document's path or address
 * @throws StartError where it is no such document, or has nothing to be asked
 */
export async function surveyService(location: string, options: ServiceOptions): Promise<Survey> {
  const { folder, headers, headerValues, signal, progress } = options;
  const isAddress = /^https?:\/\//i.test(location);
  const found = await findService({ location, folder, headers: headerValues });
  const { kind, document, title } = found;
  const leftOut: string[] = [];
  const service = await openService(location, found.kind, { ...options, leftOut });
  try {
    const scope: ServiceScope = { document, source: service, leftOut, settings: {} };
    const all = collectionsOf(document, leftOut);
    const collections = new Map<string, SurveyedCollection>();
    for (const collection of all) {
      signal.throwIfAborted();
      progress(collection.name, 0);
      const surveyed = await surveyCollection(scope, collection);
      if (surveyed) collections.set(collection.name, surveyed);
    }
    const related = all.flatMap((collection): SurveyedCollection[] => {
      const surveyed = collections.get(collection.name);
      if (!surveyed) return [];
      // What is said under the service's own name may have another in the manifest.
      const references = relationOf(collection, all).map((each) => ({
        ...each,
        to: collections.get(each.to)?.from ?? each.to,
      }));
      return [{ ...surveyed, references }];
    });
    const settings = {
      document: isAddress ? location : relative(folder, location),
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(Object.keys(scope.settings).length > 0 && { collections: scope.settings }),
    };
    return { kind, settings, system: title ?? location, collections: related, leftOut };
  } finally {
    await service?.close();
  }
}

interface ServiceScope {
  document: ServiceDocument;
  /** Undefined where the document does not say where the service is. */
  source: RecordSource | undefined;
  leftOut: string[];
  /** What the manifest says of collections. */
  settings: Record<string, Partial<CollectionSettings>>;
}

async function openService(
  location: string,
  kindName: FoundService['kind'],
  { folder, headerValues, leftOut }: ServiceOptions & { leftOut: string[] },
): Promise<RecordSource | undefined> {
  const context = { department: 'wrap', holds: 'service', remedy: '', folder, nameOf: String, collections: new Map() };
  const kind = SOURCE_KINDS[kindName]!;
  try {
    const settings = { document: location, headers: headerValues, deadlineMs: ANSWER_TIMEOUT_MS };
    return await kind.open(kind.settings.parse(settings) as never, context);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    leftOut.push(`records of the service, which were not looked at: ${error.message}`);
    return undefined;
  }
}

/** A collection for each operation that gives a list, or one record that no list has an operation for. */
function collectionsOf(document: ServiceDocument, leftOut: string[]): Collection[] {
  const found = document.operations.flatMap((operation): Collection[] => {
    try {
      return [makeCollection(document, operation.name, {})];
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      leftOut.push(`${operation.name}: ${error.message}`);
      return [];
    }
  });
  const lists = found.filter(({ list }) => list);
  const besideLists = new Set(lists.flatMap(({ get }) => get?.operation.name ?? []));
  const gets = found.filter(({ list, get }) => !list && get && !besideLists.has(get.operation.name));
  return [...lists, ...gets];
}

async function surveyCollection(scope: ServiceScope, found: Collection): Promise<SurveyedCollection | undefined> {
  const { leftOut } = scope;
  const columns = leafColumns(scope.document, found.shape, (column, reason) =>
    leftOut.push(`${found.name}.${column}: ${reason}`),
  );
  const names = columns.map(({ name }) => name);
  if (names.length === 0) {
    leftOut.push(`${found.name}: the document does not say what its records have`);
    return undefined;
  }
  const sample = await sampleOf(scope, found, names);
  const rows = await surveyRows(names, (take) => sample.forEach((row) => take(names.map((name) => textIn(row[name])))));
  const declaredKeys = keysOf(found).filter((key) => key.every((column) => names.includes(column)));
  const observedKeys = rows.keys.filter((key) => typeof keyRoute(found, key) !== 'string');
  const key = declaredKeys[0] ?? observedKeys[0];
  const { collection, questions } = listedBy(scope, found, { key, names, sample });
  const limits = limitsOf(collection, key ?? names.slice(0, 1), names);
  if (!limits.isListed && !key && !isNested(found)) {
    leftOut.push(`${found.name}: its records can neither be listed nor be found by a key`);
    return undefined;
  }
  return {
    from: collection.name,
    name: collectionName(found),
    description: (found.list ?? found.get)?.operation.summary,
    rows: isAll(found, sample) ? sample.length : undefined,
    rowsSeen: sample.length,
    columns: columns.map((column, at) => withSeen(column, rows, at)),
    declaredKeys,
    observedKeys,
    references: [],
    rowOrder: names.slice(0, 1),
    indexed: limits.narrowedBy,
    limits,
    questions,
  };
}

/** What the service gives first; nothing where it does not answer. */
async function sampleOf(
  { source, leftOut }: ServiceScope,
  { name, list }: Collection,
  select: readonly string[],
): Promise<SourceRow[]> {
  if (!source || !list) return [];
  const question = { collection: name, select, where: [], orderBy: [], after: null, first: LOOKED_AT_RECORDS };
  try {
    await source.describe(name);
    if (source.refusalOf({ kind: 'page', collection: name, where: [], orderBy: [], hasAfter: false }) !== undefined)
      return [];
    return await source.page(question, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  } catch (error) {
    leftOut.push(`records of ${name}, which were not looked at: ${(error as Error).message}`);
    return [];
  }
}

function textIn(value: SourceRow[string] | undefined): string | undefined {
  return value === null || value === undefined || typeof value === 'object' ? undefined : String(value);
}

/** By what one record is found: what the operation for one takes, and the one that takes several. */
function keysOf(collection: Collection): string[][] {
  const { get, batch, list } = collection;
  const ofGet = get?.filters.filter(({ parameter }) => parameter.in === 'path').map(({ column }) => column) ?? [];
  const ofBatch = [batch, list].flatMap(
    (each) => each?.filters.filter(({ parameter }) => parameter.list).slice(0, 1) ?? [],
  );
  const keys = [ofGet, ...(ofGet.length > 0 ? [] : ofBatch.map(({ column }) => [column]))].filter(
    (key) => key.length > 0,
  );
  return keys.filter((key) => typeof keyRoute(collection, key) !== 'string').slice(0, 1);
}

interface Listing {
  key: readonly string[] | undefined;
  names: readonly string[];
  sample: readonly SourceRow[];
}

/** Lets all be listed that can be: whether a service gives its records in an order, or few enough to be read at once, its document does not say. */
function listedBy(
  scope: ServiceScope,
  found: Collection,
  { key, names, sample }: Listing,
): { collection: Collection; questions: string[] } {
  const orderBy = (key ?? names.slice(0, 1)).map((column) => ({ column, descending: false }));
  const isListed = found.list && typeof pageRoute(found, { where: [], orderBy, hasAfter: false }) !== 'string';
  if (!found.list || isListed || sample.length === 0) return { collection: found, questions: [] };
  const [column] = key ?? [];
  const list = found.list.operation.name;
  if (isAll(found, sample))
    return settled(
      scope,
      found,
      { list, whole: true },
      `It gave ${sample.length} records in all. Will it be so few that any question may read them all? Else take "whole: true" away`,
    );
  if (column === undefined || key!.length > 1 || !isAscending(sample.map((row) => row[column])))
    return {
      collection: found,
      questions: [
        `In which order do the lists of ${list} come? Once source.collections says it, they can be fields of Query`,
      ],
    };
  return settled(
    scope,
    found,
    { list, order: [column] },
    `Do the lists of ${list} come by ${column}? The first ${sample.length} records did`,
  );
}

function settled(
  scope: ServiceScope,
  found: Collection,
  said: Partial<CollectionSettings>,
  question: string,
): { collection: Collection; questions: string[] } {
  const name = collectionName(found);
  if (Object.hasOwn(scope.settings, name) || scope.document.operation(name))
    return { collection: found, questions: [] };
  scope.settings[name] = said;
  const settings = { [name]: collectionSettings.parse(said) };
  return { collection: makeCollection(scope.document, name, settings), questions: [question] };
}

function isAll({ isWhole }: Collection, sample: readonly SourceRow[]): boolean {
  return sample.length > 0 && (isWhole || sample.length < LOOKED_AT_RECORDS);
}

function isAscending(values: readonly unknown[]): boolean {
  return values.length > 1 && values.every((value, at) => at === 0 || (value as string) > (values[at - 1] as string));
}

function limitsOf(collection: Collection, order: readonly string[], names: readonly string[]): CollectionLimits {
  const orderBy = order.map((column) => ({ column, descending: false }));
  const asked = collection.list?.filters.map(({ column }) => column) ?? [];
  const listed = (where: readonly string[], hasAfter: boolean): boolean =>
    typeof pageRoute(collection, { where: where.map((column) => ({ column, is: 'equals' })), orderBy, hasAfter }) !==
    'string';
  return {
    isListed: listed([], false),
    goesOn: listed([], true),
    narrowedBy: new Set(names.filter((column) => listed([column], false))),
    // Also what it is only asked by: whose list it is, say.
    relatedBy: new Set([...names, ...asked].filter((column) => typeof relatedRoute(collection, [column]) !== 'string')),
  };
}

function withSeen<Column extends SurveyedCollection['columns'][number]>(
  column: Column,
  { columns, rows }: SurveyedRows,
  at: number,
): Column {
  const seen = columns[at]!;
  const isLarge = column.leaf === 'Int' && seen.leaf === 'Float';
  return {
    ...column,
    ...(isLarge && { leaf: 'Float' }),
    isNeverEmpty: seen.isNeverEmpty,
    isCategory: rows > 0 && seen.isCategory,
  };
}

/** The last word of a path that is no parameter: `stations` of `/v1/stations/{id}`. */
function collectionName({ name, list, get }: Collection): string {
  const steps = (list ?? get)?.operation.path.split('/').filter((step) => step !== '' && !step.includes('{')) ?? [];
  return steps.at(-1) ?? name;
}

/** Whether its list is another record's. */
function isNested({ list }: Collection): boolean {
  return list !== undefined && parentPath(list.operation) !== undefined;
}

/** `/stations/{id}` of `/stations/{id}/readings`. */
function parentPath({ path }: Operation): string | undefined {
  return /^(.*\/\{[^/]+\})\/[^/{}]+$/.exec(path)?.[1];
}

/** A list below a record belongs to that. */
function relationOf(list: Collection, parents: readonly Collection[]): SurveyedReference[] {
  const path = list.list && parentPath(list.list.operation);
  const parent = parents.find(({ get }) => get?.operation.path === path);
  const [theirs] = parent ? keysOf(parent) : [];
  const parameters = list.list?.filters.filter(({ parameter }) => parameter.in === 'path') ?? [];
  if (!parent || theirs?.length !== 1 || parameters.length !== 1) return [];
  const { column } = parameters[0]!;
  return [{ columns: [column], to: parent.name, theirs, isUnsaid: !list.shape.columns.has(column) }];
}
