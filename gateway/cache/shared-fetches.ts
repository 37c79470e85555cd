import { Deadline } from '../deadline.ts';
import { GatewayFault } from '../errors.ts';

/** Something that is being fetched, for all who ask for it meanwhile. */
interface SharedFetch<Result> {
  readonly result: Promise<Result>;
  /** The fetch's own: it goes on while anybody waits for it. */
  readonly deadline: Deadline;
  /** Whether one who asks now may be given what is coming. */
  isCurrent(): boolean;
  waiting: number;
}

/** How something is fetched that may be shared. */
export interface SharableFetch<Result> {
  /** What is the same for all who may share it. */
  key: string;
  fetch(deadline: Deadline): Promise<Result>;
  /** Whether one who asks later may still be given it: not where it was invalidated since it began. */
  isCurrent(): boolean;
}

/**
 * Makes what is asked for at the same time once. Each waits until its own deadline and no longer; the fetch is given up when nobody
 * waits for it any more.
 */
export class SharedFetches<Result> {
  readonly #underWay = new Map<string, SharedFetch<Result>>();
  readonly #timeoutMs: number;

  /** @param timeoutMs what a fetch may take, whoever waits for it */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Joins a fetch that is under way, or begins one.
   * @param isJoined told whether it is another's
   * @throws GatewayFault SUBREQUEST_TIMEOUT at the deadline; what the fetch throws
   */
  fetch(sharable: SharableFetch<Result>, deadline: Deadline): { result: Promise<Result>; isJoined: boolean } {
    const known = this.#underWay.get(sharable.key);
    const isJoined = known?.isCurrent() === true;
    const shared = isJoined ? known : this.#begin(sharable);
    return { result: waitFor(shared, deadline), isJoined };
  }

  #begin({ key, fetch, isCurrent }: SharableFetch<Result>): SharedFetch<Result> {
    const deadline = new Deadline(this.#timeoutMs);
    const result = fetch(deadline).finally(() => {
      deadline.clear();
      if (this.#underWay.get(key) === shared) this.#underWay.delete(key);
    });
    const shared = { result, deadline, isCurrent: () => !deadline.isOver && isCurrent(), waiting: 0 };
    this.#underWay.set(key, shared);
    return shared;
  }
}

function waitFor<Result>(shared: SharedFetch<Result>, deadline: Deadline): Promise<Result> {
  shared.waiting += 1;
  return new Promise((resolve, reject) => {
    const forget = deadline.onEnd(() => {
      shared.waiting -= 1;
      if (shared.waiting === 0) shared.deadline.end();
      reject(new GatewayFault('SUBREQUEST_TIMEOUT', "It was not there when the request's time was over."));
    });
    void shared.result.then(resolve, reject).finally(forget);
  });
}
