import type { GraphQLError } from 'graphql';
import { systemBadAnswer } from '../faults.ts';
import { textOf, type SourceValue } from '../record-source.ts';
import { looseName } from './loose-name.ts';
import type { GetOperation, ListOperation } from './openapi-collection.ts';
import { columnIn } from './openapi-columns.ts';
import { asObject, textIn, type OpenApiDocument, type Operation } from './openapi-document.ts';
import { requestPath, type ParameterValues } from './openapi-parameters.ts';
import type { Deadline } from './pause.ts';
import type { RestAnswer, RestConnection } from './rest-connection.ts';

/** A record as it came. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** What a service is asked over, and how far. */
export interface Reading {
  document: OpenApiDocument;
  connection: RestConnection;
  /** The address that the service is below. */
  url: URL;
  /** Pages of one list. More are not read. */
  maxPages: number;
  holds: string;
}

/** Records of one list. More are not kept. */
const MAX_RECORDS = 50_000;

/** One page, as it is asked for. */
interface Page {
  /** From the host on. */
  path: string;
  /** Its number where pages have one. */
  number: number | undefined;
  values: ParameterValues;
}

/** The one record that an operation gives; null where there is none. */
export async function readRecord(
  reading: Reading,
  { operation, record }: GetOperation,
  { values, deadline }: { values: ParameterValues; deadline: Deadline },
): Promise<JsonRecord | null> {
  const answer = await reading.connection.get(
    { operation: operation.name, path: pathOf(reading, operation, values) },
    deadline,
  );
  if (isAbsent(reading, answer, { operation, values })) return null;
  const found = asObject(record === '' ? answer.body : columnIn(asObject(answer.body) ?? {}, record));
  if (found) return found;
  throw unreadable(reading, operation, 'it is no record');
}

/**
 * Records of a list, page by page, until there are as many as are wanted or no more.
 *
 * @param wanted more than these are not needed
 */
export async function readRecords(
  reading: Reading,
  list: ListOperation,
  { values, wanted, deadline }: { values: ParameterValues; wanted: number; deadline: Deadline },
): Promise<JsonRecord[]> {
  const { operation } = list;
  const asked = new Set<string>();
  const records: JsonRecord[] = [];
  let page: Page | undefined = firstPage(reading, list, { values, wanted });
  let before = '';
  while (page) {
    if (asked.has(page.path)) throw unreadable(reading, operation, 'its pages lead in a circle');
    if (asked.size === reading.maxPages)
      throw unreadable(reading, operation, `it has more than ${reading.maxPages} pages`);
    asked.add(page.path);
    const answer: RestAnswer = await reading.connection.get({ operation: operation.name, path: page.path }, deadline);
    if (isAbsent(reading, answer, { operation, values })) return [];
    checkEcho(reading, list, { body: answer.body, page });
    const items = itemsIn(reading, list, answer.body);
    const text = list.paging.follow.kind === 'none' || items.length === 0 ? '' : JSON.stringify(items, plainNumber);
    if (text !== '' && text === before) throw unreadable(reading, operation, 'it gives the same page again');
    before = text;
    records.push(...items);
    if (records.length >= wanted) return records.slice(0, wanted);
    if (records.length > MAX_RECORDS) throw unreadable(reading, operation, `it has more than ${MAX_RECORDS} records`);
    page = nextPage(reading, list, { page, answer, items, soFar: records.length });
  }
  return records;
}

function plainNumber(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function firstPage(
  reading: Reading,
  { operation, paging }: ListOperation,
  { values, wanted }: { values: ParameterValues; wanted: number },
): Page {
  const { follow, size } = paging;
  const all = new Map(values);
  if (size) all.set(size.parameter, String(Math.min(size.max, wanted)));
  if (follow.kind === 'page') all.set(follow.parameter, String(follow.first));
  if (follow.kind === 'offset') all.set(follow.parameter, '0');
  const number = follow.kind === 'page' ? follow.first : undefined;
  return { path: pathOf(reading, operation, all), values: all, number };
}

interface ReadPage {
  page: Page;
  answer: RestAnswer;
  items: readonly JsonRecord[];
  /** Records on this page and all before it. */
  soFar: number;
}

/** Undefined where there is none. */
function nextPage(reading: Reading, list: ListOperation, read: ReadPage): Page | undefined {
  const { operation, paging } = list;
  const { page, answer, items } = read;
  const { follow } = paging;
  if (follow.kind === 'none') return checkedEnd(reading, list, read);
  if (follow.kind === 'link') {
    const link = follow.next === 'Link' ? nextInHeader(answer.link) : textAt(answer.body, follow.next);
    return link === undefined
      ? undefined
      : { ...page, path: pathOfLink(reading, operation, { link, from: page.path }) };
  }
  if (follow.kind === 'cursor') {
    const cursor = textAt(answer.body, follow.next);
    return cursor === undefined
      ? undefined
      : withValue(reading, operation, { page, name: follow.parameter, value: cursor });
  }
  if (isLast(list, read)) return undefined;
  if (follow.kind === 'offset')
    return withValue(reading, operation, { page, name: follow.parameter, value: String(read.soFar) });
  if (follow.kind === 'after') {
    const last = columnIn(items.at(-1)!, follow.column);
    return withValue(reading, operation, { page, name: follow.parameter, value: textOf(last) });
  }
  const number = page.number! + 1;
  return { ...withValue(reading, operation, { page, name: follow.parameter, value: String(number) }), number };
}

/** What promises more than it has ends where it has none; a page that is shorter than it may be is only the last where it says so. */
function isLast({ paging: { size, total } }: ListOperation, { answer, items, soFar, page }: ReadPage): boolean {
  if (items.length === 0) return true;
  const promised = total === undefined ? null : columnIn(asObject(answer.body) ?? {}, total);
  if (typeof promised === 'number') return soFar >= promised;
  return size?.isBounded === true && items.length < Number(page.values.get(size.parameter));
}

/** A list that comes at once must have as many records as it says, and none behind what it could give. */
function checkedEnd(
  reading: Reading,
  { operation, paging }: ListOperation,
  { answer, soFar, page }: ReadPage,
): undefined {
  const promised = paging.total === undefined ? null : columnIn(asObject(answer.body) ?? {}, paging.total);
  if (typeof promised === 'number' && promised !== soFar)
    throw unreadable(reading, operation, `it says that it has ${promised} records and has ${soFar}`);
  if (paging.size && soFar >= Number(page.values.get(paging.size.parameter)))
    throw unreadable(reading, operation, `it has ${soFar} records, and nothing says how to ask for more`);
}

function withValue(
  reading: Reading,
  operation: Operation,
  { page, name, value }: { page: Page; name: string; value: string },
): Page {
  const values = new Map(page.values).set(name, value);
  return { ...page, values, path: pathOf(reading, operation, values) };
}

/** Nobody follows a link to another host: headers that are meant for this one would go there. */
function pathOfLink(reading: Reading, operation: Operation, { link, from }: { link: string; from: string }): string {
  const { url } = reading;
  const target = URL.parse(link, new URL(from, url));
  if (!target) throw unreadable(reading, operation, 'what leads to its next page is no address');
  if (target.origin !== url.origin) throw unreadable(reading, operation, 'its next page is on another host');
  if (!target.pathname.startsWith(`${basePath(url)}/`))
    throw unreadable(reading, operation, 'its next page is not of this service');
  return `${target.pathname}${target.search}`;
}

/** The address of the next page in a header Link (RFC 8288). */
function nextInHeader(link: string | undefined): string | undefined {
  const parts = (link ?? '').slice(0, 10_000).split(/,(?=\s*<)/);
  return parts.find((part) => /;\s*rel="?(?:[^";]*\s)?next\b/i.test(part))?.match(/<([^>]*)>/)?.[1];
}

function textAt(body: unknown, path: string): string | undefined {
  const value = columnIn(asObject(body) ?? {}, path);
  return textIn(value) === '' ? undefined : typeof value === 'number' ? String(value) : textIn(value);
}

function itemsIn(reading: Reading, { operation, items }: ListOperation, body: unknown): JsonRecord[] {
  const list = items === '' ? body : columnIn(asObject(body) ?? {}, items);
  if (!Array.isArray(list)) throw unreadable(reading, operation, `${items === '' ? 'it' : items} is no list`);
  if (!list.every((each) => asObject(each))) throw unreadable(reading, operation, 'it has records that are none');
  return list as JsonRecord[];
}

/**
 * Whether there is no such record. Where the document says that such an answer names what is not there, another 404 comes
 * from whoever sits at a wrong address.
 */
function isAbsent(
  reading: Reading,
  { status, body }: RestAnswer,
  { operation, values }: { operation: Operation; values: ParameterValues },
): boolean {
  if (status === 200) return false;
  const properties = Object.keys(asObject(operation.absent?.['properties']) ?? {});
  for (const [name, value] of values) {
    const echo = properties.find((each) => looseName(each) === looseName(name));
    if (echo !== undefined && String(asObject(body)?.[echo]) !== value)
      throw unreadable(reading, operation, 'HTTP 404 does not name what is not there');
  }
  return true;
}

/** What an answer says of the question must be what was asked: its page, and whose records they are. */
function checkEcho(
  reading: Reading,
  { operation, items, paging }: ListOperation,
  { body, page }: { body: unknown; page: Page },
): void {
  if (items === '') return;
  const told = Object.entries(asObject(body) ?? {});
  const echoOf = (name: string): unknown => told.find(([each]) => looseName(each) === looseName(name))?.[1];
  for (const { name, in: place } of operation.parameters) {
    const isPage = paging.follow.kind === 'page' && name === paging.follow.parameter;
    if (!isPage && place !== 'path') continue;
    const echo = echoOf(name) as SourceValue | undefined;
    if (echo != null && textOf(echo) !== page.values.get(name))
      throw unreadable(reading, operation, `its ${name} is not the one asked for`);
  }
}

function pathOf({ url }: Reading, operation: Operation, values: ParameterValues): string {
  return requestPath(basePath(url), operation, values);
}

function basePath(url: URL): string {
  return url.pathname.replace(/\/$/, '');
}

/** @param what stands behind "cannot be read:" */
function unreadable({ holds }: Pick<Reading, 'holds'>, { name }: Operation, what: string): GraphQLError {
  return systemBadAnswer(`The answer of the ${holds} to ${name} cannot be read: ${what}.`);
}
