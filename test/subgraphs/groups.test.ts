import { expect, test } from 'vitest';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import { power } from '../../subgraphs/power/department.ts';
import { socialSecurity } from '../../subgraphs/social-security/department.ts';
import { tax } from '../../subgraphs/tax/department.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { seedPower } from '../../systems/power/seed.ts';
import { seedSocialSecurity } from '../../systems/social-security/seed.ts';
import { startSocialSecuritySystem } from '../../systems/social-security/service.ts';
import { seedTax } from '../../systems/tax/seed.ts';
import { startTaxSystem } from '../../systems/tax/service.ts';
import { ask } from '../kit/ask.ts';
import { headcountGroupsOf, middleOf, powerGroupsOf, sumOf, taxGroupsOf, type TrueGroup } from '../kit/city-groups.ts';
import { askEntities, closingAfterEach, temporaryFolder } from '../kit/department.ts';

const city = generateCity({ enterprises: 400, months: 12 });
const closing = closingAfterEach();

/** Asks for the groups both ways: all of them, and each by its key. */
async function askGroups(url: string, field: string, typeName: string, selection: string): Promise<object[]> {
  const { data, errors } = await ask(url, `{ ${field} { groupId district sector ${selection} } }`);
  expect(errors).toBeUndefined();
  const groups = (data![field] as { groupId: string }[]).toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1));
  const keys = [...groups, { groupId: 'nowhere' }].map(({ groupId }) => ({ __typename: typeName, groupId }));
  const again = await askEntities(url, keys, `... on ${typeName} { groupId district sector ${selection} }`);
  expect(again).toEqual({ data: { _entities: [...groups, null] } });
  return groups;
}

function told(groups: readonly TrueGroup[], figures: (values: number[], group: TrueGroup) => object): object[] {
  return groups.map(({ values, ...key }) => ({ ...key, ...figures(values, { values, ...key }) }));
}

test('taxpayers by district and sector, with what was filed for the newest quarter', async () => {
  const folder = closing(temporaryFolder());
  seedTax(folder.file('tax.db'), city.taxpayers, 'one');
  const service = closing(await startTaxSystem({ PORT: '0', TAX_DATABASE_FILE: folder.file('tax.db') }));
  const subgraph = closing(await serveDepartment(tax, { PORT: '0', TAX_WSDL_URL: service.url }));
  const selection = 'taxpayers revenueCny medianRevenueCny';
  expect(await askGroups(subgraph.url, 'taxGroups', 'TaxGroup', selection)).toEqual(
    told(taxGroupsOf(city), (values) => ({
      taxpayers: values.length,
      revenueCny: sumOf(values),
      medianRevenueCny: middleOf(values),
    })),
  );
});

test('insured units by district and sector, with the newest month', async () => {
  const folder = closing(temporaryFolder());
  const file = folder.file('units.db');
  seedSocialSecurity(file, city.insuredUnits, 'one');
  const env = { SOCIAL_SECURITY_DATABASE_FILE: file, SOCIAL_SECURITY_FAULT_EVERY: '2' };
  const service = closing(await startSocialSecuritySystem({ PORT: '0', ...env }));
  const subgraph = closing(await serveDepartment(socialSecurity, { PORT: '0', SOCIAL_SECURITY_URL: service.url }));
  const selection = 'units insured medianInsured';
  expect(await askGroups(subgraph.url, 'headcountGroups', 'HeadcountGroup', selection)).toEqual(
    told(headcountGroupsOf(city), (values) => ({
      units: values.length,
      insured: sumOf(values),
      medianInsured: middleOf(values),
    })),
  );
});

test('power customers by district and sector, with the newest month but for the rows that are broken', async () => {
  const folder = closing(temporaryFolder());
  const { brokenRows } = seedPower(folder.path, city);
  const subgraph = closing(await serveDepartment(power, { PORT: '0', POWER_DROP_DIR: folder.path }));
  const groups = await askGroups(subgraph.url, 'powerGroups', 'PowerGroup', 'customers kwh medianKwh');
  const whole = powerGroupsOf(city, new Set());
  const counted = (groups as { customers: number }[]).reduce((sum, { customers }) => sum + customers, 0);
  // Of a row that came twice the first counts.
  expect(whole.reduce((sum, { values }) => sum + values.length, 0) - counted).toBe(brokenRows - 1);
  const ofBusinesses = (group: object): boolean => !/[ST]$/.test((group as { groupId: string }).groupId);
  expect(groups.filter(ofBusinesses)).toEqual(
    told(whole, (values) => ({ customers: values.length, kwh: sumOf(values), medianKwh: middleOf(values) })).filter(
      ofBusinesses,
    ),
  );
});
