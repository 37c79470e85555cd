import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DemoCallerName } from '../../network/demo-callers.ts';
import { askWith } from '../kit/ask.ts';
import { startNetwork, type TestNetwork } from '../kit/network.ts';

const USCC = '91990104MA95YFB981';

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork({ enterprises: 200 });
  const { data } = await askAs('bank-officer', '{ enterprises(first: 2) { uscc } }');
  const [other] = (data!['enterprises'] as { uscc: string }[]).filter(({ uscc }) => uscc !== USCC);
  await askAs('tax-inspector', `query Audit { enterprise(uscc: "${USCC}") { name taxpayer { arrearsCny } } }`);
  await askAs(
    'bank-officer',
    `query Check { enterprise(uscc: "${USCC}") { name insuredUnit { headcounts { month } } } }`,
  );
  await askAs('hotline-operator', `query Elsewhere { enterprise(uscc: "${other!.uscc}") { name } }`);
});
afterAll(() => network.stop());

function askAs(caller: DemoCallerName, query: string) {
  return askWith(network.headers[caller], network.gatewayUrl, query);
}

interface Looked {
  operationName: string | null;
  initiatorPerson: string | null;
  purpose: string | null;
  caseNumber: string | null;
  consentReference: string | null;
  rules: string[];
  fields: string[];
}

/** The named requests that a field of the trail tells a caller of; undefined where it is refused. */
async function read(caller: DemoCallerName, field: string): Promise<Looked[] | undefined> {
  const asked = '{ operationName initiatorPerson purpose caseNumber consentReference rules fields }';
  const { data } = await askAs(caller, `{ trail { page: ${field} { records ${asked} } } }`);
  const { page } = data!['trail'] as { page: { records: Looked[] } | null };
  return page?.records.filter(({ operationName }) => operationName !== null);
}

test('an enterprise sees who looked at it, what for, and by which rule', async () => {
  const looked = await read('enterprise', 'aboutMe');
  expect(looked!.map(({ operationName }) => operationName)).toEqual(['Check', 'Audit']);
  const [check, audit] = looked!;
  expect(check).toMatchObject({ initiatorPerson: 'officer-3', consentReference: 'CONSENT-2026-0042' });
  expect(audit).toMatchObject({
    initiatorPerson: 'inspector-7',
    purpose: 'tax audit',
    caseNumber: 'TAX-2026-0117',
    fields: expect.arrayContaining(['Enterprise.name', 'Taxpayer.arrearsCny']) as unknown,
    rules: expect.arrayContaining([expect.stringMatching(/^tax-inspector/)]) as unknown,
  });
});

test('an officer sees own acts, the auditor all, and leaders nothing', async () => {
  expect((await read('tax-inspector', 'ownActs'))!.map(({ operationName }) => operationName)).toEqual(['Audit']);
  const all = await read('auditor', 'everything(first: 1000)');
  expect(all!.map(({ operationName }) => operationName)).toEqual(['Elsewhere', 'Check', 'Audit']);
  for (const field of ['aboutMe', 'ownActs', 'ofDepartment', 'everything'])
    expect(await read('leader', field)).toBeUndefined();
  expect(await read('tax-inspector', 'ofDepartment')).toBeUndefined();
  expect(await read('enterprise', 'everything')).toBeUndefined();
});

test('the Data Tracker is told the same', async () => {
  const response = await fetch(new URL('/trail/v3/findUsage', network.gatewayUrl), {
    headers: network.headers.enterprise,
  });
  const { dataResponses } = (await response.json()) as {
    dataResponses: { purpose: string; initiatorPerson: object }[];
  };
  expect(dataResponses).toContainEqual(
    expect.objectContaining({ purpose: 'tax audit', initiatorPerson: { alternativeCode: 'inspector-7' } }),
  );
});

test('what the tax bureau grants for a case is read for it, counted, recorded, and ends when it is revoked', async () => {
  const amounts = `query Arbitration { enterprise(uscc: "${USCC}") { taxpayer { arrearsCny } } }`;
  const arrears = async (): Promise<unknown> => {
    const { data } = await askAs('arbitrator', amounts);
    return (data!['enterprise'] as { taxpayer: { arrearsCny: number | null } }).taxpayer.arrearsCny;
  };
  expect(await arrears()).toBeNull();
  const given = await askAs(
    'tax-steward',
    `mutation { giveGrant(grant: {
      classes: ["amounts"], grantee: { subject: "arbitrator-4" }, caseNumber: "ARB-2026-0009", subjects: ["${USCC}"]
      reason: "Unpaid wages", maxReads: 200, expiresAt: "${new Date(Date.now() + 3_600_000).toISOString()}"
    }) { id state } }`,
  );
  expect(given.errors).toBeUndefined();
  const { id } = given.data!['giveGrant'] as { id: string };
  expect(await arrears()).toEqual(expect.any(Number));
  const { data } = await askAs('tax-steward', '{ grants { ofDepartment { id reads } } }');
  expect(data).toEqual({ grants: { ofDepartment: [{ id, reads: 1 }] } });
  const [looked] = (await read('enterprise', 'aboutMe'))!;
  expect(looked).toMatchObject({
    operationName: 'Arbitration',
    caseNumber: 'ARB-2026-0009',
    rules: expect.arrayContaining(['tax-granted']) as unknown,
  });
  await askAs('tax-steward', `mutation { revokeGrant(id: "${id}") { state } }`);
  expect(await arrears()).toBeNull();
});

test('what an inspector takes in an emergency is given for that purpose alone, and the person sees it', async () => {
  const inspector = network.headers['tax-inspector'];
  const name = async (purpose: object): Promise<string> => {
    const asked = `query Emergency { enterprise(uscc: "${USCC}") { legalRepresentative { pid name } } }`;
    const { data } = await askWith({ ...inspector, ...purpose }, network.gatewayUrl, asked);
    return (data!['enterprise'] as { legalRepresentative: { name: string } }).legalRepresentative.name;
  };
  const masked = await name({});
  expect(masked).toMatch(/^[^*]\*+$/);
  const taken = await askAs(
    'tax-inspector',
    'mutation { breakGlass(department: "public-security", classes: ["personal"], subjects: ["P9936956794"], reason: "Fire") { state } }',
  );
  expect(taken.data).toEqual({ breakGlass: { state: 'ACTIVE' } });
  expect(await name({ 'switchyard-purpose': 'break-glass' })).not.toContain('*');
  expect(await name({})).toBe(masked);
  const [, looked] = (await read('enterprise', 'aboutMe'))!;
  expect(looked).toMatchObject({ operationName: 'Emergency', purpose: 'break-glass', initiatorPerson: 'inspector-7' });
});
