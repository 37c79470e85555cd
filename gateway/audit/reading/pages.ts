import { GraphQLError } from 'graphql';
import type { TrailQuery, TrailRecord } from '../entry.ts';
import type { Trail } from '../trail.ts';
import { cursorOf, readCursor, upTo } from './cursor.ts';
import { newestRecords } from './newest.ts';
import type { Rows } from './rows.ts';

/** What every field of the trail is asked with. */
export interface PageArguments {
  first?: number | null;
  after?: string | null;
  offset?: number | null;
  since?: string | null;
  until?: string | null;
}

/** A part of the records that a caller is given. */
export interface Page {
  readonly records: readonly TrailRecord[];
  readonly hasMore: boolean;
  readonly endCursor: string | null;
  /** Counts only where it is asked for. */
  total(): Promise<number | null>;
}

const MAX_FIRST = 1_000;
const MAX_OFFSET = 10_000;
const MAX_TOTAL = 10_000;

/**
 * Reads one page of a caller's records.
 *
 * @throws GraphQLError BAD_USER_INPUT where an argument is out of bounds or cannot be read; GatewayFault TRAIL_UNAVAILABLE
 */
export async function readPage(trail: Pick<Trail, 'find'>, rows: Rows, given: PageArguments): Promise<Page> {
  const first = checkRange('first', given.first ?? 20, { min: 1, max: MAX_FIRST });
  const offset = checkRange('offset', given.offset ?? 0, { min: 0, max: MAX_OFFSET });
  const since = readTime('since', given.since);
  const before = placeOf(given);
  const wanted = offset + first + 1;
  const found = await take(shownRecords(trail, rows, { since, before, portion: Math.min(wanted, MAX_FIRST) }), wanted);
  const records = found.slice(offset, offset + first);
  const last = records.at(-1);
  return {
    records: records.map(rows.view),
    hasMore: found.length === wanted,
    endCursor: last ? cursorOf(last) : null,
    async total() {
      // All of them have been read then.
      if (given.after == null && found.length < wanted) return found.length;
      const until = readTime('until', given.until);
      const all = shownRecords(trail, rows, {
        since,
        before: until === undefined ? until : upTo(until),
        portion: MAX_FIRST,
      });
      const { length } = await take(all, MAX_TOTAL + 1);
      return length > MAX_TOTAL ? null : length;
    },
  };
}

async function* shownRecords(
  trail: Pick<Trail, 'find'>,
  rows: Rows,
  stretch: Parameters<typeof newestRecords>[2],
): AsyncGenerator<TrailRecord> {
  for await (const record of newestRecords(trail, rows.sought, stretch)) if (rows.shows(record)) yield record;
}

async function take<Item>(items: AsyncIterable<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  for await (const item of items) if (taken.push(item) === count) break;
  return taken;
}

/** Where reading begins: behind the cursor, which says as much as a time does and more. */
function placeOf({ after, until }: PageArguments): TrailQuery['before'] {
  const time = readTime('until', until);
  if (after == null) return time === undefined ? undefined : upTo(time);
  const place = readCursor(after);
  if (!place) throw badInput('after is no endCursor of the trail.');
  return time === undefined || place.logTime <= time ? place : upTo(time);
}

function checkRange(name: string, value: number, { min, max }: { min: number; max: number }): number {
  if (value < min || value > max) throw badInput(`${name} is ${value}; it must be from ${min} to ${max}.`);
  return value;
}

/** @returns as the trail writes times, so that they can be compared as texts */
function readTime(name: string, text: string | null | undefined): string | undefined {
  if (text == null) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw badInput(`${name} is no time such as 2026-07-01T12:00:00Z.`);
  return time.toISOString();
}

/** The caller's mistake. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
