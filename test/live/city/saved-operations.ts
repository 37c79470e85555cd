import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../../../network/settings.ts';
import { askWith, type Answer } from '../../kit/ask.ts';
import { city, network } from './network.ts';

const FOLDER = `${projectRoot}schema/operations/`;
/** Nobody may see all of two, and one is about a case that is yet to be: they have tests of their own. */
const ELSEWHERE = ['who-sees-what.graphql', 'way-of-a-case.graphql', 'find-enterprise.graphql'];
const FILES = readdirSync(FOLDER).filter((file) => !ELSEWHERE.includes(file));

/** What came of one file: its answer, and the subgraphs that were asked for it. */
interface Outcome {
  answer: Answer;
  asked: string[];
}

const outcomes = new Map<string, Outcome>();

beforeAll(async () => {
  for (const file of FILES) outcomes.set(file, await run(readFileSync(FOLDER + file, 'utf8')));
});

async function run(operation: string): Promise<Outcome> {
  let answer: Answer = {};
  const requests = await network.requestsDuring(
    async () => (answer = await askWith(network.headers['tax-inspector'], network.gatewayUrl, operation)),
  );
  return { answer, asked: Object.keys(requests) };
}

function outcomeOf(file: string): Outcome {
  const outcome = outcomes.get(file);
  if (!outcome) throw new Error(`${FOLDER} holds no ${file}`);
  return outcome;
}

test.each(FILES)('%s answers an inspector with a case as it stands, with data and no errors', (file) => {
  const { data, errors } = outcomeOf(file).answer;
  expect(errors).toBeUndefined();
  expect(Object.values(data ?? {})).not.toHaveLength(0);
  expect(Object.values(data ?? {})).not.toContain(null);
});

test('place-360 comes from the four departments of the economies', () => {
  const { answer, asked } = outcomeOf('place-360.graphql');
  expect(asked).toEqual(['territory', 'aviation', 'municipal', 'labour']);
  expect(answer.data?.['place']).toMatchObject({
    name: 'France',
    codes: expect.arrayContaining([{ system: 'GEC', code: 'FR', method: expect.any(String) as string }]) as unknown,
    airports: expect.arrayContaining([expect.objectContaining({ iata: 'BOD' })]) as unknown,
    cities: expect.arrayContaining([expect.objectContaining({ name: 'Paris', capital: 'PRIMARY' })]) as unknown,
    holidays: expect.arrayContaining([expect.objectContaining({ date: '2026-07-14' })]) as unknown,
  });
});

describe('enterprise-360', () => {
  test('comes from five subgraphs', () => {
    expect(outcomeOf('enterprise-360.graphql').asked).toEqual([
      'market',
      'identity',
      'tax',
      'social-security',
      'power',
    ]);
  });

  test('says of the enterprise what each of the four systems was filled with', () => {
    const { answer } = outcomeOf('enterprise-360.graphql');
    const enterprise = answer.data?.['enterprise'] as { uscc: string };
    expect(enterprise).toMatchObject(recordsOf(enterprise.uscc));
  });
});

test('premises has the land and the visits of the fire brigade that the city has', () => {
  const { answer, asked } = outcomeOf('premises.graphql');
  const { uscc, registeredAddress, parcels, fireInspections } = answer.data!['enterprise'] as {
    uscc: string;
    registeredAddress: string;
    parcels: object[];
    fireInspections: object[];
  };
  expect(asked).toEqual(['market', 'planning', 'fire']);
  expect(parcels).toEqual(
    city.parcels
      .filter(({ title }) => title.holderUscc === uscc)
      .map(({ pin, landUse, areaM2, title }) => ({
        ...{ pin, landUse, areaM2, titleKind: title.kind, expiresOn: title.expiresOn },
      })),
  );
  const visits = city.fireInspections.filter(({ address }) => address === registeredAddress);
  expect(fireInspections).toEqual(
    visits
      .toSorted((one, other) => other.inspectedOn.localeCompare(one.inspectedOn))
      .map(({ inspectionNo, inspectedOn, result, defects, nextDueOn }) => ({
        ...{ inspectionNo, inspectedOn, result, defects, nextDueOn },
      })),
  );
  expect([parcels.length, fireInspections.length].every((count) => count > 0)).toBe(true);
});

test('trade has what the enterprise declared, as the last message about each says', () => {
  const { answer } = outcomeOf('trade.graphql');
  const { uscc, customsDeclarations } = answer.data!['enterprise'] as { uscc: string; customsDeclarations: object[] };
  const told = city.customsDeclarations
    .filter((declaration) => declaration.uscc === uscc)
    .toSorted((one, other) => other.declaredOn.localeCompare(one.declaredOn))
    .map(({ declarationNo, direction, chapter, valueCny, declaredOn, steps }) => ({
      ...{ declarationNo, direction, chapter, valueCny, declaredOn, status: steps.at(-1)!.status },
      statusAt: new Date(steps.at(-1)!.atMs).toISOString(),
    }));
  expect(customsDeclarations).toEqual(told);
  expect(told.length).toBeGreaterThan(1);
});

/** What the systems were filled with, in the shape of the operation. */
function recordsOf(uscc: string): object {
  const links = city.truth.links.filter((link) => link.uscc === uscc);
  const keyOf = (system: string) => links.find((link) => link.system === system)?.localKey;
  const taxpayer = city.taxpayers.find(({ taxpayerId }) => taxpayerId === keyOf('TAX'));
  const insuredUnit = city.insuredUnits.find(({ unitNo }) => unitNo === keyOf('SOCIAL_SECURITY'));
  const meters = new Set(links.flatMap(({ system, localKey }) => (system === 'POWER' ? [localKey] : [])));
  return {
    name: city.enterprises.find((enterprise) => enterprise.uscc === uscc)?.name,
    taxpayer: {
      taxpayerId: taxpayer?.taxpayerId,
      declaredHeadcount: taxpayer?.declaredHeadcount,
      invoices: taxpayer?.invoices.toReversed().slice(0, 2),
    },
    insuredUnit: {
      unitNo: insuredUnit?.unitNo,
      headcounts: insuredUnit?.headcounts.toReversed().slice(0, 3),
    },
    powerCustomers: city.powerCustomers
      .filter(({ customerNo }) => meters.has(customerNo))
      .map(({ customerNo, usage }) => ({ customerNo, usage: usage.toReversed().slice(0, 3) })),
  };
}

test('find-enterprise comes from the twelve departments of the city; what the inspector is not given is named, and nothing else is missing', async () => {
  const { answer, asked } = await run(readFileSync(`${FOLDER}find-enterprise.graphql`, 'utf8'));
  const withoutCustoms = ['market', 'identity', 'tax', 'social-security', 'power', 'courts', 'public-security'];
  expect(asked).toEqual([...withoutCustoms, 'city-operations', 'planning', 'fire', 'credit-registry']);
  const { creditFile, customsDeclarations, ...rest } = answer.data!['enterprise'] as Record<string, unknown>;
  expect(answer.errors).toEqual([
    expect.objectContaining({
      path: ['enterprise', 'creditFile', 'outstandingCny'],
      extensions: expect.objectContaining({ rule: expect.stringContaining('credit-registry') as string }) as unknown,
    }),
  ]);
  expect(creditFile).toEqual({ outstandingCny: null });
  expect(customsDeclarations).not.toBeNull();
  expect(Object.values(rest)).not.toContain(null);
});
