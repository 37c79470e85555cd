/** What time it is, in milliseconds; tests bring a clock of their own. */
export interface Clock {
  /** Since 1970, as tokens and dates mean it; it may be set back. */
  wallMs(): number;
  /** Since some moment, and never back: for how long ago something was. */
  steadyMs(): number;
}

export const SYSTEM_CLOCK: Clock = { wallMs: () => Date.now(), steadyMs: () => performance.now() };
