/** Counts requests that are being answered. */
export class RequestCount {
  #underWay = 0;
  #onIdle: PromiseWithResolvers<void> | undefined;

  /** Requests that have begun and not ended. */
  get underWay(): number {
    return this.#underWay;
  }

  /** A request begins. */
  begin(): void {
    this.#underWay += 1;
  }

  /** A request that had begun ends. */
  end(): void {
    this.#underWay -= 1;
    if (this.#underWay > 0) return;
    this.#onIdle?.resolve();
    this.#onIdle = undefined;
  }

  /** Resolves once none is under way. */
  idle(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    this.#onIdle ??= Promise.withResolvers();
    return this.#onIdle.promise;
  }
}
