import { hash } from 'node:crypto';
import { GatewayFault, type ErrorCode } from '../errors.ts';

/** A column of what is delivered. */
export interface DeliveryColumn {
  readonly name: string;
  /** How the values are told; `json` is a text of JSON. */
  readonly type: 'text' | 'number' | 'boolean' | 'json';
}

/** One value of a row. */
export type DeliveredValue = string | number | boolean | null;

/** A part of what one run of a dispatch gives its recipient. */
export interface Delivery {
  /** `<dispatch>:<run>:<part>`: what comes with the same key again is the same delivery. */
  readonly idempotencyKey: string;
  readonly dispatch: string;
  /** Number of the run within its dispatch, from 1. */
  readonly run: number;
  /** Number of the part within its run, from 1. */
  readonly part: number;
  readonly isLast: boolean;
  /** By which the trail and the departments' logs have all that was asked for the run. */
  readonly queryGroupId: string;
  /** Whether the run's rows are all there are, or only what changed since the run before. */
  readonly content: 'full' | 'changes';
  readonly columns: readonly DeliveryColumn[];
  /** Names of the columns that identify a row. */
  readonly key: readonly string[];
  /** New and changed rows, or all; in the order of `columns`. */
  readonly rows: readonly (readonly DeliveredValue[])[];
  /** Keys of rows that are no more; in the order of `key`. Only in `changes`. */
  readonly removed: readonly (readonly DeliveredValue[])[];
}

/** What a receiver answers once it has a delivery for good. */
export interface Receipt {
  /** Who took it. */
  readonly receiver: string;
  readonly idempotencyKey: string;
  /** {@link digestOf} what was taken. */
  readonly digest: string;
  /** Rows taken, removed ones included. */
  readonly rows: number;
  /** When it was taken first, in ISO 8601. */
  readonly takenAt: string;
  /** Ed25519 over `switchyard receipt`, a line break and the rest as canonical JSON, in hex; absent where the receiver has no key, and the receipt says what the gateway saw. */
  readonly signature?: string;
}

/** Where a recipient's data go. One contract suite runs over each kind. */
export interface Receiver {
  /** What and where, without secrets. */
  readonly description: string;
  /**
   * Takes a delivery; taking the same again changes nothing and answers as the first time. Parts of a run come one after the other.
   * @param signal ends the wait
   * @throws DeliveryError
   */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<Receipt>;
  close(): Promise<void>;
}

/** Codes of what can go wrong with a delivery, and whether trying again is of no use. */
const IS_LASTING = {
  RECEIVER_UNAVAILABLE: false,
  RECEIVER_TIMEOUT: false,
  RECEIVER_FAILED: false,
  RECEIVER_BUSY: false,
  RECEIVER_REFUSED: true,
  RECEIVER_REDIRECTED: true,
  RECEIVER_ANSWER_TOO_LARGE: false,
  RECEIPT_MALFORMED: false,
  RECEIPT_OF_ANOTHER: true,
  RECEIPT_DIGEST_MISMATCH: true,
  RECEIPT_SIGNATURE_INVALID: true,
  DELIVERY_CONFLICT: true,
  DELIVERY_UNFIT: true,
  DELIVERY_TOO_LARGE: true,
  DELIVERY_INCOMPLETE: true,
} as const satisfies Partial<Record<ErrorCode, boolean>>;

/** What can go wrong with a delivery. */
export type DeliveryErrorCode = keyof typeof IS_LASTING;

/** What is known of a delivery error beside its code. */
export interface DeliveryErrorOptions {
  cause?: unknown;
  /** Default: 0 */
  retryAfterMs?: number;
  /** Default: nothing */
  said?: string | undefined;
}

/** A delivery that the receiver does not have for good, as far as can be told. */
export class DeliveryError extends GatewayFault {
  override name = 'DeliveryError';
  /** Whether trying again is of no use. */
  readonly isLasting: boolean;
  /** How long the receiver asks to be left alone; 0 where it does not say. */
  readonly retryAfterMs: number;
  /** What the receiver said of it, for who may see the dispatch: it may hold values, and is in no message. */
  readonly said: string | undefined;

  /** @param detail what happened, for the operator; without secrets and without values of rows */
  constructor(code: DeliveryErrorCode, detail: string, options: DeliveryErrorOptions = {}) {
    super(code, detail, options);
    this.isLasting = IS_LASTING[code];
    this.retryAfterMs = options.retryAfterMs ?? 0;
    this.said = options.said;
  }
}

/** A delivery as canonical JSON (RFC 8785): names in the order of the alphabet, no blanks. */
export function canonicalText(delivery: Delivery): string {
  const { columns, content, dispatch, idempotencyKey, isLast, key, part, queryGroupId, removed, rows, run } = delivery;
  const plainColumns = columns.map(({ name, type }) => ({ name, type }));
  return JSON.stringify({
    ...{ columns: plainColumns, content, dispatch, idempotencyKey, isLast, key },
    ...{ part, queryGroupId, removed, rows, run },
  });
}

/** What the keys of all parts of a run begin with, and of no other run: another dispatch may get the name of one that is gone. */
export function runKeyOf({ idempotencyKey }: Delivery): string {
  return idempotencyKey.slice(0, idempotencyKey.lastIndexOf(':'));
}

/** SHA-256 of {@link canonicalText}, in hex. */
export function digestOf(delivery: Delivery): string {
  return hash('sha256', canonicalText(delivery));
}

/** The receipt for a delivery that is taken now, by a receiver that makes none itself. */
export function receiptFor(delivery: Delivery, receiver: string): Receipt {
  const { idempotencyKey, rows, removed } = delivery;
  const takenAt = new Date().toISOString();
  return { receiver, idempotencyKey, digest: digestOf(delivery), rows: rows.length + removed.length, takenAt };
}

/** Waits for a receiver no longer than the signal allows, also where what is under way cannot be stopped. */
export async function withinSignal<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(new DeliveryError('RECEIVER_TIMEOUT', '', { cause: signal.reason }));
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
