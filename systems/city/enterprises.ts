import { makeAddress, type Address } from './addresses.ts';
import { creditCode, inCreditCodeAlphabet, registrationNumber, scattered } from './codes.ts';
import { INDUSTRIES, industryOf, type Industry } from './industries.ts';
import { makeName, personName, registeredName, type EnterpriseName } from './names.ts';
import { NEST_SIZE, plantingAt, type Kind } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { MarketRecord } from './records.ts';

/** An enterprise as it really is; the systems' records are drawn from it. */
export interface Enterprise {
  index: number;
  kind: Kind;
  uscc: string;
  regNo: string;
  name: EnterpriseName;
  address: Address;
  industry: Industry;
  status: MarketRecord['status'];
  /** `YYYY-MM-DD`. */
  establishedOn: string;
  /** The last month of business, `YYYY-MM`; null while it goes on. */
  endedIn: string | null;
  registeredCapitalCny: number;
  legalRepresentativePid: string;
  shareholders: MarketRecord['shareholders'];
  /** Employees it really has. */
  headcount: number;
  /** A usual month. */
  revenueCny: number;
  /** A usual month over all meters. */
  kwh: number;
}

/** The day the records are drawn up. */
export const TODAY = '2026-09-30';

/** Places where many enterprises are registered: the shells' and as many innocent incubators. */
const NESTS = 12;

const CHANCE_OF_INCUBATOR = 0.04;

/**
 * Makes the city's enterprises. Each depends on the seed, its index and those before it, so that a larger city
 * begins with the smaller one.
 */
export function makeEnterprises(seed: number, count: number): Enterprise[] {
  const enterprises: Enterprise[] = [];
  for (let index = 0; index < count; index += 1) enterprises.push(makeEnterprise(seed, index, enterprises));
  return enterprises;
}

/** The person number of the n-th person of the city. */
function personId(person: number): string {
  return `P99${String(scattered(person, 100_000_000, 48_271_739, 30_402_457)).padStart(8, '0')}`;
}

function makeEnterprise(seed: number, index: number, before: readonly Enterprise[]): Enterprise {
  const random = createRandom(seed, `enterprise/${index}`);
  const { kind, ordinal } = plantingAt(seed, index);
  const industry = industryFor(kind, random);
  const nest = nestFor(kind, ordinal, random);
  const address = placeFor(random, nest === null ? null : createRandom(seed, `nest/${nest}`));
  const establishedOn = kind === 'NEW' ? recentDay(random) : pastDay(random);
  const status = kind === 'ORDINARY' ? statusFor(random) : 'ACTIVE';
  const size = sizeFor(kind, industry, random);
  const enterprise: Enterprise = {
    index,
    kind,
    ...codesFor(seed, index, address.district.code, establishedOn),
    name: makeName(random, industry),
    address,
    industry,
    status,
    establishedOn,
    endedIn: status === 'ACTIVE' ? null : endMonth(random, establishedOn),
    registeredCapitalCny: random.pick([1, 2, 5, 10, 20, 50]) * (size.headcount > 20 ? 1_000_000 : 100_000),
    legalRepresentativePid: personId(nest !== null && kind === 'SHELL' && ordinal % 2 === 0 ? 9_000_000 + nest : index),
    shareholders: [],
    ...size,
  };
  copyFromEarlier(enterprise, before, random);
  enterprise.shareholders = shareholdersFor(enterprise, before, random);
  return enterprise;
}

function industryFor(kind: Kind, random: Random): Industry {
  if (kind === 'SHELL') return industryOf(random.pick(['F', 'F', 'F', 'L', 'L', 'I']));
  if (kind === 'HOLDING') return industryOf('L');
  if (kind === 'SEASONAL') return industryOf('D');
  if (kind === 'LANDLORD_METER' || kind === 'NEW') return industryOf(random.pick(['F', 'L', 'I']));
  return random.weighted(INDUSTRIES, ({ share }) => share);
}

function nestFor(kind: Kind, ordinal: number, random: Random): number | null {
  if (kind === 'SHELL') return Math.floor(ordinal / NEST_SIZE) % NESTS;
  if (kind !== 'ORDINARY') return ordinal % NESTS;
  return random.chance(CHANCE_OF_INCUBATOR) ? random.whole(0, NESTS - 1) : null;
}

/** At a nest everyone has the same house and a room of their own. */
function placeFor(random: Random, nest: Random | null): Address {
  if (!nest) return makeAddress(random);
  return { ...makeAddress(nest), building: nest.whole(1, 9), room: random.whole(3, 22) * 100 + random.whole(1, 30) };
}

function codesFor(seed: number, index: number, division: string, establishedOn: string) {
  // Bodies given since the credit codes came begin with MA; older ones are the digits of the organisation code.
  const body =
    establishedOn >= '2015-10'
      ? `MA${inCreditCodeAlphabet(scattered(index, 31 ** 6, 548_504_437, 7_919 * seed), 6)}`
      : String(scattered(index, 100_000_000, 38_196_601, 15_485_863 * seed)).padStart(8, '0');
  const sequence = scattered(index, 100_000_000, 61_803_399, 32_452_843 * seed);
  return { uscc: creditCode(division, body), regNo: registrationNumber(division, sequence) };
}

/** Within the ninety days in which a firm counts as new. */
function recentDay(random: Random): string {
  const tens = random.pick(['07-1', '08-0', '08-2', '09-0']);
  const ones = random.whole(0, 9);
  return `2026-${tens}${tens.endsWith('0') ? Math.max(1, ones) : ones}`;
}

function pastDay(random: Random): string {
  const year = 2026 - Math.min(29, Math.floor(random.around(6, 0.8)));
  // Before the ninety days in which a firm counts as new.
  const month = year === 2026 ? random.whole(1, 6) : random.whole(1, 12);
  return `${year}-${String(month).padStart(2, '0')}-${String(random.whole(1, 28)).padStart(2, '0')}`;
}

function statusFor(random: Random): MarketRecord['status'] {
  const roll = random.next();
  if (roll < 0.87) return 'ACTIVE';
  if (roll < 0.9) return 'SUSPENDED';
  return roll < 0.94 ? 'REVOKED' : 'DEREGISTERED';
}

function endMonth(random: Random, establishedOn: string): string {
  const earliest = Math.max(monthNumber(establishedOn), monthNumber('2023-01'));
  const month = random.whole(earliest, monthNumber(TODAY) - 1);
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
}

/** Months since the year 0, of a day or a month. */
export function monthNumber(date: string): number {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
}

function sizeFor(kind: Kind, industry: Industry, random: Random): Pick<Enterprise, 'headcount' | 'revenueCny' | 'kwh'> {
  if (kind === 'SHELL')
    return { headcount: 0, revenueCny: random.around(900_000, 0.5) + 300_000, kwh: random.next() * 18 };
  if (kind === 'HOLDING') return { headcount: 0, revenueCny: random.around(700_000, 0.3) + 300_000, kwh: 0 };
  const usual = Math.round(random.around(industry.headcount, industry.headcountSpread));
  const headcount = Math.max(kind === 'ORDINARY' ? 1 : 4, Math.min(2_500, usual));
  return {
    headcount,
    revenueCny: (kind === 'NEW' ? 600_000 : 0) + headcount * random.around(industry.revenueCnyPerHead, 0.45),
    kwh: 60 + headcount * random.around(industry.kwhPerHead, 0.4),
  };
}

/** Names that occur twice, houses with two firms of one name, and people who lead more than one firm. */
function copyFromEarlier(enterprise: Enterprise, before: readonly Enterprise[], random: Random): void {
  const earlier = before[random.whole(0, Math.max(0, before.length - 1))];
  const roll = random.next();
  if (!earlier || enterprise.kind !== 'ORDINARY' || earlier.kind !== 'ORDINARY') return;
  if (roll < 0.02) {
    enterprise.name = { ...earlier.name, form: enterprise.name.form };
    enterprise.industry = earlier.industry;
    if (roll < 0.004) enterprise.address = { ...earlier.address, room: (earlier.address.room ?? 100) + 1 };
  } else if (roll < 0.08) enterprise.legalRepresentativePid = earlier.legalRepresentativePid;
}

function shareholdersFor(
  enterprise: Enterprise,
  before: readonly Enterprise[],
  random: Random,
): MarketRecord['shareholders'] {
  const parent = parentOf(enterprise, before, random);
  const people = random.whole(parent ? 0 : 1, parent ? 1 : 3);
  const shares = enterprise.kind === 'PARENT_PAYROLL' ? [100] : cut(people + (parent ? 1 : 0), random);
  return shares.map((sharePercent, at) => {
    if (parent && at === 0) return { name: registeredName(parent.name), sharePercent, enterpriseUscc: parent.uscc };
    return { name: personName(random, enterprise.name.script), sharePercent, enterpriseUscc: null };
  });
}

/** A holding owns the firms that follow it; whoever has its payroll at the parent has one that can carry it. */
function parentOf(enterprise: Enterprise, before: readonly Enterprise[], random: Random): Enterprise | undefined {
  const near = before.slice(-6);
  if (enterprise.kind === 'PARENT_PAYROLL') {
    return before
      .slice(-30)
      .filter(isGoingOn)
      .toSorted((a, b) => b.headcount - a.headcount)[0];
  }
  if (enterprise.kind !== 'ORDINARY') return undefined;
  const holding = near.find(({ kind }) => kind === 'HOLDING');
  if (holding) return holding;
  return random.chance(0.06) ? random.pick(before.filter(isGoingOn).slice(-400)) : undefined;
}

function isGoingOn({ status, kind }: Enterprise): boolean {
  return status === 'ACTIVE' && kind === 'ORDINARY';
}

/** Cuts a hundred percent into parts, the largest first. */
function cut(parts: number, random: Random): number[] {
  const weights = Array.from({ length: Math.max(1, parts) }, () => random.whole(1, 9)).toSorted((a, b) => b - a);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => Math.floor((weight * 100) / total));
  shares[0]! += 100 - shares.reduce((sum, share) => sum + share, 0);
  return shares;
}
