import { indexName, allNamesOf, type TrailQuery, type TrailRecord } from './entry.ts';
import { probesOf } from './name-block.ts';
import type { Stretch, TrailStore } from './store.ts';

/** Looks records up, the newest first. `query.of` is a digest where it is about a subject. */
export async function findRecords(store: TrailStore, query: TrailQuery): Promise<TrailRecord[]> {
  const { by, of, since = '', limit } = query;
  const name = indexName(by, of);
  const until = query.before?.logTime;
  const stretches = await store.stretches(by === 'everything' ? [] : probesOf(name), {
    since,
    ...(until === undefined ? {} : { until }),
  });
  let found: TrailRecord[] = [];
  for (const stretch of newestFirst(stretches)) {
    // Nothing that comes now is newer than what there is.
    if (found.length >= limit && stretch.until < found.at(-1)!.logTime) break;
    const texts = await store.scan(stretch, by === 'everything' ? '' : JSON.stringify(of));
    const records = texts.map((text) => JSON.parse(text) as TrailRecord).filter((record) => fits(record, name, query));
    found = [...found, ...records].sort(byNewest).slice(0, limit);
  }
  return found;
}

function fits(record: TrailRecord, name: string, { since, before }: TrailQuery): boolean {
  if (since !== undefined && record.logTime < since) return false;
  if (before && byNewest(record, before) <= 0) return false;
  return allNamesOf(record).includes(name);
}

function newestFirst(stretches: readonly Stretch[]): Stretch[] {
  return [...stretches].sort((a, b) => compare(b.until, a.until));
}

type Place = Pick<TrailRecord, 'logTime' | 'chain' | 'seq'>;

/** Sorts records, the newest first; those of one time by where they stand. */
export function byNewest(a: Place, b: Place): number {
  return compare(b.logTime, a.logTime) || compare(b.chain, a.chain) || b.seq - a.seq;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
