import type { Approval, Grant } from './grant.ts';

/** Where grants are kept. */
export interface GrantStore {
  /** What and where, without passwords. */
  readonly description: string;
  add(grant: Grant): Promise<void>;
  find(id: string): Promise<Grant | undefined>;
  /** Those that are neither revoked, expired nor used up. @param now ISO 8601, UTC */
  live(now: string): Promise<Grant[]>;
  /** The newest first. @param department default: of all */
  list(limit: number, department?: string): Promise<Grant[]>;
  /** Adds an approval; false where there is one of that person already, or another was added at the same moment. */
  approve(grant: Grant, approval: Approval): Promise<boolean>;
  revoke(id: string): Promise<void>;
  /** Counts a read; false where the grant does not allow one more. All gateways together never count more than it allows. */
  take(id: string, now: string): Promise<boolean>;
  close(): Promise<void>;
}
