import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished, vi } from 'vitest';
import type { Answer } from './ask.ts';

/** How a request ended for who sent it. */
export type Verdict = 'answered' | 'refused' | 'wrong';

/** Figures of a load. */
export interface Tally {
  sent: number;
  answered: number;
  /** By code, those that a rule refused in part or as a whole. */
  refused: Record<string, number>;
  /** Not what it should have been. */
  wrong: number;
  /** Nobody took the connection: not sent. */
  unsent: number;
  /** Sent, and no answer. */
  lost: number;
  longestMs: number;
}

/** Requests that go on while a test does something to who answers them. */
export interface Load {
  readonly tally: Readonly<Tally>;
  /** Resolves once so many more have ended, however that was. */
  pass(count: number): Promise<void>;
  /** Resolves once one has been answered that was sent from now on. */
  answered(): Promise<void>;
  /** Resolves once every lane has left. */
  left(): Promise<unknown>;
  /** Asks nothing more; resolves once all has ended. */
  end(): Promise<Readonly<Tally>>;
}

export interface LoadOptions {
  url: string;
  query: string;
  /** Requests at a time, each on a connection that it keeps. */
  lanes: number;
  /** Whether a lane that is told that its connection ends goes elsewhere, as a load balancer does. Default: it opens another one. */
  leavesWhenTold?: boolean;
  judge(answer: Answer): Verdict;
}

/** Clients that were refused do not come back at once: they would keep departments in this process from answering. */
const PAUSE_MS = 10;
const PATIENCE = { timeout: 30_000, interval: 5 };

/** Sends one operation over and over, within one test, and counts how it ends. */
export function keepLoading({ url, query, lanes, judge, leavesWhenTold = false }: LoadOptions): Load {
  const tally: Tally = { sent: 0, answered: 0, refused: {}, wrong: 0, unsent: 0, lost: 0, longestMs: 0 };
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const body = JSON.stringify({ query });
  let isOver = false;
  let ended = 0;
  let lastAnsweredSentAtMs = 0;
  /** Gives whether the lane goes on. */
  const one = async (): Promise<boolean> => {
    let isKept = true;
    let isUnlucky = false;
    const sentAtMs = performance.now();
    tally.sent += 1;
    try {
      const { answer, endsConnection } = await post(agent, url, body);
      isKept = !endsConnection;
      const verdict = judge(answer);
      if (verdict === 'answered') {
        tally.answered += 1;
        lastAnsweredSentAtMs = Math.max(lastAnsweredSentAtMs, sentAtMs);
      } else if (verdict === 'wrong') tally.wrong += 1;
      else {
        for (const code of codesOf(answer)) tally.refused[code] = (tally.refused[code] ?? 0) + 1;
        isUnlucky = true;
      }
    } catch (error) {
      isUnlucky = true;
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') tally.unsent += 1;
      else tally.lost += 1;
    }
    tally.longestMs = Math.max(tally.longestMs, performance.now() - sentAtMs);
    ended += 1;
    if (isUnlucky) await pause(PAUSE_MS);
    return isKept || !leavesWhenTold;
  };
  const lane = async (): Promise<void> => {
    while (!isOver && (await one()));
  };
  // A test that fails in between never comes to `end`.
  onTestFinished(() => {
    isOver = true;
    agent.destroy();
  });
  const all = Promise.all(Array.from({ length: lanes }, lane));
  return {
    tally,
    async pass(count) {
      const until = ended + count;
      await vi.waitUntil(() => ended >= until, PATIENCE);
    },
    async answered() {
      const nowMs = performance.now();
      await vi.waitUntil(() => lastAnsweredSentAtMs > nowMs, PATIENCE);
    },
    left: () => all,
    async end() {
      isOver = true;
      await all;
      return tally;
    },
  };
}

function codesOf({ errors = [] }: Answer): Set<string> {
  return new Set(errors.map(({ extensions }) => extensions?.code ?? 'no code'));
}

function post(agent: Agent, url: string, body: string): Promise<{ answer: Answer; endsConnection: boolean }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        try {
          const endsConnection = response.headers.connection === 'close';
          resolve({ answer: JSON.parse(text) as Answer, endsConnection });
        } catch (error) {
          reject(error);
        }
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Says what a load came to, for whoever runs the tests. */
export function printTally(name: string, tally: Readonly<Tally>): void {
  const { sent, answered, refused, wrong, unsent, lost, longestMs } = tally;
  const rules = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
  const parts = [`${sent} sent`, `${answered} answered`, `refused by rule: ${rules.join(', ') || 'none'}`];
  console.log(
    `${name}: ${[...parts, `${wrong} wrong`, `${unsent} unsent`, `${lost} lost`, `longest ${Math.round(longestMs)} ms`].join('; ')}`,
  );
}
