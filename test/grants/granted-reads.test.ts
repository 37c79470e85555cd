import { readFile } from 'node:fs/promises';
import { parse, print } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseRuleFile, RuleSet } from '../../gateway/authorise/rule-set.ts';
import type { Caller } from '../../gateway/caller.ts';
import { serveGrants } from '../../gateway/grants/department.ts';
import { Grants } from '../../gateway/grants/grants.ts';
import { GRANTS_SDL } from '../../gateway/grants/sdl.ts';
import { federate, type SmallFederation } from '../kit/federation.ts';
import { person, TAX_OFFICE } from '../authorise/tax-office.ts';
import { sqlitePlace, type GrantsPlace } from './databases.ts';

const RULES = new RuleSet([
  ...['identity', 'grants'].map((department) =>
    parseRuleFile(
      { department, rules: [{ id: department, text: 'Open to try.', outcome: 'ALLOW', classes: '*' }] },
      department,
    ),
  ),
  parseRuleFile(
    {
      department: 'tax',
      rules: [
        { id: 'open', text: 'Public.', outcome: 'ALLOW', classes: 'unclassified' },
        { id: 'granted', text: 'Who was granted amounts.', outcome: 'ALLOW', classes: 'amounts', grant: {} },
        {
          id: 'emergency',
          text: 'An inspector in an emergency.',
          outcome: 'ALLOW',
          classes: 'amounts',
          when: { 'identity.roles': 'inspector' },
          breakGlass: { minutes: 15 },
          record: { id: { same: 'grant.subjects' } },
        },
        {
          id: 'marked',
          text: 'Who was granted marks of somebody, by two.',
          outcome: 'ALLOW',
          classes: 'marks',
          grant: { approvals: 2 },
          record: { id: { same: 'grant.subjects' } },
        },
      ],
    },
    'tax',
  ),
]);

const NOW_MS = Date.now();
const FRIDAY = new Date(NOW_MS + 86_400_000).toISOString();

function officer(subject: string, department: string | undefined = 'tax'): Caller {
  const { identity, ...rest } = person([]);
  return { ...rest, identity: { ...identity, subject, department } };
}

function noFault(fault: unknown): never {
  throw fault;
}

/** Somebody who asks for a purpose. */
function asking(subject: string, purpose: Partial<Caller['purpose']> = {}, roles: readonly string[] = []): Caller {
  const { identity, purpose: none } = person(roles);
  return { identity: { ...identity, subject }, purpose: { ...none, ...purpose } };
}

describe('what departments grant', () => {
  let place: GrantsPlace;
  let grants: Grants;
  let federation: SmallFederation;
  let nowMs: number;

  beforeEach(async () => {
    nowMs = NOW_MS;
    place = await sqlitePlace();
    grants = new Grants(
      await place.open(),
      () => RULES,
      () => nowMs,
    );
    await grants.refresh();
    federation = await federate(
      { ...TAX_OFFICE, grants: { sdl: GRANTS_SDL.trimStart() } },
      {
        authorise: { mode: 'enforce', rules: RULES },
        grants,
        inProcess: {
          grants: serveGrants({ grants, isGuarded: true, onFault: noFault }),
        },
      },
    );
  });
  afterEach(async () => {
    await federation.close();
    await grants.close();
    await place.close();
  });

  async function change(mutation: string, caller: Caller): Promise<Record<string, unknown> | string> {
    const { data, errors } = await federation.ask(
      `mutation { it: ${mutation} { id state reads purpose } }`,
      {},
      caller,
    );
    return (data?.['it'] as Record<string, unknown> | null) ?? errors![0]!.message;
  }

  const give = (more = ''): string =>
    `giveGrant(grant: { classes: ["amounts"], grantee: { subject: "zhang" }, caseNumber: "X", reason: "case X", maxReads: 2, expiresAt: "${FRIDAY}" ${more} })`;

  async function arrears(caller: Caller): Promise<unknown> {
    const { data } = await federation.ask('{ enterprise(uscc: "e1") { taxpayer { arrears } } }', {}, caller);
    return (data as { enterprise: { taxpayer: { arrears: unknown } } }).enterprise.taxpayer.arrears;
  }

  test('is read for its purpose by whom it is for, as often as it says, and then no more', async () => {
    const zhang = asking('zhang', { caseNumber: 'X' });
    expect(await arrears(zhang)).toBeNull();
    expect(await change(give(), officer('li'))).toMatchObject({ state: 'ACTIVE', reads: 0 });
    expect(await arrears(asking('zhang', { caseNumber: 'Y' }))).toBeNull();
    expect(await arrears(asking('wang', { caseNumber: 'X' }))).toBeNull();
    expect(await arrears(zhang)).toBe(120);
    expect((await federation.ask('{ taxpayers { district } }', {}, zhang)).errors).toBeUndefined();
    expect(await arrears(zhang)).toBe(120);
    expect(await arrears(zhang)).toBeNull();
    const { data } = await federation.ask('{ grants { ofDepartment { state reads } } }', {}, officer('chen'));
    expect(data).toEqual({ grants: { ofDepartment: [{ state: 'USED_UP', reads: 2 }] } });
  });

  test('ends when it ends, and at once when it is revoked', async () => {
    const zhang = asking('zhang', { caseNumber: 'X' });
    const { id } = (await change(give(), officer('li'))) as { id: string };
    expect(await change(`revokeGrant(id: "${id}")`, officer('li', 'power'))).toMatch(/gave no such grant/);
    expect(await change(`revokeGrant(id: "${id}")`, officer('wang'))).toMatchObject({ state: 'REVOKED' });
    expect(await arrears(zhang)).toBeNull();
    await change(give(), officer('li'));
    nowMs += 2 * 86_400_000;
    expect(await arrears(zhang)).toBeNull();
  });

  test('needs a second person where the class does, and is about whom it names alone', async () => {
    const about = give('subjects: ["t2"]').replace('amounts', 'marks');
    const { id, state } = (await change(about, officer('li'))) as { id: string; state: string };
    expect(state).toBe('PROPOSED');
    const marks = async (): Promise<unknown> => {
      const query =
        '{ taxpayer: enterprise(uscc: "e2") { taxpayer { mark } } other: enterprise(uscc: "e1") { taxpayer { mark } } }';
      return (await federation.ask(query, {}, asking('zhang', { caseNumber: 'X' }))).data;
    };
    const nothing = { taxpayer: { taxpayer: null }, other: { taxpayer: null } };
    expect(await marks()).toEqual(nothing);
    expect(await change(`approveGrant(id: "${id}")`, officer('li'))).toMatch(/Another person/);
    expect(await change(`approveGrant(id: "${id}")`, officer('wang'))).toMatchObject({ state: 'ACTIVE' });
    expect(await marks()).toEqual({ ...nothing, taxpayer: { taxpayer: { mark: 'mark of t2' } } });
  });

  test.each([
    [
      'of a class that no rule takes grants for',
      give().replace('amounts', 'unclassified'),
      officer('li'),
      /No rule of tax takes/,
    ],
    ['for nobody', give().replace('subject: "zhang"', 'subject: null'), officer('li'), /for somebody/],
    ['for nothing', give().replace('caseNumber: "X",', ''), officer('li'), /for something/],
    ['that ended already', give().replace(FRIDAY, '2020-01-01'), officer('li'), /time to come/],
    ['about somebody where the rule does not ask whom', give('subjects: ["t1"]'), officer('li'), /leave subjects out/],
    ['about nobody where the rule asks whom', give().replace('amounts', 'marks'), officer('li'), /name the subjects/],
    ['by who acts for no department', give(), asking('li'), /acts for a department/],
    ['of another department than the own', give(), officer('li', 'power'), /No rule of power takes/],
  ])('is refused %s', async (_, mutation, caller, message) => {
    expect(await change(mutation, caller)).toMatch(message);
  });

  test('may be taken in an emergency where a rule says so: for a purpose of its own, about whom it names, for a while', async () => {
    const taking = 'breakGlass(department: "tax", classes: ["amounts"], subjects: ["t1"], reason: "fire")';
    const emergency = asking('zhao', { purpose: 'break-glass' }, ['inspector']);
    expect(await change(taking, asking('zhao'))).toMatch(/No rule of tax lets you take amounts/);
    expect(await arrears(emergency)).toBeNull();
    expect(await change(taking, asking('zhao', {}, ['inspector']))).toMatchObject({
      state: 'ACTIVE',
      purpose: 'break-glass',
    });
    expect(await arrears(asking('zhao', {}, ['inspector']))).toBeNull();
    expect(await arrears(asking('other', { purpose: 'break-glass' }, ['inspector']))).toBeNull();
    const { data } = await federation.ask('{ taxpayers { arrears } }', {}, emergency);
    expect(data).toEqual({ taxpayers: [{ arrears: 120 }, { arrears: null }, { arrears: null }] });
    nowMs += 16 * 60_000;
    expect(await arrears(emergency)).toBeNull();
  });
});

test('the schema in the repository is what is served', async () => {
  expect(print(parse(await readFile('schema/grants.graphql', 'utf8')))).toBe(print(parse(GRANTS_SDL)));
});
