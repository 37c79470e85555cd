/** Texts that all gateways on one Redis have in common: each follows from its key, so that it never changes. */
export interface SharedTexts {
  /** Undefined where there is none, or where Redis is away or too slow; empty where it cannot be read. What is read is kept for longer. */
  read(key: string): Promise<string | undefined>;
  /** Keeps a text; nobody waits for it, and where Redis is away it is not kept. */
  write(key: string, text: string): void;
  close(): Promise<void>;
}
