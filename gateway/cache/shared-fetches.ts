import { Deadline } from '../deadline.ts';
import { GatewayFault } from '../errors.ts';

/** Something that is being fetched, for all who ask for it meanwhile. */
interface SharedFetch<Result> {
  readonly names: readonly string[];
  readonly result: Promise<Result>;
  /** The fetch's own: it goes on while anybody waits for it. */
  readonly deadline: Deadline;
  /** Whether one who asks now may be given what is coming. */
  isCurrent(): boolean;
  waiting: number;
}

/** How something is fetched that may be shared. */
export interface SharableFetch<Result> {
  /** What it fetches: who asks for all of the same may share it. */
  group: string;
  names: readonly string[];
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
    const known = this.#underWay.get(shortOf(sharable));
    const isJoined = known !== undefined && isSame(known.names, sharable.names) && known.isCurrent();
    const shared = isJoined ? known : this.#begin(sharable);
    return { result: waitFor(shared, deadline), isJoined };
  }

  #begin(sharable: SharableFetch<Result>): SharedFetch<Result> {
    const { names, fetch, isCurrent } = sharable;
    const key = shortOf(sharable);
    const deadline = new Deadline(this.#timeoutMs);
    const result = fetch(deadline).finally(() => {
      deadline.clear();
      if (this.#underWay.get(key) === shared) this.#underWay.delete(key);
    });
    const shared = { names, result, deadline, isCurrent: () => !deadline.isOver && isCurrent(), waiting: 0 };
    this.#underWay.set(key, shared);
    return shared;
  }
}

/**
 * What a fetch is found by. All names as one text would cost more than it saves; where others have the same short one, which is rare, the
 * later fetch is the one that is shared.
 */
function shortOf({ group, names }: SharableFetch<unknown>): string {
  return `${group} ${names.length} ${names[0]} ${names.at(-1)}`;
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, index) => name === others[index]);
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
