import type { TrailEntry } from '../../gateway/audit/entry.ts';
import type { Trail } from '../../gateway/audit/trail.ts';
import { GatewayFault } from '../../gateway/errors.ts';

/** What was handed to a trail. */
export interface Kept {
  entry: TrailEntry;
  subjects: readonly string[];
  when: 'before-answer' | 'soon';
}

/** A trail in memory that a test looks into, and can break. */
export class KeptTrail implements Pick<Trail, 'write' | 'health'> {
  readonly kept: Kept[] = [];
  /** `broken`: nothing can be written, and it knows; `breaking`: it does not know yet. */
  state: 'up' | 'breaking' | 'broken' = 'up';

  write(entry: TrailEntry, subjects: readonly string[], when: Kept['when'] = 'before-answer'): Promise<void> {
    if (this.state !== 'up') return Promise.reject(new GatewayFault('TRAIL_UNAVAILABLE', 'The disk is full.'));
    // As JSON has it.
    this.kept.push({ entry: JSON.parse(JSON.stringify(entry)) as TrailEntry, subjects, when });
    return Promise.resolve();
  }

  health(): ReturnType<Trail['health']> {
    return { up: this.state !== 'broken', store: 'memory', isDurable: false, waiting: 0 };
  }

  /** The record of the last request. */
  get last(): Kept {
    return this.kept.at(-1)!;
  }
}
