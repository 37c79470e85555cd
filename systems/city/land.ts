import { registeredAddress } from './addresses.ts';
import { scattered } from './codes.ts';
import { dayBefore } from './days.ts';
import { TODAY, type Enterprise } from './enterprises.ts';
import { registeredName } from './names.ts';
import { BLOCK_SIZE, WELL_KNOWN_AT } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { ParcelRecord } from './records.ts';

/** Most enterprises rent; a few hold several parcels. */
const PARCELS = [0, 1, 2];
const PARCEL_WEIGHTS = [72, 23, 5];

/** What land is used for, by the section of who holds it; offices where nothing is said. */
const USES: Partial<Readonly<Record<string, ParcelRecord['landUse']>>> = {
  C: 'INDUSTRIAL',
  D: 'INDUSTRIAL',
  F: 'COMMERCIAL',
  G: 'WAREHOUSE',
};
const MEDIAN_AREA_M2 = { INDUSTRIAL: 9_000, COMMERCIAL: 900, WAREHOUSE: 6_000, OFFICE: 1_500 } as const;
const TITLES = ['GRANTED', 'GRANTED', 'GRANTED', 'LEASED', 'ALLOCATED'] as const;
/** Titles of land for trade and industry end after so many years. */
const TERM_YEARS = { GRANTED: 50, LEASED: 20, ALLOCATED: 70 } as const;

/** Parcels that enterprises hold, by their number. */
export function parcelsOf(seed: number, enterprises: readonly Enterprise[]): ParcelRecord[] {
  return enterprises
    .flatMap((enterprise) => {
      const random = createRandom(seed, `land/${enterprise.index}`);
      const drawn = random.weighted(PARCELS, (count) => PARCEL_WEIGHTS[count]!);
      const isWellKnown = enterprise.index % BLOCK_SIZE === WELL_KNOWN_AT;
      const count = isWellKnown ? Math.max(1, drawn) : drawn;
      return Array.from({ length: count }, (_, at) => makeParcel(enterprise, at, random));
    })
    .toSorted((one, other) => (one.pin < other.pin ? -1 : 1));
}

function makeParcel({ index, uscc, address, name, industry }: Enterprise, at: number, random: Random): ParcelRecord {
  const landUse = USES[industry.section] ?? 'OFFICE';
  const kind = random.pick(TITLES);
  const registeredOn = dayBefore(TODAY, random.whole(60, 12_000));
  const expiresOn = `${Number(registeredOn.slice(0, 4)) + TERM_YEARS[kind]}${registeredOn.slice(4).replace('-02-29', '-02-28')}`;
  const sequence = String(scattered(index * 2 + at, 10_000_000, 2_718_281, 828)).padStart(7, '0');
  return {
    pin: `${address.district.code}-${sequence}`,
    district: address.district.code,
    address: registeredAddress({ ...address, room: null }, name.script),
    landUse,
    areaM2: Math.round(random.around(MEDIAN_AREA_M2[landUse], 0.7) * 10) / 10,
    title: {
      kind,
      holderName: registeredName(name),
      // Codes came in October of 2015; older titles got them where somebody asked.
      holderUscc: registeredOn >= '2015-10' || random.chance(0.7) ? uscc : null,
      registeredOn,
      expiresOn,
    },
  };
}
