import type { TrailQuery, TrailRecord } from '../entry.ts';
import { byNewest } from '../find.ts';
import type { Trail } from '../trail.ts';

/** Whom or what records are looked for by. */
export type Sought = Pick<TrailQuery, 'by' | 'of'>;

/** Which part of the trail is read, and in which portions. */
export interface Stretch {
  since?: string | undefined;
  before?: TrailQuery['before'];
  /** Records that are asked for at once. */
  portion: number;
}

/**
 * Records that fit any of what is sought, each once, the newest first. No more of the trail is read than is taken.
 *
 * @throws GatewayFault TRAIL_UNAVAILABLE
 */
export async function* newestRecords(
  trail: Pick<Trail, 'find'>,
  sought: readonly Sought[],
  { since, before, portion }: Stretch,
): AsyncGenerator<TrailRecord> {
  let last = before;
  for (;;) {
    const limits = { limit: portion, ...(since === undefined ? {} : { since }), ...(last ? { before: last } : {}) };
    const found = await Promise.all(sought.map((each) => trail.find({ ...each, ...limits })));
    const known = new Map(found.flat().map((record) => [`${record.chain} ${record.seq}`, record]));
    // What comes after a full portion of one may belong before the rest of another.
    const records = [...known.values()].sort(byNewest).slice(0, portion);
    yield* records;
    if (records.length < portion) return;
    last = records.at(-1);
  }
}
