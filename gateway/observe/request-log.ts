import type { RequestLogConfig } from '../config/log.ts';
import { errorCodes } from '../errors.ts';
import type { Log } from './log.ts';
import type { ObservedRequest, RequestObserver } from './observed-request.ts';
import { outcomeOf } from './outcome.ts';

/** What rules withhold is the right answer, and no failure. */
const BY_RULE: ReadonlySet<string> = new Set(['UNAUTHORIZED_FIELD_OR_TYPE', 'CONSENT_REQUIRED']);

/** Writes a line for each request that the settings ask for: by names, codes and digests, never a value or a variable. */
export class RequestLog implements RequestObserver {
  readonly #log: Pick<Log, 'info' | 'warn'>;
  readonly #wanted: ReadonlySet<string>;
  readonly #slowMs: number;

  constructor(log: Pick<Log, 'info' | 'warn'>, { requests, slowMs }: RequestLogConfig) {
    this.#log = log;
    this.#wanted = new Set(requests);
    this.#slowMs = slowMs;
  }

  ended(request: ObservedRequest): void {
    const { beganMs, endedMs } = request;
    const isSlow = endedMs - beganMs >= this.#slowMs;
    const isNotable = (isSlow && this.#wanted.has('slow')) || (this.#wanted.has('failed') && hasFailed(request));
    if (isNotable) this.#log.warn(lineOf(request), isSlow ? 'a request was slow' : 'a request was not answered whole');
    else if (this.#wanted.has('all')) this.#log.info(lineOf(request), 'a request was answered');
  }
}

/** Whether something did not work: what is refused for what it is, or withheld by rule, is as it should be. */
function hasFailed({ answer }: ObservedRequest): boolean {
  const outcome = outcomeOf(answer!);
  if (outcome !== 'part') return outcome === 'failed';
  return errorCodes(answer!.errors!).some((code) => !BY_RULE.has(code));
}

function lineOf({ message: { client }, operation, answer, fetches, beganMs, endedMs }: ObservedRequest): object {
  const { errors, httpStatus, recorded } = answer!;
  return {
    requestId: client?.requestId,
    queryId: recorded?.queryId,
    operation: operation?.name,
    operationHash: operation?.textHash,
    outcome: outcomeOf(answer!),
    httpStatus,
    codes: errors && errors.length > 0 ? errorCodes(errors) : undefined,
    ms: Math.round((endedMs - beganMs) * 1_000) / 1_000,
    departments: [...new Set(fetches.map(({ request }) => request.template.service))],
    client: client?.name,
    clientVersion: client?.version,
  };
}
