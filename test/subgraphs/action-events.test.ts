import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ANONYMOUS, NO_PURPOSE } from '../../gateway/caller.ts';
import type { Delivery } from '../../gateway/dispatch/delivery.ts';
import { openReceiver } from '../../gateway/dispatch/receivers/open-receiver.ts';
import { receiverSchema } from '../../gateway/config/dispatch-receivers.ts';
import { REQUEST_HEADERS } from '../../gateway/fetch/channel.ts';
import { signRequests } from '../../gateway/fetch/signing.ts';
import type { ActionEvent } from '../../subgraphs/city-operations/actions/action-event.ts';
import { cityOperations } from '../../subgraphs/city-operations/department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { seedCityOperations } from '../../systems/city-operations/seed.ts';
import { ask, type Answer } from '../kit/ask.ts';
import { askEntities, temporaryFolder } from '../kit/department.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const gatewayKeys = new Map([['gateway-1', publicKey]]);
const folder = temporaryFolder();
const receiptKeys = generateKeyPairSync('ed25519');
writeFileSync(folder.file('receipt-key.pem'), receiptKeys.privateKey.export({ format: 'pem', type: 'pkcs8' }));
writeFileSync(folder.file('receipt-key.pub'), receiptKeys.publicKey.export({ format: 'pem', type: 'spki' }));
const env = {
  CITY_OPERATIONS_DATABASE_FILE: folder.file('hotline.sqlite'),
  CITY_OPERATIONS_RECEIPT_KEY: folder.file('receipt-key.pem'),
  CITY_OPERATIONS_ACTIONS_FILE: folder.file('actions.sqlite'),
  PORT: '0',
};

let subgraph: RunningSubgraph;

beforeAll(async () => {
  seedCityOperations(env.CITY_OPERATIONS_DATABASE_FILE, [], 'none');
  subgraph = await serveDepartment(cityOperations, env, { gatewayKeys });
});
afterAll(async () => {
  await subgraph.close();
  folder.close();
});

/** Asks as the gateway does on behalf of somebody of a department. */
async function askFor(department: string, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
  const identity = { ...ANONYMOUS, kind: 'person', subject: `officer-of-${department}`, department } as const;
  const body = JSON.stringify({ query, variables });
  const sign = signRequests({ keyId: 'gateway-1', privateKey }, new URL(subgraph.url));
  const signed = sign(body, { caller: { identity, purpose: NO_PURPOSE }, queryId: 'query-1' });
  const response = await fetch(subgraph.url, { method: 'POST', headers: { ...REQUEST_HEADERS, ...signed }, body });
  return (await response.json()) as Answer;
}

const OPEN = `mutation ($finding: ID!, $uscc: ID!) {
  openActionEvent(finding: $finding, uscc: $uscc, foundAt: "2026-11-01T08:00:00Z", summary: "Looks like a shell company") {
    eventNo queryGroupId state openedBy enterprise { uscc } finding { id }
  }
}`;

async function open(finding: string, uscc = '91990104MA95YFB981'): Promise<Record<string, unknown>> {
  const { data } = await askFor('city-operations', OPEN, { finding, uscc });
  return data?.['openActionEvent'] as Record<string, unknown>;
}

const DO = {
  assign: `mutation ($eventNo: ID!, $department: String!) {
    done: assignActionEvent(eventNo: $eventNo, department: $department, dueOn: "2026-12-24") { state }
  }`,
  measure:
    'mutation ($eventNo: ID!) { done: recordMeasure(eventNo: $eventNo, kind: INSPECTION, text: "Nobody there") { state } }',
  close:
    'mutation ($eventNo: ID!) { done: closeActionEvent(eventNo: $eventNo, outcome: CONFIRMED, text: "Struck off") { state } }',
};

test('a finding becomes one event, however often it is opened', async () => {
  const event = await open('F-1');
  expect(event).toEqual({
    eventNo: expect.stringMatching(/^A\d{4}-\d{6}$/) as string,
    queryGroupId: 'F-1',
    state: 'OPEN',
    openedBy: 'officer-of-city-operations',
    enterprise: { uscc: '91990104MA95YFB981' },
    finding: { id: 'F-1' },
  });
  expect(await open('F-1', 'another')).toEqual(event);
});

test('an event goes its way from the finding to its closure, and says how long each step took', async () => {
  const { eventNo } = await open('F-2');
  const states: unknown[] = [];
  const step = async (department: string, mutation: string, variables = {}): Promise<void> => {
    const { data, errors } = await askFor(department, mutation, { eventNo, ...variables });
    expect(errors).toBeUndefined();
    states.push((data!['done'] as { state: string }).state);
  };
  await step('city-operations', DO.assign, { department: 'tax' });
  await step('tax', DO.measure);
  await step('city-operations', DO.assign, { department: 'market' });
  await step('market', DO.measure);
  await step('city-operations', DO.close);
  expect(states).toEqual(['ASSIGNED', 'IN_PROGRESS', 'ASSIGNED', 'IN_PROGRESS', 'CLOSED']);
  const { data } = await askFor(
    'audit',
    `query ($keys: [_Any!]!) { _entities(representations: $keys) { ... on Finding { actionEvent {
      foundAt openedAt assignments { department dueOn assignedAt assignedBy }
      measures { kind text department takenAt takenBy } closure { outcome text closedAt closedBy }
      durations { findingToOpening openingToAssignment assignmentToMeasure measureToClosure findingToClosure }
    } } } }`,
    { keys: [{ __typename: 'Finding', id: 'F-2' }] },
  );
  const [{ actionEvent: event }] = data!['_entities'] as [{ actionEvent: ActionEvent & { durations: object } }];
  const { foundAt, openedAt, assignments, measures, closure, durations } = event;
  expect(assignments.map(({ department }) => department)).toEqual(['tax', 'market']);
  expect(measures.map(({ takenBy }) => takenBy)).toEqual(['officer-of-tax', 'officer-of-market']);
  expect(closure).toMatchObject({ outcome: 'CONFIRMED', text: 'Struck off', closedBy: 'officer-of-city-operations' });
  const between = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1_000;
  expect(durations).toEqual({
    findingToOpening: between(foundAt, openedAt),
    openingToAssignment: between(openedAt, assignments[0]!.assignedAt),
    assignmentToMeasure: between(assignments[0]!.assignedAt, measures[0]!.takenAt),
    measureToClosure: between(measures[1]!.takenAt, closure!.closedAt),
    findingToClosure: between(foundAt, closure!.closedAt),
  });
});

test('measures are taken by the department that has the event, and nothing is added to a closed one', async () => {
  const { eventNo } = await open('F-3');
  const refusalOf = async (department: string, mutation: string, variables = {}): Promise<string | undefined> =>
    (await askFor(department, mutation, { eventNo, ...variables })).errors?.[0]?.message;
  expect(await refusalOf('tax', DO.measure)).toBe(`Event ${String(eventNo)} is not handed to a department yet.`);
  await askFor('city-operations', DO.assign, { eventNo, department: 'market' });
  expect(await refusalOf('tax', DO.measure)).toBe(
    `Event ${String(eventNo)} is with the department market, not with tax.`,
  );
  await askFor('city-operations', DO.close, { eventNo });
  for (const mutation of [DO.measure, DO.close, DO.assign])
    expect(await refusalOf('market', mutation, { department: 'tax' })).toContain('nothing is added to it');
  expect(await refusalOf('tax', DO.close, { eventNo: 'A2026-999999' })).toBeUndefined();
});

test('the list goes on behind an event, and can be of one state', async () => {
  const events = [await open('F-4'), await open('F-5'), await open('F-6')].map(({ eventNo }) => ({ eventNo }));
  await askFor('city-operations', DO.assign, { eventNo: events[1]!.eventNo, department: 'tax' });
  const list = async (args: string): Promise<unknown> =>
    (await askFor('city-operations', `{ actionEvents(${args}) { eventNo } }`)).data?.['actionEvents'];
  expect(await list('first: 2')).toEqual([events[2], events[1]]);
  expect(await list(`first: 1, after: "${String(events[1]!.eventNo)}"`)).toEqual([events[0]]);
  expect(await list('state: ASSIGNED')).toEqual([events[1]]);
  const one = async (args: string): Promise<Answer> =>
    askFor('city-operations', `{ actionEvent(${args}) { eventNo } }`);
  expect((await one('finding: "F-5"')).data).toEqual({ actionEvent: events[1] });
  expect((await one(`eventNo: "${String(events[1]!.eventNo)}"`)).data).toEqual({ actionEvent: events[1] });
  expect((await one('finding: "F-none"')).data).toEqual({ actionEvent: null });
  expect((await one('eventNo: null')).errors?.[0]?.message).toBe('Give an eventNo or a finding, one of them.');
});

test('who acts has to be proven, and what is kept outlives the program', async () => {
  const { eventNo } = await open('F-7');
  const another = await serveDepartment(cityOperations, env);
  try {
    const opened = await ask(another.url, OPEN, { finding: 'F-8', uscc: 'x' });
    expect(opened.errors?.[0]?.message).toContain('GATEWAY_KEYS');
    const answer = await askEntities(
      another.url,
      [{ __typename: 'ActionEvent', eventNo }],
      '... on ActionEvent { state }',
    );
    expect(answer.data?._entities).toEqual([{ state: 'OPEN' }]);
  } finally {
    await another.close();
  }
});

describe('findings that are delivered', () => {
  const delivery = (number: number, rows: Delivery['rows']): Delivery => ({
    ...{ idempotencyKey: `findings:${number}:1`, dispatch: 'findings', run: number, part: 1, isLast: true },
    ...{ queryGroupId: 'the run', content: 'changes', key: ['id'], removed: [['F-none']], rows },
    columns: ['id', 'foundAt', 'subject_uscc', 'rule_title'].map((name) => ({ name, type: 'text' })),
  });
  const FOUND = '2026-11-02T08:00:00.000Z';
  const deliver = async (given: Delivery) => {
    const url = new URL('/deliveries', subgraph.url).href;
    const settings = receiverSchema.parse({ kind: 'webhook', url, receiptKeyFile: folder.file('receipt-key.pub') });
    const receiver = await openReceiver(settings, { signingKey: { keyId: 'gateway-1', privateKey } });
    try {
      return await receiver.deliver(given, AbortSignal.timeout(10_000));
    } finally {
      await receiver.close();
    }
  };
  const eventOf = async (finding: string): Promise<unknown> => {
    const query = '{ actionEvent(finding: $finding) { openedBy queryGroupId summary foundAt enterprise { uscc } } }';
    const { data } = await askFor('audit', `query ($finding: ID!) ${query}`, { finding });
    return data?.['actionEvent'];
  };

  test('become events once, whoever brings them again, and the receipt says so', async () => {
    const rows = [['F-20', FOUND, '91990104MA95YFB981', 'Shell companies']];
    const receipt = await deliver(delivery(1, rows));
    expect(receipt).toMatchObject({ receiver: 'city-operations', rows: 2, signature: expect.any(String) as string });
    expect(await deliver(delivery(1, rows))).toMatchObject({ takenAt: receipt.takenAt });
    await deliver(delivery(2, [...rows, ['F-21', FOUND, 'another', 'Shell companies']]));
    const event = { queryGroupId: 'F-20', summary: 'Shell companies', foundAt: FOUND };
    const opened = { openedBy: 'dispatch findings, run 1', enterprise: { uscc: '91990104MA95YFB981' } };
    expect(await eventOf('F-20')).toEqual({ ...event, ...opened });
    expect(await eventOf('F-21')).toMatchObject({ openedBy: 'dispatch findings, run 2' });
  });

  test('join the event that is open about the same enterprise, and open another once it is closed', async () => {
    const again = (number: number, finding: string) =>
      deliver(delivery(number, [[finding, FOUND, 'again', 'Shell companies']]));
    await again(4, 'F-40');
    await again(5, 'F-41');
    expect(await eventOf('F-41')).toMatchObject({ queryGroupId: 'F-40' });
    const { data } = await askFor('audit', '{ actionEvent(finding: "F-41") { eventNo } }');
    await askFor('city-operations', DO.close, data!['actionEvent'] as Record<string, unknown>);
    await again(6, 'F-41');
    expect(await eventOf('F-41')).toMatchObject({ queryGroupId: 'F-40' });
    await again(7, 'F-42');
    expect(await eventOf('F-42')).toMatchObject({ queryGroupId: 'F-42' });
  });

  test('open nothing where one of them is no finding about an enterprise', async () => {
    const rows = [
      ['F-30', FOUND, 'x', 'Shell companies'],
      ['F-31', FOUND, null, 'Figures'],
    ];
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await expect(deliver(delivery(3, rows))).rejects.toMatchObject({ isLasting: true });
    expect(String(told.mock.calls[0])).toContain('The row of "F-31" is no finding about an enterprise: subject_uscc');
    told.mockRestore();
    expect(await eventOf('F-30')).toBeNull();
  });
});
