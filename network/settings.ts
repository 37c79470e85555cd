import { fileURLToPath } from 'node:url';

/** Where the project lies; with a slash at its end. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/** Where Node keeps what it compiled, so that a program starts in half the time the second time. */
export const compileCacheFolder = `${projectRoot}.switchyard/compile-cache`;

/**
 * The same for `bin/switchyard.js`, which sets flags of V8. V8 takes no code that was compiled under others: in one folder its
 * processes and all others would write over what they wrote for each other, at every start.
 */
export const switchyardCacheFolder = `${compileCacheFolder}/switchyard`;

/** How to bring up the network. */
export interface NetworkSettings {
  /** Everything the network keeps, absolute; made when absent. */
  dataFolder: string;
  /** How many enterprises the city has. */
  enterprises: number;
  /** Another seed makes another city. Default: {@link citySeed}. */
  seed?: number;
  /** A PostgreSQL of the user's own; absent: an embedded one in the data folder. */
  databaseUrl?: string;
  /** Redis for the gateway's cache; absent: its cache is in its process. */
  redisUrl?: string;
  /** A MariaDB for the book of land; absent: it lies in a SQLite file. */
  mariadbUrl?: string;
  /** Redis for customs' stream of messages; absent: customs is not started. */
  streamsUrl?: string;
  /** Where the gateway listens. */
  gatewayPort: number;
  /** Whether the economies' departments of indicators are part of it. */
  all: boolean;
  /** Every program takes any free port, and the gateway is told where each one is. */
  freePorts: boolean;
  /** How long a program may take until it is ready. Default 45,000; a city of a hundred thousand takes longer to read. */
  readyWithinMs?: number;
  /** Added to the environment of every program. */
  env?: Readonly<Record<string, string>>;
}

/** The made-up city that everything but measurements is about. */
export const citySeed = 1;
/** How many months of the city are covered. */
export const cityMonths = 24;
