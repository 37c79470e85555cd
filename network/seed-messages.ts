import type { DataFolder } from './data-folder.ts';
import type { StoreName } from './parts.ts';

/** What the seeding program is told at its start, as JSON in `SEED_ORDER`. */
export interface SeedOrder {
  seed: number;
  enterprises: number;
  months: number;
  /** Stands for all that the data is made from. */
  fingerprint: string;
  data: Omit<DataFolder, 'release'>;
  /** Where the book of land lies; absent: in its file. */
  mariadbUrl?: string;
  /** Where customs' messages go; absent: nowhere. */
  streamsUrl?: string;
}

/** Sent to the seeding program once PostgreSQL answers. */
export interface DatabaseMessage {
  databaseUrl: string;
}

/** What the seeding program sends. */
export type SeedMessage =
  | { kind: 'step'; detail: string }
  | { kind: 'made'; store: StoreName; detail: string }
  | { kind: 'failed'; reason: string };
