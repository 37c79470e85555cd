/**
 * Remembers which requests have been, for as long as they would still be taken. What it remembers is bounded: where there is
 * no room for more it forgets the oldest and takes nothing as old as that any more, so that no request is ever taken twice.
 *
 * It is this process's own: a department of several processes has to ask at one place, and one that has just started does not
 * know what was before.
 */
export class ReplayWindow {
  readonly #maxNonces: number;
  /** By the second in which they were made. */
  readonly #nonces = new Map<number, Set<string>>();
  #count = 0;
  /** Requests of this second and those before are not taken. */
  #forgottenSeconds = 0;

  /** @param maxNonces requests to remember, about 150 bytes each; at least as many as come in two seconds. Default: 100,000 */
  constructor(maxNonces = 100_000) {
    this.#maxNonces = maxNonces;
  }

  /**
   * Takes a request in.
   *
   * @param createdSeconds when it was made, in seconds since 1970
   * @param oldestSeconds what was made before is no longer taken by its age
   * @returns whether it is new
   */
  admit(nonce: string, createdSeconds: number, oldestSeconds: number): boolean {
    this.#forgetBefore(oldestSeconds);
    if (createdSeconds <= this.#forgottenSeconds) return false;
    const known = this.#nonces.get(createdSeconds) ?? new Set();
    if (known.has(nonce)) return false;
    if (this.#count >= this.#maxNonces) this.#forgetBefore(Math.min(...this.#nonces.keys()) + 1);
    if (createdSeconds <= this.#forgottenSeconds) return false;
    this.#nonces.set(createdSeconds, known.add(nonce));
    this.#count += 1;
    return true;
  }

  #forgetBefore(seconds: number): void {
    if (seconds - 1 <= this.#forgottenSeconds) return;
    this.#forgottenSeconds = seconds - 1;
    for (const [created, nonces] of this.#nonces) {
      if (created > this.#forgottenSeconds) continue;
      this.#nonces.delete(created);
      this.#count -= nonces.size;
    }
  }
}
