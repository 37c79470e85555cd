import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { DemoCallerName } from '../../../network/demo-callers.ts';
import { projectRoot } from '../../../network/settings.ts';
import { askWith } from '../../kit/ask.ts';
import { network } from './network.ts';

const USCC = '91990104MA95YFB981';

beforeAll(async () => {
  const { data } = await askAs('bank-officer', '{ enterprises(first: 2) { uscc } }');
  const [other] = (data!['enterprises'] as { uscc: string }[]).filter(({ uscc }) => uscc !== USCC);
  await askAs('tax-inspector', `query Audit { enterprise(uscc: "${USCC}") { name taxpayer { arrearsCny } } }`);
  await askAs(
    'bank-officer',
    `query Check { enterprise(uscc: "${USCC}") { name insuredUnit { headcounts { month } } } }`,
  );
  await askAs('hotline-operator', `query Elsewhere { enterprise(uscc: "${other!.uscc}") { name } }`);
});

function askAs(caller: DemoCallerName, query: string) {
  return askWith(network.headers[caller], network.gatewayUrl, query);
}

/** Asks as somebody about one case: every such request is a part of the whole that the finding names. */
async function askAbout(finding: string, caller: DemoCallerName, query: string): Promise<Record<string, unknown>> {
  const headers = { ...network.headers[caller], 'switchyard-query-group': finding };
  const { data, errors } = await askWith(headers, network.gatewayUrl, query, { finding });
  expect(errors).toBeUndefined();
  return data!;
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

/** What a README section has to be typed, with this network's address and folder in place of those of npm start. */
function commandsOf(heading: string): string {
  const readme = readFileSync(`${projectRoot}README.md`, 'utf8');
  const [, block = ''] = /```sh\n([^]*?)```/.exec(readme.slice(readme.indexOf(`### ${heading}`))) ?? [];
  const { origin } = new URL(network.gatewayUrl);
  return block
    .replaceAll('http://127.0.0.1:4000', origin)
    .replaceAll('.switchyard/data', network.dataFolder)
    .replaceAll('/tmp/archive', `${network.dataFolder}/archive`)
    .replaceAll('npx switchyard', `"${process.execPath}" bin/switchyard.js`);
}

async function type(commands: string): Promise<string> {
  const typed = execFile('sh', ['-c', commands], { cwd: projectRoot, env: { ...process.env, FORCE_COLOR: '' } });
  let output = '';
  typed.stdout!.on('data', (text: string) => (output += text));
  await once(typed, 'close');
  return output;
}

// Its event is the first there is: A2026-000001.
test('what the README has under Act goes from a finding to its end', async () => {
  const last = (await type(commandsOf('Act'))).split('}{').at(-1)!;
  const { data } = JSON.parse(`{${last}`) as { data: Record<string, Record<string, unknown>> };
  expect(data['actionEvent']).toMatchObject({ state: 'CLOSED', measures: [{ department: 'market' }] });
  expect(data['trail']!['ofDepartment']).toMatchObject({ records: { length: 4 } });
});

test('what the README has under Traces shows who looked, and finds the byte that was altered', async () => {
  const output = await type(`${commandsOf('Traces')}\necho "exit code $?"`);
  expect(output).toMatch(/inspector-7 +tax +tax audit +TAX-2026-0117/);
  expect(output).toMatch(/^ok +\d+ records/m);
  expect(output).toMatch(/^(altered|unreadable) +chain-0001\.jsonl line \d+ .* record \d+/m);
  expect(output.trimEnd().split('\n').at(-1)).toBe('exit code 1');
});

test('the way of a case is one query: what was done, by whom, how long it took, and who asked for what on the way', async () => {
  const finding = 'F-2026-1';
  const opening = `finding: "${finding}", uscc: "${USCC}", foundAt: "2026-11-01T08:00:00Z", summary: "Nobody insured"`;
  const opened = await askAbout(finding, 'city-operator', `mutation Open { openActionEvent(${opening}) { eventNo } }`);
  const { eventNo } = opened['openActionEvent'] as { eventNo: string };
  const steps: [DemoCallerName, string][] = [
    [
      'city-operator',
      `mutation Assign { assignActionEvent(eventNo: "${eventNo}", department: "market", dueOn: "2026-12-24") { state } }`,
    ],
    ['market-officer', `query Look { enterprise(uscc: "${USCC}") { name actionEvents { summary } } }`],
    [
      'market-officer',
      `mutation Visit { recordMeasure(eventNo: "${eventNo}", kind: INSPECTION, text: "Empty") { state } }`,
    ],
    [
      'city-operator',
      `mutation Close { closeActionEvent(eventNo: "${eventNo}", outcome: CONFIRMED, text: "Struck off") { state } }`,
    ],
  ];
  for (const [caller, step] of steps) await askAbout(finding, caller, step);
  const query = readFileSync(`${projectRoot}schema/operations/way-of-a-case.graphql`, 'utf8');
  const way = await askAbout(finding, 'city-operator', query);
  expect(way['actionEvent']).toMatchObject({
    state: 'CLOSED',
    openedBy: 'operator-21',
    assignments: [{ department: 'market' }],
    measures: [{ kind: 'INSPECTION', takenBy: 'officer-31' }],
    closure: { outcome: 'CONFIRMED' },
    durations: { findingToClosure: expect.any(Number) as number },
  });
  const { ofDepartment } = way['trail'] as { ofDepartment: { records: Looked[] } };
  expect(ofDepartment.records.map(({ operationName, initiatorPerson }) => [operationName, initiatorPerson])).toEqual([
    ['Close', 'operator-21'],
    ['Visit', 'officer-31'],
    ['Look', 'officer-31'],
    ['Assign', 'operator-21'],
    ['Open', 'operator-21'],
  ]);
});

test('what is looked into is shown to those who act on it, and only they act', async () => {
  const codeOf = async (caller: DemoCallerName, query: string): Promise<unknown> =>
    (await askAs(caller, query)).errors?.[0]?.extensions;
  const hidden = { rule: 'city-operations-no-actions' };
  expect(await codeOf('bank-officer', '{ actionEvents { summary } }')).toMatchObject(hidden);
  const open = `mutation { openActionEvent(finding: "F-9", uscc: "x", foundAt: "2026-11-01T08:00:00Z", summary: "x") { eventNo } }`;
  expect(await codeOf('market-officer', open)).toMatchObject(hidden);
  expect(await codeOf('leader', open)).toMatchObject(hidden);
});
