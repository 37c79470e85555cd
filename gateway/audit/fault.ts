import type { TimeStampReport } from './time-stamps/time-stamp.ts';

/** What is wrong with a trail, and where. */
export interface Fault {
  /**
   * `unreadable`: not in the form it must have; `altered`: not what was hashed or signed; `missing`: something was taken out;
   * `order`: something stands in another place or twice; `truncated`: the end is gone; `unexpected`: something was put in;
   * `signature`, `key`: not signed, or by somebody else; `stamp`: a time stamp that does not hold; `time`: one whose time cannot be right.
   */
  readonly kind:
    | 'unreadable'
    | 'altered'
    | 'missing'
    | 'order'
    | 'truncated'
    | 'unexpected'
    | 'signature'
    | 'key'
    | 'stamp'
    | 'time';
  readonly message: string;
  readonly chain?: string;
  /** The record's number in its chain. */
  readonly seq?: number;
  /** The seal's number in its chain. */
  readonly seal?: number;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** Where the line begins in the file, unpacked; from 0. */
  readonly byte?: number;
}

/** How one chain was found. */
export interface ChainReport {
  readonly chain: string;
  /** Records that verify, sealed or not. */
  readonly records: number;
  /** Seals that verify. */
  readonly seals: number;
  /** The first and last record that verify; the last is before the first where there is none. */
  readonly first: number;
  readonly last: number;
  /** Records at the end that no seal covers: what was taken from behind them cannot be missed. */
  readonly unsealed: number;
  /** Whether it was ended by its writer. Where not, the writer still runs, or was stopped hard, or the end was taken away. */
  readonly isClosed: boolean;
  /** When the last seal was made. */
  readonly sealedAt: string | undefined;
}

/** What a verification found. */
export interface VerifyReport {
  readonly ok: boolean;
  readonly records: number;
  readonly seals: number;
  readonly unsealed: number;
  readonly chains: readonly ChainReport[];
  /** The first of each chain and file. */
  readonly faults: readonly Fault[];
  /** The keys that may sign. */
  readonly keys: readonly string[];
  /** Whether they were checked against keys known from elsewhere. */
  readonly isPinned: boolean;
  readonly timeStamps: TimeStampReport;
}

/** Puts together what was found. */
export function makeReport(
  chains: readonly ChainReport[],
  faults: readonly Fault[],
  { keys, timeStamps }: { keys: { trusted: readonly string[]; isPinned: boolean }; timeStamps: TimeStampReport },
): VerifyReport {
  const sum = (count: (chain: ChainReport) => number): number => chains.reduce((total, each) => total + count(each), 0);
  return {
    ok: faults.length === 0,
    records: sum(({ records }) => records),
    seals: sum(({ seals }) => seals),
    unsealed: sum(({ unsealed }) => unsealed),
    chains,
    faults,
    keys: keys.trusted,
    isPinned: keys.isPinned,
    timeStamps,
  };
}
