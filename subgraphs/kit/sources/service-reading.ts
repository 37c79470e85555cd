import type { GraphQLError } from 'graphql';
import { systemBadAnswer } from '../faults.ts';
import { textOf, type SourceValue } from '../record-source.ts';
import type { HttpCounts } from './http-connection.ts';
import { looseName } from './loose-name.ts';
import type { GetOperation, ListOperation } from './service-collection.ts';
import { columnIn } from './service-columns.ts';
import { asObject, textIn } from './json-values.ts';
import type { Operation, ServiceDocument } from './service-document.ts';
import type { ParameterValues } from './service-parameters.ts';
import type { Deadline } from './pause.ts';

/** A record as it came. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** What a service answered. */
export interface ServiceAnswer {
  /** Whether it says that there is no such record. */
  isAbsent: boolean;
  body: unknown;
  /** The header `Link` (RFC 8288). */
  link: string | undefined;
}

/** One request. */
export interface ServiceRequest {
  operation: Operation;
  values: ParameterValues;
  /** Ways to what is wanted of the answer. */
  select: readonly string[];
  /** Where the answer before it said so, in place of the operation's own. */
  path?: string | undefined;
}

/** How a service is asked, over its own protocol. */
export interface ServicePort {
  /** The address that paths are below. */
  url: URL;
  /** What it was asked since the start. */
  counts: Readonly<HttpCounts>;
  /** What tells requests apart: the path and query, where they have those. */
  pathOf(request: ServiceRequest): string;
  /** @throws GraphQLError SYSTEM_UNAVAILABLE, SYSTEM_BAD_ANSWER or SYSTEM_REFUSED */
  ask(request: ServiceRequest, deadline: Deadline): Promise<ServiceAnswer>;
  close(): Promise<void>;
}

/** What a service is asked over, and how far. */
export interface Reading {
  document: ServiceDocument;
  service: ServicePort;
  /** Pages of one list. More are not read. */
  maxPages: number;
  holds: string;
}

/** Records of one list. More are not kept. */
const MAX_RECORDS = 50_000;

/** One page, as it is asked for. */
interface Page extends ServiceRequest {
  /** Its number where pages have one. */
  number: number | undefined;
}

/** What is asked of a list. */
interface ListQuestion {
  values: ParameterValues;
  /** What is wanted of its records. */
  columns: readonly string[];
  /** More than these are not needed. */
  wanted: number;
}

function within(path: string, column: string): string {
  return path === '' ? column : `${path}.${column}`;
}

/** The one record that an operation gives; null where there is none. */
export async function readRecord(
  reading: Reading,
  { operation, record }: GetOperation,
  { values, columns, deadline }: { values: ParameterValues; columns: readonly string[]; deadline: Deadline },
): Promise<JsonRecord | null> {
  const select = columns.map((column) => within(record, column));
  const answer = await reading.service.ask({ operation, values, select }, deadline);
  if (isAbsent(reading, answer, { operation, values })) return null;
  const body = asObject(answer.body);
  const inside = body && record !== '' ? columnIn(body, record) : undefined;
  if (inside === null) return null;
  const found = record === '' ? body : asObject(inside);
  if (found) return found;
  throw unreadable(reading, operation, 'it is no record');
}

/** Records of a list, page by page, until there are as many as are wanted or no more. */
export async function readRecords(
  reading: Reading,
  list: ListOperation,
  { wanted, deadline, ...asked }: ListQuestion & { deadline: Deadline },
): Promise<JsonRecord[]> {
  const { operation } = list;
  const paths = new Set<string>();
  const records: JsonRecord[] = [];
  let page: Page | undefined = firstPage(list, { ...asked, wanted });
  let before = '';
  while (page) {
    const path = reading.service.pathOf(page);
    if (paths.has(path)) throw unreadable(reading, operation, 'its pages lead in a circle');
    if (paths.size === reading.maxPages)
      throw unreadable(reading, operation, `it has more than ${reading.maxPages} pages`);
    paths.add(path);
    const answer: ServiceAnswer = await reading.service.ask(page, deadline);
    if (isAbsent(reading, answer, { operation, values: asked.values })) return [];
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

function firstPage({ operation, paging, items }: ListOperation, { values, columns, wanted }: ListQuestion): Page {
  const { follow, size } = paging;
  const all = new Map(values);
  if (size) all.set(size.parameter, String(Math.min(size.max, wanted)));
  if (follow.kind === 'page') all.set(follow.parameter, String(follow.first));
  if (follow.kind === 'offset') all.set(follow.parameter, '0');
  const number = follow.kind === 'page' ? follow.first : undefined;
  const of = [paging.total, 'next' in follow && follow.next !== 'Link' ? follow.next : undefined];
  const select = [...columns.map((column) => within(items, column)), ...of.filter((path) => path !== undefined)];
  return { operation, values: all, select, number };
}

interface ReadPage {
  page: Page;
  answer: ServiceAnswer;
  items: readonly JsonRecord[];
  /** Records on this page and all before it. */
  soFar: number;
}

/** Undefined where there is none. */
function nextPage(reading: Reading, list: ListOperation, read: ReadPage): Page | undefined {
  const { page, answer, items } = read;
  const { follow } = list.paging;
  if (follow.kind === 'none') return checkedEnd(reading, list, read);
  if (follow.kind === 'link') {
    const link = follow.next === 'Link' ? nextInHeader(answer.link) : textAt(answer.body, follow.next);
    return link === undefined ? undefined : { ...page, path: pathOfLink(reading, { link, from: page }) };
  }
  if (follow.kind === 'cursor') {
    const cursor = textAt(answer.body, follow.next);
    return cursor === undefined ? undefined : withValue(page, follow.parameter, cursor);
  }
  if (isLast(list, read)) return undefined;
  if (follow.kind === 'offset') return withValue(page, follow.parameter, String(read.soFar));
  if (follow.kind === 'after') {
    const last = columnIn(items.at(-1)!, follow.column);
    return withValue(page, follow.parameter, textOf(last));
  }
  const number = page.number! + 1;
  return { ...withValue(page, follow.parameter, String(number)), number };
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

function withValue(page: Page, name: string, value: string): Page {
  return { ...page, values: new Map(page.values).set(name, value) };
}

/** Nobody follows a link to another host: headers that are meant for this one would go there. */
function pathOfLink(reading: Reading, { link, from }: { link: string; from: Page }): string {
  const { operation } = from;
  const { url } = reading.service;
  const target = URL.parse(link, new URL(reading.service.pathOf(from), url));
  if (!target) throw unreadable(reading, operation, 'what leads to its next page is no address');
  if (target.origin !== url.origin) throw unreadable(reading, operation, 'its next page is on another host');
  if (!target.pathname.startsWith(`${url.pathname.replace(/\/$/, '')}/`))
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
  { isAbsent: isMissing, body }: ServiceAnswer,
  { operation, values }: { operation: Operation; values: ParameterValues },
): boolean {
  if (!isMissing) return false;
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

/** @param what stands behind "cannot be read:" */
function unreadable({ holds }: Pick<Reading, 'holds'>, { name }: Operation, what: string): GraphQLError {
  return systemBadAnswer(`The answer of the ${holds} to ${name} cannot be read: ${what}.`);
}
