import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { demoCallers, type DemoCallerName } from '../../../network/demo-callers.ts';
import { projectRoot } from '../../../network/settings.ts';
import { askWith } from '../../kit/ask.ts';
import {
  headcountGroupsOf,
  middleOf,
  powerGroupsOf,
  sumOf,
  taxGroupsOf,
  type TrueGroup,
} from '../../kit/city-groups.ts';
import {
  columnOf,
  columns,
  givenOf,
  TABLE,
  truthOf,
  type Amount,
  type Column,
  type Refusal,
  type TableAnswer,
} from './access-table.ts';
import { city, network } from './network.ts';

const QUERY = readFileSync(`${projectRoot}schema/operations/who-sees-what.graphql`, 'utf8');

const answers = new Map<string, TableAnswer>();

beforeAll(async () => {
  for (const role of Object.keys(TABLE)) answers.set(role, await askAs(headersOf(role)));
});

function headersOf(role: string): Record<string, string> {
  return role === 'public' ? {} : { ...network.headers[role as DemoCallerName] };
}

async function askAs(headers: Record<string, string>): Promise<TableAnswer> {
  return (await askWith(headers, network.gatewayUrl, QUERY)) as unknown as TableAnswer;
}

/** The rules that refuse something of a column. */
function rulesOf({ errors = [] }: TableAnswer, column: Column): string[] {
  const refusals = errors.filter(({ extensions }) => columnOf(extensions.coordinate) === column);
  return [...new Set(refusals.map(({ extensions }) => extensions.rule))].toSorted((a, b) => (a < b ? -1 : 1));
}

test('the callers ask about the enterprise, the person and the event that the city has', () => {
  const { uscc, pid } = demoCallers.enterprise.claims;
  const enterprise = city.enterprises.find((each) => each.uscc === uscc);
  expect(enterprise?.legalRepresentativePid).toBe(pid);
  expect(uscc.slice(2, 8)).toBe(demoCallers['tax-inspector'].claims.district);
  const eventNo = demoCallers['hotline-operator'].purpose['switchyard-case'];
  expect(city.hotlineEvents.find((event) => event.eventNo === eventNo)?.uscc).toBe(uscc);
});

test.each<[string, parcels: boolean, findings: boolean, rules: string[]]>([
  ['public', false, false, ['fire-findings', 'planning-holder']],
  ['enterprise', true, false, ['fire-findings']],
  ['tax-inspector', true, true, []],
  ['bank-officer', true, false, ['fire-findings']],
  ['hotline-operator', false, true, ['planning-holder']],
  ['leader', false, false, ['fire-findings', 'planning-holder']],
  ['auditor', false, false, ['market-auditor', 'planning-auditor']],
])('of premises %s is given land: %s, what the fire brigade found: %s', async (role, parcels, findings, rules) => {
  const query = readFileSync(`${projectRoot}schema/operations/premises.graphql`, 'utf8');
  const { data, errors = [] } = await askWith(headersOf(role), network.gatewayUrl, query);
  const enterprise = data?.['enterprise'] as {
    parcels: object[] | null;
    fireInspections: { defects: unknown }[] | null;
  };
  expect(enterprise.parcels !== null).toBe(parcels);
  expect(enterprise.fireInspections?.some(({ defects }) => defects !== null) ?? false).toBe(findings);
  const named = errors.map(({ extensions }) => (extensions as unknown as Refusal['extensions']).rule);
  expect([...new Set(named)].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(rules);
});

describe.each(Object.entries(TABLE))('%s', (role, row) => {
  test.each(columns)('%s', (column) => {
    const [amount, ...rules]: readonly [Amount, ...string[]] = row[column];
    const answer = answers.get(role)!;
    expect(givenOf(column, answer.data)).toEqual(truthOf(city, column, amount));
    expect(rulesOf(answer, column)).toEqual(rules.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  test('is told nothing but refusals, each with its rule, what the rule says and whose it is', () => {
    for (const { message, extensions } of answers.get(role)!.errors ?? []) {
      expect(extensions).toMatchObject({
        code: 'UNAUTHORIZED_FIELD_OR_TYPE',
        rule: expect.stringMatching(/^[a-z]+(-[a-z]+)+$/) as string,
        department: expect.any(String) as string,
      });
      expect(message).toMatch(/\.$/);
    }
  });
});

test('public security is not asked about a person of whom the caller may see nothing', async () => {
  const asked = async (role: string): Promise<string[]> =>
    Object.keys(await network.requestsDuring(() => askAs(headersOf(role))));
  expect(await asked('public')).not.toContain('public-security');
  expect(await asked('leader')).not.toContain('public-security');
  expect(await asked('enterprise')).toContain('public-security');
});

describe('groups', () => {
  const published = (
    groups: readonly TrueGroup[],
    figure: (values: number[]) => number,
  ): Record<string, number | null> =>
    Object.fromEntries(
      groups
        .filter(({ sector }) => sector < 'S')
        .map(({ groupId, values }) => [groupId, values.length >= 10 ? figure(values) : null]),
    );
  const given = (groups: readonly Record<string, unknown>[], figure: string): Record<string, unknown> =>
    Object.fromEntries(
      groups.flatMap((group) => (/[ST]$/.test(String(group['groupId'])) ? [] : [[group['groupId'], group[figure]]])),
    ) as Record<string, unknown>;
  const truth = [taxGroupsOf(city), headcountGroupsOf(city), powerGroupsOf(city, new Set())] as const;

  test('there are some of ten or more in every department, and some of fewer', () => {
    for (const groups of truth) {
      expect(groups.filter(({ values }) => values.length >= 10).length).toBeGreaterThan(5);
      expect(groups.filter(({ values }) => values.length < 10).length).toBeGreaterThan(50);
    }
  });

  test.each(Object.keys(TABLE))('%s is given totals of ten or more and of no fewer', (role) => {
    const { taxGroups, headcountGroups, powerGroups } = answers.get(role)!.data;
    expect(given(taxGroups, 'revenueCny')).toEqual(published(truth[0], sumOf));
    expect(given(headcountGroups, 'insured')).toEqual(published(truth[1], sumOf));
    expect(given(powerGroups, 'kwh')).toEqual(published(truth[2], sumOf));
  });

  test('a leader is given medians of ten or more and of no fewer', () => {
    const { taxGroups, headcountGroups, powerGroups } = answers.get('leader')!.data;
    expect(given(taxGroups, 'medianRevenueCny')).toEqual(published(truth[0], middleOf));
    expect(given(headcountGroups, 'medianInsured')).toEqual(published(truth[1], middleOf));
    expect(given(powerGroups, 'medianKwh')).toEqual(published(truth[2], middleOf));
  });

  test.each(['public', 'enterprise', 'hotline-operator', 'auditor'])('%s is given no medians', (role) => {
    const { taxGroups, headcountGroups, powerGroups } = answers.get(role)!.data;
    const medians = [
      ...Object.values(given(taxGroups, 'medianRevenueCny')),
      ...Object.values(given(headcountGroups, 'medianInsured')),
      ...Object.values(given(powerGroups, 'medianKwh')),
    ];
    expect(new Set(medians)).toEqual(new Set([null]));
  });

  test('a bank is given medians by size alone: of a group of one it would be the one', () => {
    const { taxGroups, headcountGroups, powerGroups } = answers.get('bank-officer')!.data;
    const amounts = new Set([0, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]);
    for (const median of Object.values(given(taxGroups, 'medianRevenueCny'))) expect(amounts).toContain(median);
    const counts = new Set([0, 1, 10, 50, 250, 1_000]);
    for (const median of Object.values(given(headcountGroups, 'medianInsured'))) expect(counts).toContain(median);
    expect(new Set(Object.values(given(powerGroups, 'medianKwh')))).toEqual(new Set([null]));
  });
});

describe('what else a request would have to say', () => {
  const without = async (role: DemoCallerName, header: string): Promise<TableAnswer> => {
    const { [header]: _, ...headers } = headersOf(role);
    return askAs(headers);
  };
  const refusalOf = ({ errors = [] }: TableAnswer, coordinate: string): Refusal | undefined =>
    errors.find(({ extensions }) => extensions.coordinate === coordinate);

  test('the mayor without a purpose is given aggregates only, and the reason', () => {
    const answer = answers.get('leader')!;
    for (const coordinate of ['Taxpayer.arrearsCny', 'InsuredUnit.headcounts', 'PowerCustomer.usage']) {
      const { message, extensions } = refusalOf(answer, coordinate)!;
      expect(extensions).toMatchObject({ outcome: 'AGGREGATE', rule: expect.stringMatching(/-leader$/) as string });
      expect(message).toMatch(/groups of ten or more/);
      expect(extensions.needs).toMatch(/to ask for groups/);
    }
  });

  test('an inspector without a case is given no amounts, and told what is missing', async () => {
    const answer = await without('tax-inspector', 'switchyard-case');
    for (const column of ['tax amounts', 'headcount by month', 'kWh', 'personal data'] as const) {
      expect(givenOf(column, answer.data)).toEqual(truthOf(city, column, 'none'));
      expect(rulesOf(answer, column).every((rule) => rule.endsWith('-inspector-without-case'))).toBe(true);
    }
    expect(refusalOf(answer, 'Taxpayer.arrearsCny')?.extensions.needs).toMatch(/switchyard-case/);
  });

  test('a bank without consent is told that it needs one', async () => {
    const answer = await without('bank-officer', 'switchyard-consent');
    for (const coordinate of ['Taxpayer.arrearsCny', 'Taxpayer.filings', 'InsuredUnit.headcounts']) {
      expect(refusalOf(answer, coordinate)?.extensions).toMatchObject({
        code: 'CONSENT_REQUIRED',
        outcome: 'NEEDS_CONSENT',
        needs: expect.stringMatching(/switchyard-consent/) as string,
      });
    }
  });

  test('a hotline operator with another event at hand is not told who called about this one', async () => {
    const other = city.hotlineEvents.find(({ uscc }) => uscc !== demoCallers.enterprise.claims.uscc)!;
    const answer = await askAs({ ...headersOf('hotline-operator'), 'switchyard-case': other.eventNo });
    expect(givenOf('contact', answer.data)).toEqual(truthOf(city, 'contact', 'none'));
    expect(rulesOf(answer, 'contact')).toEqual(['city-operations-contact']);
  });

  test('an enterprise is given of another what the public is', async () => {
    const uscc = city.truth.links.find(({ system, uscc: owner }) => {
      return system === 'COURTS' && owner !== demoCallers.enterprise.claims.uscc;
    })!.uscc;
    const [own, everyone] = await Promise.all(
      [headersOf('enterprise'), {}].map((headers) => askWith(headers, network.gatewayUrl, QUERY, { uscc })),
    );
    expect(own!.data?.['enterprise']).toEqual(everyone!.data?.['enterprise']);
    expect(own!.data?.['enterprise']).toMatchObject({ uscc, taxpayer: { arrearsCny: null } });
  });
});
