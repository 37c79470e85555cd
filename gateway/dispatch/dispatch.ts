import type { DeliveredValue, DeliveryColumn, Receipt } from './delivery.ts';
import type { DispatchDefinition } from './definition.ts';

/** The states of {@link DispatchState}. */
export const DISPATCH_STATES = ['DRAFT', 'READY', 'ACTIVE', 'PAUSED', 'STOPPED', 'EXPIRED'] as const;

/**
 * How a dispatch stands. `STOPPED`: its last run was refused; each further run asks again, and goes on by itself once the authority is back.
 */
export type DispatchState = (typeof DISPATCH_STATES)[number];

/** What brought a run about. */
export type RunReason = 'CRON' | 'EVERY' | 'CHANGE' | 'HAND' | 'REPLAY';

/** How a run stands; the last four are ends. `DEAD` may be replayed or discarded. */
export type RunState = 'RUNNING' | 'RETRYING' | 'DELIVERED' | 'UNCHANGED' | 'REFUSED' | 'DEAD';

/** Why something is not as it should be. */
export interface Reason {
  /** One of the error catalogue, or of a department. */
  readonly code: string;
  readonly text: string;
  /** The rule that refused, by its id. */
  readonly rule?: string | undefined;
  /** What a receiver said of it. It may hold values: it is for who may see the dispatch, and goes into no log and no trail. */
  readonly said?: string | undefined;
}

/** A dispatch as it is kept. Times are in milliseconds since 1970. */
export interface Dispatch {
  readonly id: string;
  /** The department that its recipient belongs to; who acts for it may change the dispatch. */
  readonly department: string | undefined;
  readonly definition: DispatchDefinition;
  /** Grows with each change of the definition. */
  readonly revision: number;
  readonly state: DispatchState;
  readonly stateReason: Reason | undefined;
  readonly madeBy: string;
  readonly madeAtMs: number;
  /** When the trigger says that it is to run next. */
  readonly nextAtMs: number | undefined;
  /** A run that was asked for beside the trigger's, and from when on. */
  readonly pendingAtMs: number | undefined;
  readonly pendingReason: RunReason | undefined;
  /** Number of the newest run, 0 where there was none. */
  readonly lastRun: number;
  /** The run that is not over. */
  readonly currentRun: number | undefined;
  /** When the current run is tried again; absent where it is not waiting. */
  readonly retryAtMs: number | undefined;
  /** Whether it is known what the recipient has: without, a run gives all there is. */
  readonly hasBaseline: boolean;
}

/** A dispatch that this gateway has for itself for a while. */
export interface Claim {
  readonly dispatch: Dispatch;
  /** Who has it: what is written under an older number comes to nothing. */
  readonly fence: number;
}

/** One carrying out of a dispatch. Times are ISO 8601, UTC. */
export interface Run {
  readonly dispatchId: string;
  /** From 1, within its dispatch. */
  readonly number: number;
  readonly revision: number;
  readonly state: RunState;
  readonly reason: RunReason;
  /** By which the trail and the departments' logs have all that was asked for it. */
  readonly queryGroupId: string;
  readonly content: 'full' | 'changes';
  readonly dueAt: string;
  readonly beganAt: string;
  readonly endedAt?: string | undefined;
  /** How often it was tried, this time included. */
  readonly attempt: number;
  readonly retryAt?: string | undefined;
  readonly why?: Reason | undefined;
  /** Whether somebody gave it up: it is dead, and nobody is waited for to replay it. */
  readonly isGivenUp?: true;
  /** Whether all that is to be delivered is kept. */
  readonly isPrepared: boolean;
  readonly columns?: readonly DeliveryColumn[] | undefined;
  /** Rows that were asked for and given. */
  readonly rowsRead: number;
  /** Rows that go to the recipient. */
  readonly rows: number;
  readonly removed: number;
  readonly parts: number;
  readonly partsTaken: number;
  /** Fields that were left out of what is delivered, by which rule. Only where the definition has it so. */
  readonly leftOut?: readonly Reason[] | undefined;
  /** Fields in whose place others stand, by a rule. */
  readonly masked?: readonly string[] | undefined;
}

/** What of a delivery is kept until it is taken. */
export interface KeptContent {
  readonly rows: readonly (readonly DeliveredValue[])[];
  readonly removed: readonly (readonly DeliveredValue[])[];
  /** Which pages of the answer the rows are from, by the value that a page was asked for with; null: the first. */
  readonly pages: readonly DeliveredValue[];
}

/** A delivery that is kept, with its receipt once it is taken. */
export interface KeptDelivery {
  readonly part: number;
  /** Absent once the run is over. */
  readonly content: KeptContent | undefined;
  readonly receipt: Receipt | undefined;
}

/** What can happen to a dispatch. */
export type DispatchEventKind =
  | ('CREATED' | 'CHANGED' | 'PREVIEWED' | 'ACTIVATED' | 'PAUSED' | 'RESUMED' | 'STOPPED' | 'EXPIRED' | 'DELETED')
  | ('DELIVERED' | 'UNCHANGED' | 'REFUSED' | 'RETRYING' | 'DEAD' | 'REPLAYED' | 'DISCARDED');

/** Something that happened, to be told. */
export interface DispatchEvent {
  readonly kind: DispatchEventKind;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly dispatchId: string;
  readonly name: string;
  readonly recipient: string;
  readonly department: string | undefined;
  /** Who did it; absent where nobody did. */
  readonly by?: string | undefined;
  readonly run?: number | undefined;
  readonly why?: Reason | undefined;
  readonly rows?: number | undefined;
  readonly removed?: number | undefined;
  readonly retryAt?: string | undefined;
}

/** An event with its place in the order of all. */
export interface NumberedEvent extends DispatchEvent {
  /** From 1. */
  readonly number: number;
}

/** The delivery's name by which its receiver knows it again. */
export function idempotencyKey(dispatchId: string, run: number, part: number): string {
  return `${dispatchId}:${run}:${part}`;
}
