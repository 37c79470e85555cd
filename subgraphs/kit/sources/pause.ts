import { setTimeout as delay } from 'node:timers/promises';

/** When a wait must end. */
export interface Deadline {
  /** By the clock of `performance.now()`. */
  endsAtMs: number;
  signal: AbortSignal;
}

/** The system asked to wait for longer than the request may take. */
export class PausedError extends Error {
  override name = 'PausedError';
  /** Until the system may be asked again. */
  readonly waitMs: number;

  constructor(waitMs: number) {
    super(`paused for another ${waitMs} ms`);
    this.waitMs = waitMs;
  }
}

/** One pause for all requests to a system: where one was told to wait, the others need not be told too. */
export interface Pause {
  /** Nobody is to ask for so long. */
  begin(forMs: number): void;
  /**
   * Returns when the system may be asked.
   * @throws PausedError at once when that is after the deadline
   */
  over(deadline: Deadline): Promise<void>;
}

/** A mistaken answer must not silence a department for a day. */
const MAX_PAUSE_MS = 60_000;
/** Several programs that were told to wait for a second should not all come back in the same instant. */
const MAX_JITTER_MS = 100;

export function createPause(): Pause {
  let untilMs = 0;
  return {
    begin(forMs) {
      const jitterMs = Math.random() * MAX_JITTER_MS;
      untilMs = Math.max(untilMs, performance.now() + Math.min(forMs, MAX_PAUSE_MS) + jitterMs);
    },
    async over({ endsAtMs, signal }) {
      // The pause may be made longer while it is waited for.
      for (let waitMs = untilMs - performance.now(); waitMs > 0; waitMs = untilMs - performance.now()) {
        if (untilMs >= endsAtMs) throw new PausedError(Math.ceil(waitMs));
        await delay(Math.ceil(waitMs), undefined, { signal });
      }
    },
  };
}

/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds or a date.
 * @returns milliseconds; one second when there is none that can be read
 */
export function readRetryAfterMs(header: unknown, nowMs: number): number {
  if (typeof header !== 'string') return 1_000;
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? 1_000 : Math.max(0, dateMs - nowMs);
}
