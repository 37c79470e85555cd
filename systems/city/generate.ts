import { activityOf, filingsOf, monthsUntilNow } from './activity.ts';
import { registeredAddress } from './addresses.ts';
import { casesOf } from './cases.ts';
import { customsDeclarationsOf } from './customs.ts';
import { creditFilesOf } from './credit.ts';
import { makeEnterprises, type Enterprise } from './enterprises.ts';
import { fireInspectionsOf } from './fire.ts';
import { hotlineEventsOf } from './hotline.ts';
import { parcelsOf } from './land.ts';
import { registeredName } from './names.ts';
import { peopleOf } from './people.ts';
import { strangersOf } from './strangers.ts';
import type { CityRecords, CityTruth, MarketRecord } from './records.ts';
import { insuredUnitFor, powerCustomersFor, taxpayerFor, type Draft } from './systems-of-record.ts';

/** How large a city to make, and which one. */
export interface CitySettings {
  /** Another seed makes another city. Default 1. */
  seed?: number;
  /** How many enterprises the register holds, at least 1. Default 5,000. */
  enterprises?: number;
  /** How many months are covered, ending with 2026-09; 1 to 60. Default 24. */
  months?: number;
}

/**
 * Makes a whole city from a seed: the same settings give the same records, byte for byte. The first enterprises of a
 * larger city are those of a smaller one.
 *
 * @throws RangeError when a setting is not a whole number in its range
 */
export function generateCity(settings: CitySettings = {}): CityRecords {
  const seed = checked('seed', settings.seed ?? 1, 0, 2 ** 31);
  const count = checked('enterprises', settings.enterprises ?? 5_000, 1, 1_000_000);
  const months = monthsUntilNow(checked('months', settings.months ?? 24, 1, 60));
  const enterprises = makeEnterprises(seed, count);
  const truth: CityTruth = { links: [], shells: [], lookAlikes: [] };
  const cases = casesOf(seed, enterprises);
  const city: CityRecords = {
    months,
    enterprises: [],
    taxpayers: [],
    insuredUnits: [],
    powerCustomers: [],
    people: peopleOf(seed, enterprises),
    hotlineEvents: hotlineEventsOf(seed, enterprises),
    courtCases: cases.map(({ record }) => record),
    parcels: parcelsOf(seed, enterprises),
    fireInspections: fireInspectionsOf(seed, enterprises),
    customsDeclarations: customsDeclarationsOf(seed, enterprises),
    creditFiles: creditFilesOf(seed, enterprises),
    truth,
  };
  for (const enterprise of enterprises) addEnterprise(city, { seed, enterprise, before: enterprises });
  for (const { record, uscc } of cases)
    if (uscc !== null) truth.links.push({ system: 'COURTS', localKey: record.caseNo, uscc });
  const strangers = strangersOf(seed, enterprises, months);
  city.taxpayers.push(...strangers.taxpayers);
  city.insuredUnits.push(...strangers.insuredUnits);
  city.powerCustomers.push(...strangers.powerCustomers);
  return inKeyOrder(city);
}

function addEnterprise(city: CityRecords, draft: Omit<Draft, 'activity'>): void {
  const { enterprise, seed } = draft;
  const whole = { ...draft, activity: activityOf(seed, enterprise, city.months) };
  const { truth } = city;
  city.enterprises.push(marketRecord(enterprise));
  const taxpayer = taxpayerFor(whole, filingsOf(seed, enterprise, whole.activity));
  const insuredUnit = insuredUnitFor(whole);
  if (taxpayer) {
    city.taxpayers.push(taxpayer);
    truth.links.push({ system: 'TAX', localKey: taxpayer.taxpayerId, uscc: enterprise.uscc });
  }
  if (insuredUnit) {
    city.insuredUnits.push(insuredUnit);
    truth.links.push({ system: 'SOCIAL_SECURITY', localKey: insuredUnit.unitNo, uscc: enterprise.uscc });
  }
  for (const customer of powerCustomersFor(whole)) {
    city.powerCustomers.push(customer);
    truth.links.push({ system: 'POWER', localKey: customer.customerNo, uscc: enterprise.uscc });
  }
  if (enterprise.kind === 'SHELL') truth.shells.push(enterprise.uscc);
  else if (enterprise.kind !== 'ORDINARY') truth.lookAlikes.push({ uscc: enterprise.uscc, reason: enterprise.kind });
}

function marketRecord(enterprise: Enterprise): MarketRecord {
  const { uscc, regNo, status, establishedOn, registeredCapitalCny, legalRepresentativePid, shareholders } = enterprise;
  return {
    uscc,
    regNo,
    name: registeredName(enterprise.name),
    status,
    industry: enterprise.industry.section,
    registeredCapitalCny,
    registeredAddress: registeredAddress(enterprise.address, enterprise.name.script),
    establishedOn,
    legalRepresentativePid,
    shareholders,
  };
}

/** Each system lists its rows by its own key, so that their order tells nothing of the enterprises behind them. */
function inKeyOrder(city: CityRecords): CityRecords {
  const byKey = <T>(rows: T[], keyOf: (row: T) => string): T[] => rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  byKey(city.taxpayers, (row) => row.taxpayerId);
  byKey(city.insuredUnits, (row) => row.unitNo);
  byKey(city.powerCustomers, (row) => row.customerNo);
  return city;
}

function checked(setting: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${setting} is ${value}; it must be a whole number from ${least} to ${most}`);
}
