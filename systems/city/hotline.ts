import { makeAddress, registeredAddress } from './addresses.ts';
import { scattered } from './codes.ts';
import { dayBefore } from './days.ts';
import { TODAY, type Enterprise } from './enterprises.ts';
import { personName } from './names.ts';
import { BLOCK_SIZE, WELL_KNOWN_AT } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { HotlineRecord } from './records.ts';

/** What people call about, and which department it is handed to. */
const CATEGORIES = [
  ['NOISE', 'environment'],
  ['UNPAID_WAGES', 'social-security'],
  ['REFUND_REFUSED', 'market'],
  ['FIRE_EXIT_BLOCKED', 'fire'],
  ['INVOICE_REFUSED', 'tax'],
  ['POWER_CUT', 'power'],
] as const;

/** Most enterprises have no event; a few have several. */
const EVENTS = [0, 1, 2, 3];
const EVENT_WEIGHTS = [70, 20, 8, 2];

/** What the hotline took down, by its number. An event at an address where no enterprise was named stands for nobody. */
export function hotlineEventsOf(seed: number, enterprises: readonly Enterprise[]): HotlineRecord[] {
  return enterprises
    .flatMap((enterprise) => {
      const random = createRandom(seed, `hotline/${enterprise.index}`);
      const drawn = random.weighted(EVENTS, (events) => EVENT_WEIGHTS[events]!);
      const isWellKnown = enterprise.index % BLOCK_SIZE === WELL_KNOWN_AT;
      const count = isWellKnown ? Math.max(1, drawn) : drawn;
      return Array.from({ length: count }, (_, at) => makeEvent(enterprise, at, random));
    })
    .toSorted((one, other) => (one.eventNo < other.eventNo ? -1 : 1));
}

function makeEvent({ index, uscc, address, name }: Enterprise, at: number, random: Random): HotlineRecord {
  const [category, assignedTo] = random.pick(CATEGORIES);
  const receivedOn = dayBefore(TODAY, random.whole(1, 500));
  const isClosed = random.chance(0.8);
  const closedOn = dayBefore(receivedOn, -random.whole(1, 40));
  const isNamed = random.chance(0.8);
  const sequence = scattered(index * 4 + at, 10_000_000, 6_180_339, 271);
  return {
    eventNo: `H${receivedOn.slice(0, 4)}-${String(sequence).padStart(7, '0')}`,
    category,
    uscc: isNamed ? uscc : null,
    address: registeredAddress(isNamed ? address : makeAddress(random), name.script),
    receivedOn,
    assignedTo,
    closedOn: isClosed && closedOn <= TODAY ? closedOn : null,
    contactName: personName(random, name.script),
    // A number that no network gives out.
    contactPhone: `100${String(random.whole(0, 99_999_999)).padStart(8, '0')}`,
  };
}
