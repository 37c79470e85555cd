/** What is remembered of a delivery. */
export interface KnownDelivery {
  /** SHA-256 of what was taken. */
  digest: string;
  /** In ISO 8601. */
  takenAt: string;
}

/** Where a department keeps what is delivered to it, and that it was. */
export interface DeliveryStore<Transaction> {
  /**
   * Applies a delivery and remembers it, both or neither; where it is remembered already, gives what was remembered. Of several
   * that come with one key at once, one is applied.
   *
   * @throws whatever `apply` throws; the store's errors
   */
  takeOnce(
    delivery: { idempotencyKey: string; digest: string; rows: number },
    apply: (transaction: Transaction) => void | Promise<void>,
  ): Promise<KnownDelivery>;
  close(): Promise<void>;
}

/** Days after which it may be forgotten that a delivery was taken: it comes again within hours, or not at all. */
export const KEPT_DAYS = 90;
