import { cents, type MonthOfActivity } from './activity.ts';
import { makeAddress, type Address } from './addresses.ts';
import { CREDIT_CODE_ALPHABET, scattered } from './codes.ts';
import { TODAY, type Enterprise } from './enterprises.ts';
import { BLOCK_SIZE } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { Grouping, PowerRecord, SocialSecurityRecord, TaxRecord } from './records.ts';
import { meterRemark, powerHand, socialSecurityHand, taxHand } from './writing.ts';

/** What a system's record is drawn from. */
export interface Draft {
  seed: number;
  enterprise: Enterprise;
  /** The enterprise's months, oldest first. */
  activity: readonly MonthOfActivity[];
  /** All enterprises of the city, by index; only earlier ones may be looked at. */
  before: readonly Enterprise[];
}

/** The tax system's record; null where it has none. */
export function taxpayerFor({ seed, enterprise, activity }: Draft, filings: TaxRecord['filings']): TaxRecord | null {
  const random = createRandom(seed, `tax/${enterprise.index}`);
  const known = enterprise.kind === 'ORDINARY' ? (enterprise.endedIn === null ? 0.975 : 0.7) : 1;
  if (!random.chance(known)) return null;
  const address = movedFrom(enterprise.address, random, 0.02);
  const owing = filings.reduce((sum, { taxDueCny, taxPaidCny }) => sum + taxDueCny - taxPaidCny, 0);
  const declaredHeadcount =
    enterprise.kind === 'SHELL'
      ? random.whole(1, 5)
      : Math.max(1, Math.round(enterprise.headcount * random.around(1, 0.06)));
  return {
    taxpayerId: asTaxWritesIt(enterprise.uscc, random),
    name: taxHand.name(enterprise.name, random),
    address: taxHand.address(address, enterprise.name.script, random),
    ...groupingOf(enterprise),
    declaredHeadcount,
    arrearsCny: cents(owing),
    filings,
    invoices: activity.map(({ month, revenueCny }) => invoiceMonth(month, revenueCny, random)),
  };
}

/** Social security's record; null where it has none. */
export function insuredUnitFor(draft: Draft): SocialSecurityRecord | null {
  const { seed, enterprise, activity } = draft;
  const random = createRandom(seed, `social-security/${enterprise.index}`);
  if (!random.chance(chanceOfInsurance(enterprise))) return null;
  const address = movedFrom(enterprise.address, random, 0.025);
  const lateBy = enterprise.establishedOn < '2024' ? random.whole(0, 2) : 0;
  const since = monthLater(enterprise.establishedOn.slice(0, 7), lateBy);
  return {
    unitNo: unitNumber(draft),
    name: socialSecurityHand.name(enterprise.name, random),
    address: socialSecurityHand.address(address, enterprise.name.script, random),
    ...groupingOf(enterprise),
    insuredSince: since,
    headcounts: activity.map(({ month, insured }) => ({ month, insured })),
  };
}

/** The power company's customers: none where the meter is the landlord's, two or three at larger firms. */
export function powerCustomersFor({ seed, enterprise, activity }: Draft): PowerRecord[] {
  const random = createRandom(seed, `power/${enterprise.index}`);
  const meters = meterCount(enterprise, random);
  const { script } = enterprise.name;
  return Array.from({ length: meters }, (_, meter) => {
    const address = movedFrom(enterprise.address, random, 0.02);
    const share = [[1], [0.7, 0.3], [0.6, 0.3, 0.1]][meters - 1]![meter]!;
    return {
      customerNo: customerNumber(seed, enterprise.index * 3 + meter),
      name: powerHand.name(enterprise.name, random),
      meterAddress: powerHand.address(address, script, random) + (meters > 1 ? meterRemark(meter, script) : ''),
      ...groupingOf(enterprise),
      usage: activity.map(({ month, kwh }) => ({ month, kwh: cents(kwh * share) })),
      applications: applicationsFor(enterprise, meter, random),
    };
  });
}

/** As the enterprise is registered, whatever address a system still holds. */
function groupingOf({ address, industry }: Enterprise): Grouping {
  return { district: address.district.code, sector: industry.section };
}

/** The power company's number of its n-th customer: ten digits that say nothing. */
export function customerNumber(seed: number, customer: number): string {
  return String(1_000_000_000 + scattered(customer, 4_000_000_000, 2_472_135_953, 982_451_653 * seed));
}

/** Social security's number of its n-th unit: 15 digits, like a registration number. */
export function unitNumberOf(seed: number, unit: number): string {
  return `9931${String(scattered(unit, 100_000_000_000, 61_803_398_877, 49_979_687 * seed)).padStart(11, '0')}`;
}

/**
 * One unit in each block carries a number that equals the registration number of another enterprise: the two are
 * numbers of different offices, and nothing may be joined on their likeness.
 */
function unitNumber({ seed, enterprise, before }: Draft): string {
  const isTrap = enterprise.index % BLOCK_SIZE === 61;
  return isTrap ? before[enterprise.index - 7]!.regNo : unitNumberOf(seed, enterprise.index);
}

function chanceOfInsurance({ kind, headcount, endedIn }: Enterprise): number {
  if (kind === 'HOLDING' || kind === 'NEW') return 0;
  if (kind === 'SHELL' || kind === 'PARENT_PAYROLL') return 0.45;
  if (kind !== 'ORDINARY') return 1;
  // One- and two-man firms are often not insured.
  if (headcount <= 2) return 0.75;
  return endedIn === null ? 0.98 : 0.8;
}

function meterCount(enterprise: Enterprise, random: Random): number {
  const roll = random.next();
  if (enterprise.kind === 'LANDLORD_METER' || enterprise.kind === 'HOLDING') return 0;
  if (enterprise.kind === 'SHELL' || enterprise.kind === 'NEW') return roll < 0.5 ? 1 : 0;
  if (enterprise.kind !== 'ORDINARY') return 1;
  if (roll < 0.1 && enterprise.headcount > 2 && enterprise.industry.section !== 'C') return 0;
  const many = enterprise.headcount > 25 ? 0.35 : 0.08;
  return roll > 1 - many / 3 ? 3 : roll > 1 - many ? 2 : 1;
}

function asTaxWritesIt(uscc: string, random: Random): string {
  const hyphenated = random.chance(0.1);
  const mistyped = random.chance(0.01);
  const at = random.whole(2, 17);
  // Also the letters that no code has: they are what O and 0, S and 5 are mistaken for.
  const wrong = random.pick([...`${CREDIT_CODE_ALPHABET}IOSZ`].filter((character) => character !== uscc[at]));
  const typed = mistyped ? uscc.slice(0, at) + wrong + uscc.slice(at + 1) : uscc;
  return hyphenated ? `${typed.slice(0, 2)}-${typed.slice(2, 8)}-${typed.slice(8, 17)}-${typed[17]}` : typed;
}

/** Some systems still hold the address from before a move. */
function movedFrom(address: Address, random: Random, probability: number): Address {
  return random.chance(probability) ? makeAddress(random) : address;
}

function invoiceMonth(month: string, revenueCny: number, random: Random): TaxRecord['invoices'][number] {
  const count = Math.max(1, Math.round(revenueCny / random.around(18_000, 0.5)));
  return { month, count, amountCny: cents(revenueCny * random.around(1.01, 0.04)) };
}

const USUAL_KVA = [30, 50, 100, 200, 315, 500, 800, 1_250];

function applicationsFor(enterprise: Enterprise, meter: number, random: Random): PowerRecord['applications'] {
  const count = random.weighted([0, 1, 2], (times) => [78, 18, 4][times]!);
  const since = {
    year: Number(enterprise.establishedOn.slice(0, 4)),
    month: Number(enterprise.establishedOn.slice(5, 7)),
  };
  return Array.from({ length: count }, (_, at) => {
    const year = random.whole(Math.max(2019, since.year), 2026);
    const month = random.whole(year === since.year ? since.month : 1, year === 2026 ? 9 : 12);
    const appliedOn = `${year}-${String(month).padStart(2, '0')}-${String(random.whole(1, 28)).padStart(2, '0')}`;
    const connectedOn = daysAfter(appliedOn, random.whole(7, 90));
    const size = Math.floor(Math.log2(1 + enterprise.kwh / 800)) + at;
    const sequence = scattered(enterprise.index * 9 + meter * 3 + at, 1_000_000, 611_953, 17);
    return {
      applicationNo: `A${year}-${String(sequence).padStart(6, '0')}`,
      appliedOn,
      capacityKva: USUAL_KVA[Math.min(size, USUAL_KVA.length - 1)]!,
      connectedOn: connectedOn > TODAY ? null : connectedOn,
    };
  });
}

function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

function monthLater(month: string, months: number): string {
  return new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)) - 1 + months))
    .toISOString()
    .slice(0, 7);
}
