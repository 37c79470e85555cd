/** Lets one of several gateways fetch what none of them has, while the others wait for it. */
export interface Claims {
  /**
   * Claims a fetch for a while. Where it cannot be found out whether another has it, it is given: nobody waits for a store that is away.
   *
   * @param leaseMs after how long others may have it, whatever became of who claimed it
   * @returns lets go of it; undefined where another has it
   */
  claim(key: string, leaseMs: number): Promise<(() => void) | undefined>;
}
