/** Limits repeated requests to a share of all requests, so that a system in trouble is not buried under repetitions. */
export interface RetryBudget {
  /** Counts a first request: it earns a fraction of a repetition. */
  earn(): void;
  /** Whether a repetition may be sent now. */
  allows(): boolean;
  /** Counts a repetition. */
  spend(): void;
}

/**
 * @param share repetitions earned by each first request, for example 0.2
 * @param reserve repetitions that may be saved up; the budget starts with as many
 */
export function createRetryBudget(share: number, reserve: number): RetryBudget {
  let saved = reserve;
  return {
    earn() {
      saved = Math.min(reserve, saved + share);
    },
    allows: () => saved >= 1,
    spend() {
      saved -= 1;
    },
  };
}
