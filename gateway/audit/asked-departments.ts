import { GatewayFault } from '../errors.ts';
import { requestBody, type Fetcher, type SubgraphAnswer, type SubgraphRequest } from '../execute/fetcher.ts';
import type { AnswerText } from '../message.ts';
import { digestOf, type Digests } from './digest.ts';
import type { TrailFetch } from './entry.ts';
import type { SubjectFinder } from './subject-finder.ts';

interface Asked {
  request: SubgraphRequest;
  beganMs: number;
  endedMs: number | undefined;
  answer: SubgraphAnswer | undefined;
  error: string | undefined;
}

/** What departments were asked for one request, and what they answered. */
export class AskedDepartments {
  readonly #asked: Asked[] = [];

  /** Whether a department was asked to change something. */
  get hasChanged(): boolean {
    return this.#asked.some(({ request }) => request.template.operationKind === 'mutation');
  }

  /** A fetcher that asks as the other does, and is looked at. */
  watch(fetcher: Fetcher): Fetcher {
    return (request, deadline) => {
      const asked: Asked = {
        request,
        beganMs: performance.now(),
        endedMs: undefined,
        answer: undefined,
        error: undefined,
      };
      this.#asked.push(asked);
      const answering = fetcher(request, deadline);
      // Whoever asked looks at the answer after this, and at its absence too.
      answering.then(
        (answer) => {
          asked.endedMs = performance.now();
          asked.answer = answer;
        },
        (error: unknown) => {
          asked.endedMs = performance.now();
          asked.error = error instanceof GatewayFault ? error.code : 'INTERNAL_SERVER_ERROR';
        },
      );
      return answering;
    };
  }

  /** Adds the names of the entities that were answered. */
  findSubjects(finder: SubjectFinder, found: Set<string>): void {
    for (const { request, answer } of this.#asked) if (answer) finder.find(request, answer, found);
  }

  /** What the trail holds of it, in the order in which they were asked. */
  fetches(digests: Digests): TrailFetch[] {
    return this.#asked.map((asked) => toFetch(asked, digests));
  }
}

function toFetch(
  { request, beganMs, endedMs = performance.now(), answer, error }: Asked,
  digests: Digests,
): TrailFetch {
  return {
    department: request.template.service,
    requestDigest: digestOf({ text: requestBody(request), encoding: 'utf8' }),
    ...(answer ? { responseDigest: digests.of(request.template, answerText(answer)) } : {}),
    durationMs: roundedMs(endedMs - beganMs),
    rows: request.template.isEntityFetch ? request.representations.length : 1,
    ...(answer?.remembered ? { remembered: answer.remembered } : {}),
    ...(answer ? { httpStatus: answer.httpStatus } : {}),
    ...(error === undefined ? {} : { error }),
  };
}

function answerText({ body: { bytes, encoding } }: SubgraphAnswer): AnswerText {
  return { text: bytes, encoding: encoding === 'ascii' ? 'utf8' : 'latin1' };
}

/** Microseconds are as much as the clock is good for. */
export function roundedMs(durationMs: number): number {
  return Math.round(durationMs * 1_000) / 1_000;
}
