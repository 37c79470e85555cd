import { makeAddress } from './addresses.ts';
import { CREDIT_CODE_ALPHABET, creditCode, inCreditCodeAlphabet, scattered } from './codes.ts';
import type { Enterprise } from './enterprises.ts';
import { INDUSTRIES } from './industries.ts';
import { makeName, personName, type EnterpriseName } from './names.ts';
import { BLOCK_SIZE } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { CityRecords, PowerRecord, SocialSecurityRecord, TaxRecord } from './records.ts';
import { customerNumber, unitNumberOf } from './systems-of-record.ts';
import { powerHand, socialSecurityHand, taxHand } from './writing.ts';

type Strangers = Pick<CityRecords, 'taxpayers' | 'insuredUnits' | 'powerCustomers'>;

/** Sections of the classification that no enterprise of the register is in: other services, and households. */
const OTHER_SERVICES = 'S';
const HOUSEHOLDS = 'T';

/** Numbers of strangers begin where those of enterprises end. */
const FIRST_STRANGER = 10_000_000;

/**
 * Records that stand for nobody in the register: foreign offices, households, firms of other cities. Some are there
 * to be mistaken: they have the name of a registered firm, its house, or a key one character from its code.
 */
export function strangersOf(seed: number, enterprises: readonly Enterprise[], months: readonly string[]): Strangers {
  const strangers: Strangers = { taxpayers: [], insuredUnits: [], powerCustomers: [] };
  for (let block = 0; block * BLOCK_SIZE < enterprises.length; block += 1) {
    const neighbours = enterprises.slice(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE);
    addStrangers(strangers, { seed, block, neighbours, months });
  }
  return strangers;
}

/** The strangers of one block; a block that is not full has as large a part of them. */
function addStrangers(
  strangers: Strangers,
  {
    seed,
    block,
    neighbours,
    months,
  }: { seed: number; block: number; neighbours: Enterprise[]; months: readonly string[] },
): void {
  const random = createRandom(seed, `strangers/${block}`);
  const part = (count: number): number[] => [...Array(Math.ceil((count * neighbours.length) / BLOCK_SIZE)).keys()];
  const number = (at: number): number => FIRST_STRANGER + block * 100 + at;
  strangers.taxpayers.push(...part(6).map((at) => taxpayer(random, number(at), at === 0 ? neighbours : null)));
  strangers.insuredUnits.push(
    ...part(6).map((at) => {
      const namesake = at === 0 ? random.pick(neighbours) : null;
      return insuredUnit(random, unitNumberOf(seed, number(at)), { months, namesake });
    }),
  );
  strangers.powerCustomers.push(
    ...part(15).map((at) => household(random, customerNumber(seed, number(at)), months)),
    sameHouse(random, customerNumber(seed, number(15)), { months, neighbour: random.pick(neighbours) }),
    sameName(random, customerNumber(seed, number(16)), { months, neighbour: random.pick(neighbours) }),
  );
}

/** A foreign office, or a firm of another city; with neighbours, one whose code is a character away from one of theirs. */
function taxpayer(random: Random, number: number, neighbours: readonly Enterprise[] | null): TaxRecord {
  const body = inCreditCodeAlphabet(scattered(number, 31 ** 6, 548_504_437, 11), 6);
  const own = creditCode(`9902${String(random.whole(1, 30)).padStart(2, '0')}`, `MB${body}`);
  const near = neighbours && random.pick(neighbours).uscc;
  const at = random.whole(9, 15);
  const wrong = random.pick([...CREDIT_CODE_ALPHABET].filter((character) => character !== near?.[at]));
  const address = makeAddress(random);
  return {
    taxpayerId: near ? near.slice(0, at) + wrong + near.slice(at + 1) : own,
    name: taxHand.name(strangeName(random), random),
    address: taxHand.address(address, 'latin', random),
    district: address.district.code,
    sector: OTHER_SERVICES,
    declaredHeadcount: random.whole(1, 12),
    arrearsCny: 0,
    filings: [],
    invoices: [],
  };
}

/** A household that insures its help; with a namesake, a firm of another city that is called as one here. */
function insuredUnit(
  random: Random,
  unitNo: string,
  of: { months: readonly string[]; namesake: Enterprise | null },
): SocialSecurityRecord {
  const script = of.namesake?.name.script ?? 'latin';
  const insured = random.whole(1, 3);
  const name = of.namesake ? socialSecurityHand.name(of.namesake.name, random) : personName(random, script);
  const address = makeAddress(random);
  return {
    unitNo,
    name,
    address: socialSecurityHand.address(address, script, random),
    district: address.district.code,
    sector: of.namesake ? OTHER_SERVICES : HOUSEHOLDS,
    insuredSince: of.months[0]!,
    headcounts: of.months.map((month) => ({ month, insured })),
  };
}

function household(random: Random, customerNo: string, months: readonly string[]): PowerRecord {
  const script = random.chance(0.65) ? 'latin' : 'han';
  const name = personName(random, script);
  const address = makeAddress(random);
  return {
    customerNo,
    name: script === 'latin' ? name.toUpperCase() : name,
    meterAddress: powerHand.address(address, script, random),
    district: address.district.code,
    sector: HOUSEHOLDS,
    usage: usageAround(random, 240, months),
    applications: [],
  };
}

/** Another firm at the very address of a registered one. */
function sameHouse(
  random: Random,
  customerNo: string,
  of: { months: readonly string[]; neighbour: Enterprise },
): PowerRecord {
  const { address, name } = of.neighbour;
  const stranger = strangeName(random);
  return {
    customerNo,
    name: powerHand.name({ ...stranger, script: name.script }, random),
    meterAddress: powerHand.address(address, name.script, random),
    district: address.district.code,
    sector: OTHER_SERVICES,
    usage: usageAround(random, 4_000, of.months),
    applications: [],
  };
}

/** Another firm with the very name of a registered one, elsewhere. */
function sameName(
  random: Random,
  customerNo: string,
  of: { months: readonly string[]; neighbour: Enterprise },
): PowerRecord {
  const { name } = of.neighbour;
  const written = powerHand.name(name, random);
  const address = makeAddress(random);
  return {
    customerNo,
    name: written,
    meterAddress: powerHand.address(address, name.script, random),
    district: address.district.code,
    sector: OTHER_SERVICES,
    usage: usageAround(random, 2_500, of.months),
    applications: [],
  };
}

/** A name that the register does not have: its brand is longer than any there. */
function strangeName(random: Random): EnterpriseName {
  const name = makeName(random, random.pick(INDUSTRIES));
  return { ...name, script: 'latin', city: 'none', brand: [`${name.brand[0]}overseas`, `${name.brand[1]}海外`] };
}

function usageAround(random: Random, kwh: number, months: readonly string[]): PowerRecord['usage'] {
  const usual = random.around(kwh, 0.4);
  return months
    .toReversed()
    .map((month) => ({ month, kwh: Math.round(usual * random.around(1, 0.15) * 100) / 100 }))
    .reverse();
}
