import { GatewayFault, type ErrorCode } from '../errors.ts';
import { requestBody, type Fetcher, type SubgraphAnswer, type SubgraphRequest } from '../execute/fetcher.ts';

/** One request to a department, and what came of it. */
export interface LoggedRequest {
  request: SubgraphRequest;
  /** When it was handed to the transport, from when the log was opened. */
  beganMs: number;
  /** Until its answer was there, or it was given up. */
  tookMs: number;
  /** Of the bodies alone, without headers. */
  bytesOut: number;
  bytesIn: number;
  answer: SubgraphAnswer | undefined;
  /** Why there is no answer. The detail is for those who run the gateway: it has addresses and causes. */
  fault: { code: ErrorCode; detail: string } | undefined;
}

/** Writes down the requests of one operation, to departments or to what stands before them. */
export class RequestLog {
  readonly requests: LoggedRequest[] = [];
  readonly #openedAtMs = performance.now();

  /** Since the log was opened. */
  elapsedMs(): number {
    return performance.now() - this.#openedAtMs;
  }

  /** A fetcher that asks as the other does, and writes down each request once it is done. */
  watch(fetcher: Fetcher): Fetcher {
    return async (request, deadline) => {
      const beganMs = this.elapsedMs();
      try {
        const answer = await fetcher(request, deadline);
        this.#add(request, beganMs, { answer });
        return answer;
      } catch (error) {
        const { code, detail }: Pick<GatewayFault, 'code' | 'detail'> =
          error instanceof GatewayFault ? error : { code: 'INTERNAL_SERVER_ERROR', detail: String(error) };
        this.#add(request, beganMs, { fault: { code, detail } });
        throw error;
      }
    };
  }

  #add(
    request: SubgraphRequest,
    beganMs: number,
    { answer, fault }: Partial<Pick<LoggedRequest, 'answer' | 'fault'>>,
  ): void {
    const tookMs = this.elapsedMs() - beganMs;
    // Measured afterwards, so that it takes none of the time that is measured.
    const bytesOut = Buffer.byteLength(requestBody(request));
    this.requests.push({ request, beganMs, tookMs, bytesOut, bytesIn: answer?.body.bytes.length ?? 0, answer, fault });
  }
}
