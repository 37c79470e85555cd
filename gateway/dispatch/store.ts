import type { Receipt } from './delivery.ts';
import type {
  Claim,
  Dispatch,
  DispatchEvent,
  DispatchState,
  KeptContent,
  KeptDelivery,
  NumberedEvent,
  Reason,
  Run,
  RunReason,
} from './dispatch.ts';
import type { DispatchDefinition } from './definition.ts';

/** How many times the while that nothing may change a run waits for at most. */
export const MAX_SETTLING = 10;

/** What changes of a dispatch. Left out: it stays. */
export interface DispatchChange {
  definition?: DispatchDefinition;
  department?: string | undefined;
  revision?: number;
  state?: DispatchState;
  stateReason?: Reason | undefined;
  nextAtMs?: number | undefined;
  pendingAtMs?: number | undefined;
  pendingReason?: RunReason | undefined;
  /** It is tried again at once. */
  retryAtMs?: number | undefined;
  currentRun?: number | undefined;
  hasBaseline?: boolean;
}

/** Which dispatches, or events, are meant. Left out: all. */
export interface DispatchFilter {
  department?: string;
  madeBy?: string;
}

/** A row of which it is known that the recipient has it. */
export interface KnownRow {
  keyDigest: string;
  rowDigest: string;
  /** The values of its key, as JSON. */
  key: string;
}

/** What the recipient has by a part: it counts once the run has ended so. */
export interface PartRows {
  rows: readonly KnownRow[];
  /** Digests of the keys of those that are no more. */
  removed: readonly string[];
}

/** How a run ends. */
export interface RunEnd {
  run: Run;
  /** Whether the recipient has from now on what its parts were taken with, and nothing beside or what it had before. Default: as before */
  has?: 'all' | 'changes' | undefined;
  /** Whether it cannot be told any more what the recipient has: the next run gives all there is. Default: no. */
  losesBaseline?: boolean;
  /** How the dispatch stands from now on. Left out: as before. */
  state?: 'ACTIVE' | 'STOPPED';
  stateReason?: Reason | undefined;
  /** Whether what was not taken stays, to be replayed. Default: no. */
  keepsContent?: boolean;
  events: readonly DispatchEvent[];
}

/** How all dispatches stand together. */
export interface Standing {
  /** How many there are in each state. */
  states: Readonly<Record<DispatchState, number>>;
  /** Those whose newest run is dead, was not given up, and can be replayed. */
  deadRuns: number;
  /** When the first of those that run was or will be due, or the first run that is not over was. Undefined: there is none. */
  firstDueAtMs: number | undefined;
}

/**
 * Where dispatches are kept. What a gateway writes under a claim is only written while it has it: it gets false where it has it no more.
 * Every method throws the database's errors.
 */
export interface DispatchStore {
  /** What and where, without passwords. */
  readonly description: string;

  /** False where there is one of its name. */
  add(dispatch: Dispatch, event: DispatchEvent): Promise<boolean>;
  find(id: string): Promise<Dispatch | undefined>;
  /** In the order of their names. */
  list(filter: DispatchFilter, limit: number): Promise<Dispatch[]>;
  /**
   * Changes one that nobody has changed since it was read; where its definition or its run is changed, one that is not being run. False
   * where it is not so. Who forgets what the recipient has (`hasBaseline: false`) forgets it for good.
   *
   * @param run one that changes with it
   */
  change(read: Dispatch, change: DispatchChange, event: DispatchEvent, run?: Run): Promise<boolean>;
  /** Removes one with its runs; its events stay. False where it is being run. */
  remove(read: Dispatch, event: DispatchEvent): Promise<boolean>;
  /** Asks for a run beside the trigger's, also while one is under way. */
  ask(id: string, reason: RunReason, atMs: number): Promise<void>;

  /** Those that are, or were and may be again, run on change. */
  watching(): Promise<Dispatch[]>;
  /**
   * Something that one watches has changed: it is due once nothing has for a while, at most {@link MAX_SETTLING} times as long after the
   * first change.
   */
  noteChange(id: string, nowMs: number, settleMs: number): Promise<void>;

  /** Takes one that is due, for itself alone; undefined where none is. */
  claim(holder: string, nowMs: number, leaseMs: number): Promise<Claim | undefined>;
  renew(claim: Claim, untilMs: number): Promise<boolean>;
  /** Lets go of one that is not carried on: another gateway takes it at once. */
  release(claim: Claim): Promise<void>;
  /** Ends a dispatch whose time is over, with the run that was not. */
  expire(claim: Claim, event: DispatchEvent, run?: Run): Promise<boolean>;

  /** Begins a run: the next one of its dispatch. */
  begin(claim: Claim, run: Run, nextAtMs: number | undefined): Promise<boolean>;
  /** Writes how a run stands. */
  update(claim: Claim, run: Run): Promise<boolean>;
  /** Lets go of what is kept of a run. */
  clear(claim: Claim, run: number): Promise<boolean>;
  keep(claim: Claim, run: number, part: number, content: KeptContent): Promise<boolean>;
  /** The receipt for a part came. @param has left out where it is not to be known */
  take(claim: Claim, run: Run, taken: { part: number; receipt: Receipt; has?: PartRows | undefined }): Promise<boolean>;
  /** A run is to be tried again. */
  retry(claim: Claim, run: Run, retryAtMs: number, event: DispatchEvent): Promise<boolean>;
  end(claim: Claim, end: RunEnd): Promise<boolean>;

  /**
   * What the recipient has of these rows, by the digests of their keys: the digests of the rows. They are marked to be there still.
   */
  mark(claim: Claim, keyDigests: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Keys, as JSON, of rows that the recipient has and that were not marked under this claim. */
  unmarked(claim: Claim, after: string, limit: number): Promise<{ keyDigest: string; key: string }[]>;

  run(dispatchId: string, number: number): Promise<Run | undefined>;
  /** The newest first. @param before number of a run */
  runs(dispatchId: string, limit: number, before?: number): Promise<Run[]>;
  deliveries(dispatchId: string, run: number): Promise<Omit<KeptDelivery, 'content'>[]>;
  delivery(dispatchId: string, run: number, part: number): Promise<KeptDelivery | undefined>;
  /** In their order. @param after number of an event */
  events(filter: DispatchFilter, after: number, limit: number): Promise<NumberedEvent[]>;
  standing(): Promise<Standing>;
  close(): Promise<void>;
}
