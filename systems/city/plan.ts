import type { CityTruth } from './records.ts';
import { createRandom } from './random.ts';

/** What an enterprise is planted as; `ORDINARY` is nearly everyone. */
export type Kind = 'ORDINARY' | 'SHELL' | CityTruth['lookAlikes'][number]['reason'];

/** A planted enterprise, with its number among the shells or among the look-alikes. */
export interface Planting {
  kind: Kind;
  ordinal: number;
}

/** Enterprises in a block. Each block holds the same number of plantings, so that a larger city begins with the smaller. */
export const BLOCK_SIZE = 250;

/** Where in a block an enterprise stands that every department knows something of. */
export const WELL_KNOWN_AT = 83;

const SHELLS_PER_BLOCK = 3;
const REASONS = ['HOLDING', 'NEW', 'SEASONAL', 'LANDLORD_METER', 'PARENT_PAYROLL'] as const;

/** Where in a block each planting lies: three shells, then two look-alikes. */
const SPANS = [
  [15, 45],
  [90, 120],
  [170, 200],
  [55, 85],
  [130, 160],
] as const;

/** Says what the enterprise at an index is planted as: 60 shells and 40 look-alikes in a city of 5,000. */
export function plantingAt(seed: number, index: number): Planting {
  const block = Math.floor(index / BLOCK_SIZE);
  const random = createRandom(seed, `plan/${block}`);
  const place = SPANS.findIndex(([from, to]) => random.whole(from, to) === index % BLOCK_SIZE);
  if (place < 0) return { kind: 'ORDINARY', ordinal: -1 };
  if (place < SHELLS_PER_BLOCK) return { kind: 'SHELL', ordinal: block * SHELLS_PER_BLOCK + place };
  const ordinal = block * (SPANS.length - SHELLS_PER_BLOCK) + place - SHELLS_PER_BLOCK;
  return { kind: REASONS[ordinal % REASONS.length]!, ordinal };
}

/** Shells that share one address, and one in two of them one representative. */
export const NEST_SIZE = 12;
