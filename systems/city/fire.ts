import { registeredAddress } from './addresses.ts';
import { scattered } from './codes.ts';
import { dayBefore } from './days.ts';
import { TODAY, type Enterprise } from './enterprises.ts';
import { personName } from './names.ts';
import { BLOCK_SIZE, WELL_KNOWN_AT } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { FireInspectionRecord } from './records.ts';

/** Visits to an enterprise's premises since the beginning of 2025. */
const VISITS = [0, 1, 2];
const VISIT_WEIGHTS = [60, 28, 12];
/** The books begin with 2025. */
const DAYS_COVERED = 630;
const RESULTS = ['PASSED', 'PASSED', 'PASSED', 'DEFECTS', 'DEFECTS', 'CLOSED'] as const;
const DUE_AFTER_DAYS = { PASSED: 365, DEFECTS: 30 } as const;

/** The fire brigade's visits, by their number. Premises stand in them by their address alone. */
export function fireInspectionsOf(seed: number, enterprises: readonly Enterprise[]): FireInspectionRecord[] {
  return enterprises
    .flatMap((enterprise) => {
      const random = createRandom(seed, `fire/${enterprise.index}`);
      const drawn = random.weighted(VISITS, (visits) => VISIT_WEIGHTS[visits]!);
      const isWellKnown = enterprise.index % BLOCK_SIZE === WELL_KNOWN_AT;
      return Array.from({ length: isWellKnown ? 2 : drawn }, (_, at) =>
        makeVisit(enterprise, at, { random, isExact: isWellKnown || random.chance(0.9) }),
      );
    })
    .toSorted((one, other) => (one.inspectionNo < other.inspectionNo ? -1 : 1));
}

function makeVisit(
  { index, address, name, headcount }: Enterprise,
  at: number,
  { random, isExact }: { random: Random; isExact: boolean },
): FireInspectionRecord {
  const inspectedOn = dayBefore(TODAY, random.whole(1, DAYS_COVERED));
  const result = random.pick(RESULTS);
  const sequence = scattered(index * 2 + at, 1_000_000, 577_215, 664);
  // Who writes at the door leaves out the room.
  const written = isExact ? address : { ...address, building: null, room: null };
  return {
    inspectionNo: `FI-${inspectedOn.slice(0, 4)}-${String(sequence).padStart(6, '0')}`,
    address: registeredAddress(written, name.script),
    inspectedOn,
    result,
    defects: result === 'PASSED' ? 0 : random.whole(1, 12),
    areaM2: Math.round((headcount + 5) * random.around(18, 0.5) * 10) / 10,
    nextDueOn: result === 'CLOSED' ? null : dayBefore(inspectedOn, -DUE_AFTER_DAYS[result]),
    inspector: personName(random, name.script),
  };
}
