/**
 * Fills every department's own system. A program of its own, because making a city keeps a processor busy for seconds,
 * and whoever waits wants to see it move.
 */
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { generateCity } from '../systems/city/generate.ts';
import type { CityRecords } from '../systems/city/records.ts';
import { seedCityOperations } from '../systems/city-operations/seed.ts';
import { seedCreditRegistry } from '../systems/credit-registry/seed.ts';
import { seedCourts } from '../systems/courts/seed.ts';
import { seedCustoms } from '../systems/customs/seed.ts';
import { seedFire } from '../systems/fire/seed.ts';
import { seedIdentity } from '../systems/identity/seed.ts';
import { seedMarket } from '../systems/market/seed.ts';
import { seedMunicipal } from '../systems/municipal/seed.ts';
import { seedPlanningInMariaDb } from '../systems/planning/seed-mariadb.ts';
import { seedPlanning } from '../systems/planning/seed.ts';
import { seedPower } from '../systems/power/seed.ts';
import { seedPublicSecurity } from '../systems/public-security/seed.ts';
import { seedSocialSecurity } from '../systems/social-security/seed.ts';
import { seedTax } from '../systems/tax/seed.ts';
import { seedTerritory } from '../systems/territory/seed.ts';
import { explainStartError } from '../subgraphs/kit/program.ts';
import { markDatabase } from './data-mark.ts';
import type { StoreName } from './parts.ts';
import type { DatabaseMessage, SeedMessage, SeedOrder } from './seed-messages.ts';

process.once('disconnect', () => process.exit(1));
const order = JSON.parse(process.env['SEED_ORDER'] ?? '{}') as SeedOrder;
const database = once(process, 'message').then(([message]) => (message as DatabaseMessage).databaseUrl);
try {
  await fillSystems(order);
  process.exit(0);
} catch (error) {
  await tell({ kind: 'failed', reason: explainStartError(error) });
  process.exit(1);
}

async function fillSystems({ data, fingerprint, mariadbUrl, streamsUrl, ...city }: SeedOrder): Promise<void> {
  await make('municipal-data', 'cities of the world', () => seedMunicipal(data.municipalFile));
  await tell({ kind: 'step', detail: `making a city of ${count(city.enterprises)} enterprises` });
  const records = generateCity(city);
  await make('tax-data', 'taxpayers', () => seedTax(data.taxFile, records.taxpayers, fingerprint));
  await make('social-security-data', 'insured units', () =>
    seedSocialSecurity(data.socialSecurityFile, records.insuredUnits, fingerprint),
  );
  await make('power-data', 'monthly power files', () => seedPower(data.powerDrop, records));
  await make('identity-data', 'identity links', () => seedIdentity(data.identityDrop, data.identityFile, records));
  await make('courts-data', 'court cases', () => seedCourts(data.courtCases, records.courtCases));
  await make('city-operations-data', 'hotline events', () =>
    seedCityOperations(data.cityOperationsFile, records.hotlineEvents, fingerprint),
  );
  await make('fire-data', 'visits of the fire brigade', () => seedFire(data.fireDrop, records.fireInspections));
  await make('planning-data', 'parcels of land', () => {
    const counts = seedPlanning(data.planningFile, records.parcels, fingerprint);
    return mariadbUrl === undefined ? counts : seedPlanningInMariaDb(mariadbUrl, records.parcels, fingerprint);
  });
  if (streamsUrl !== undefined)
    await make('customs-data', 'messages of customs', () =>
      seedCustoms(streamsUrl, records.customsDeclarations, fingerprint),
    );
  await make('credit-registry-data', 'loans', () =>
    seedCreditRegistry(data.creditRegistryFile, records.creditFiles, fingerprint),
  );
  await fillDatabase(await database, records);
  await markDatabase(await database, fingerprint);
  writeFileSync(data.madeFrom, fingerprint);
}

async function fillDatabase(databaseUrl: string, records: CityRecords): Promise<void> {
  await make('territory-data', 'places', () => seedTerritory(databaseUrl));
  await make('market-data', 'enterprises', () => seedMarket(databaseUrl, records));
  await make('public-security-data', 'persons', () => seedPublicSecurity(databaseUrl, records.people));
}

async function make(store: StoreName, what: string, fill: () => unknown): Promise<void> {
  await tell({ kind: 'step', detail: `writing ${what}` });
  const counts = (await fill()) as Record<string, unknown> | undefined;
  const [first] = Object.values(counts ?? {});
  await tell({ kind: 'made', store, detail: typeof first === 'number' ? `${count(first)} ${what}` : what });
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function tell(message: SeedMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
