/** Where a supergraph comes from. */
export interface SupergraphSource {
  /** As logs name it: a file or an address, without what is secret in it. */
  readonly description: string;
  /** How often it is looked at again. */
  readonly lookEveryMs: number;
  /** Whether what is read may lack its end because it is just being written: it is taken once it was read the same twice. */
  readonly mayBeHalfWritten: boolean;
  /** Gives the supergraph's SDL as it is now. @throws SupergraphError where it cannot be had; its message says why */
  read(): Promise<string>;
  /** Gives up what is under way, which then throws. */
  close(): void;
}
