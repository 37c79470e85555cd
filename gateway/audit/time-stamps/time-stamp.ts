import type { SignedText } from '../../keys/signer.ts';

/** What is kept of a time stamp: signed by the gateway that asked for it, while the token in it is signed by the authority. */
export interface TimeStamp {
  readonly chain: string;
  /** The number of the seal that it is over. */
  readonly seal: number;
  /** The `TimeStampToken` of RFC 3161 over the seal's text, SHA-256, in base64. */
  readonly token: string;
  /** Which key signs it. */
  readonly key: string;
}

/** A time stamp with where it stands. */
export interface StoredTimeStamp extends SignedText {
  readonly seal: number;
}

/** That records of a chain were there at a time, as an authority says. */
export interface Attestation {
  readonly chain: string;
  /** The last record it is about; all before it hang on it by their hashes. */
  readonly seq: number;
  /** When it was sealed or, where the authority was told of it by another chain's opening, seen: by the gateway's clock. */
  readonly sealedAt: string;
  /** When it was there at the latest: by the authority's clock. */
  readonly time: string;
  /** The subject of the authority's certificate. */
  readonly by: string;
}

/** What was found of time stamps. */
export interface TimeStampReport {
  /** Those that verify. */
  readonly count: number;
  /** Whether the authorities' certificates were checked against some that are known from elsewhere. */
  readonly isTrusted: boolean;
  /** The furthest of each chain. */
  readonly attested: readonly Attestation[];
}

/** What the text of a time stamp says; nothing where it is none. What it says holds only as far as it is signed. */
export function readTimeStamp(text: string): TimeStamp | undefined {
  try {
    const stamp = JSON.parse(text) as Partial<TimeStamp> | null;
    const isWhole = typeof stamp?.token === 'string' && typeof stamp.key === 'string';
    return isWhole && Number.isSafeInteger(stamp.seal) ? (stamp as TimeStamp) : undefined;
  } catch {
    return undefined;
  }
}

/** How far an authority's clock may be before the gateway's. */
const CLOCK_TOLERANCE_MS = 300_000;

/** Says why an authority's time cannot be right, where it cannot; how long after the seal it is says nothing, as an authority may be away. */
export function implausible(time: Date, sealedAt: string, now = new Date()): string | undefined {
  const says = `The authority says ${time.toISOString()}`;
  if (time.getTime() < Date.parse(sealedAt) - CLOCK_TOLERANCE_MS)
    return `${says}, and the seal was made at ${sealedAt}: one of the clocks is wrong.`;
  if (time.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) return `${says}, which is yet to come.`;
  return undefined;
}
