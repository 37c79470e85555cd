import { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Caller } from '../../gateway/caller.ts';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import type { Refusal } from '../../gateway/errors.ts';
import type { Clock } from '../../gateway/identity/clock.ts';
import { openIdentification, type ProvingRequest } from '../../gateway/identity/identify.ts';

/** A clock that goes when it is told to. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

function stoppedClock(): TestClock {
  let passedMs = 0;
  const startMs = Date.now();
  return {
    wallMs: () => startMs + passedMs,
    steadyMs: () => passedMs,
    advance: (ms) => void (passedMs += ms),
  };
}

/** An identification as the gateway opens it, closed when the test is over. */
export interface Asking {
  clock: TestClock;
  /** The issuers that it told of, and whether with a problem. */
  told: [issuer: string, isAway: boolean][];
  /** What it says about a request with these headers, at once or later. */
  identify(headers: Record<string, string>): Caller | Refusal | Promise<Caller | Refusal>;
  /** What it says about a bearer's token. */
  bearer(token: string): Promise<Caller | Refusal>;
}

export async function openAsking(identity: ConfigInput['identity']): Promise<Asking> {
  const clock = stoppedClock();
  const told: Asking['told'] = [];
  const identification = await openIdentification(resolveConfig({ identity }, {}).identity, {
    clock,
    onIssuer: (issuer, problem) => told.push([issuer, problem !== undefined]),
  });
  onTestFinished(() => identification.close());
  const identify: Asking['identify'] = (headers) => identification.identify(requestWith(headers));
  return { clock, told, identify, bearer: async (token) => identify({ authorization: `Bearer ${token}` }) };
}

/** A request over plain HTTP. */
export function requestWith(headers: Record<string, string>): ProvingRequest {
  return { headers, rawHeaders: Object.entries(headers).flat(), socket: new Socket() };
}

/** A refusal's code, else `accepted`. */
export function outcomeOf(answer: Caller | Refusal): string {
  return 'ok' in answer ? answer.errors.map(({ extensions }) => extensions.code).join() : 'accepted';
}
