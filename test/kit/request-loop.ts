import { onTestFinished, vi } from 'vitest';

/** What became of requests. */
export interface RequestCounts {
  sent: number;
  answered: number;
  /** Answered with another status than 200, with errors, or with other data. */
  wrong: number;
  /** Nobody took their connection: they were not begun. */
  refused: number;
  /** Begun, and never answered. */
  lost: number;
  longestMs: number;
}

/** Requests that go on whatever becomes of them. */
export interface RequestLoop {
  readonly counts: RequestCounts;
  /** Resolves once so many more were answered. */
  answeredMore(count: number): Promise<void>;
  /** Sends nothing more; resolves once nothing is under way. */
  end(): Promise<RequestCounts>;
}

export interface RequestLoopOptions {
  url: string;
  query: string;
  /** Whether an answer's body is as it should be. */
  isRight(body: unknown): boolean;
  /** Requests under way at a time. */
  atOnce: number;
}

const PATIENCE = { timeout: 60_000, interval: 5 };

/** Sends one operation over and over within one test, on connections that are kept, and counts what becomes of it. */
export function keepRequesting({ url, query, isRight, atOnce }: RequestLoopOptions): RequestLoop {
  const counts: RequestCounts = { sent: 0, answered: 0, wrong: 0, refused: 0, lost: 0, longestMs: 0 };
  let isOver = false;
  const request = async (): Promise<void> => {
    const sentAtMs = performance.now();
    counts.sent += 1;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ query }),
      });
      const isGood = isRight(await response.json()) && response.status === 200;
      counts.answered += 1;
      if (!isGood) counts.wrong += 1;
    } catch (error) {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {};
      if (code === 'ECONNREFUSED') {
        counts.refused += 1;
        // Nobody is there: asking on would only count how quick that is.
        await new Promise((resolve) => setImmediate(resolve));
      } else counts.lost += 1;
    }
    counts.longestMs = Math.max(counts.longestMs, Math.round(performance.now() - sentAtMs));
  };
  const lane = async (): Promise<void> => {
    while (!isOver) await request();
  };
  const lanes = Promise.all(Array.from({ length: atOnce }, lane));
  // A test that fails in between never comes to `end`.
  onTestFinished(() => void (isOver = true));
  return {
    counts,
    async answeredMore(count) {
      const wanted = counts.answered + count;
      await vi.waitUntil(() => counts.answered >= wanted, PATIENCE);
    },
    async end() {
      isOver = true;
      await lanes;
      return counts;
    },
  };
}
