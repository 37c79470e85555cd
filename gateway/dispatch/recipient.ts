import type { Identity } from '../caller.ts';
import type { Receiver } from './delivery.ts';

/** Who is entitled to what is dispatched, by what authority, and where it goes: an entry of the gateway's settings. */
export interface Recipient {
  readonly name: string;
  /** Whose authority its runs have. */
  readonly identity: Identity;
  readonly receiver: Receiver;
}
