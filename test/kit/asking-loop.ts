import { onTestFinished, vi } from 'vitest';
import { ask, type Answer } from './ask.ts';

/** An answer and when it was asked for and there, by the clock of `performance.now()`. */
export interface TimedAnswer extends Answer {
  askedAtMs: number;
  answeredAtMs: number;
}

/** Requests that go on while a test does something to who answers them. */
export interface AskingLoop {
  /** In the order in which they came. */
  answers: readonly TimedAnswer[];
  /** Resolves once there are so many answers. */
  reached(count: number): Promise<void>;
  /** Resolves once there is an answer that was asked for from now on and fits. */
  next(fits: (answer: TimedAnswer) => boolean): Promise<TimedAnswer>;
  /** Asks nothing more; resolves once all is answered. */
  end(): Promise<readonly TimedAnswer[]>;
}

const PATIENCE = { timeout: 20_000, interval: 5 };

/**
 * Sends one operation over and over, within one test.
 *
 * @param atOnce requests under way at a time
 */
export function keepAsking(url: string, query: string, atOnce: number): AskingLoop {
  const answers: TimedAnswer[] = [];
  let ended = false;
  const askOn = async (): Promise<void> => {
    while (!ended) {
      const askedAtMs = performance.now();
      const answer = await ask(url, query);
      answers.push({ ...answer, askedAtMs, answeredAtMs: performance.now() });
    }
  };
  // A test that fails in between never comes to `end`.
  onTestFinished(() => void (ended = true));
  const lanes = Promise.all(Array.from({ length: atOnce }, askOn));
  /** A lane that fails would otherwise be waited for in vain. */
  const orFailure = <T>(wanted: Promise<T>): Promise<T> =>
    Promise.race([wanted, lanes.then(() => Promise.reject(new Error('the loop has ended')))]);
  return {
    answers,
    async reached(count) {
      await orFailure(vi.waitUntil(() => answers.length >= count, PATIENCE));
    },
    async next(fits) {
      const nowMs = performance.now();
      const find = (): TimedAnswer | undefined => answers.find((answer) => answer.askedAtMs >= nowMs && fits(answer));
      return orFailure(vi.waitUntil(find, PATIENCE));
    },
    async end() {
      ended = true;
      await lanes;
      return answers;
    },
  };
}
