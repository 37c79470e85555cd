import { expect, test } from 'vitest';
import { parseRuleFile, RuleError, RuleSet } from '../../gateway/authorise/rule-set.ts';
import { as } from '../authorise/hospital.ts';
import { closingAfterEach } from '../kit/department.ts';
import { federate } from '../kit/federation.ts';
import { KeptTrail } from './kept-trail.ts';

const closing = closingAfterEach();
const DAY_MS = 86_400_000;

const PEOPLE = {
  people: {
    sdl: `directive @access(class: String!) on FIELD_DEFINITION
      type Query { person: Person }
      type Person { name: String address: String @access(class: "address") health: String @access(class: "health") }`,
    resolvers: { Query: { person: () => ({ name: 'Ada', address: 'Street 1', health: 'well' }) } },
  },
};

const open = { id: 'open', text: 'Names are public.', outcome: 'ALLOW', classes: 'unclassified' };
const covert = {
  id: 'covert',
  text: 'A detective sees addresses, and is not seen.',
  outcome: 'ALLOW',
  classes: 'address',
  when: { 'identity.roles': 'detective', 'purpose.purpose': 'investigation' },
  hides: { days: 90, reason: 'Criminal Procedure 15' },
};
const briefly = {
  id: 'briefly',
  text: 'And what they are like, for a while.',
  outcome: 'MASK',
  mask: { keepFirst: 1 },
  classes: 'health',
  when: covert.when,
  hides: { days: 7, reason: 'Police Act 3' },
};
const overt = { id: 'overt', text: 'The post sees addresses.', outcome: 'ALLOW', classes: 'address' };

async function serve() {
  const rules = new RuleSet([parseRuleFile({ department: 'people', rules: [open, covert, briefly, overt] }, 'p.yaml')]);
  const trail = new KeptTrail();
  return { trail, ...closing(await federate(PEOPLE, { authorise: { mode: 'enforce', rules }, trail })) };
}

const detective = as('detective', { purpose: 'investigation' });

test('a record says by which rules something was given', async () => {
  const { ask, trail } = await serve();
  await ask('{ person { name address } }', {}, as('postman'));
  expect(trail.last.entry).toMatchObject({ rules: ['open', 'overt'] });
  // What is compiled is shared by those from whom nothing is withheld, but not the reasons for it.
  await ask('{ person { name address } }', {}, detective);
  expect(trail.last.entry).toMatchObject({ rules: ['covert', 'open'] });
  await ask('{ person { health } }', {}, as('postman'));
  expect(trail.last.entry).toMatchObject({ rules: ['open'], refused: [{ rule: 'no-rule' }] });
});

test('a rule keeps its records from those they are about for its days; of several the longest', async () => {
  const { ask, trail } = await serve();
  const hiddenDays = (): number => {
    const { logTime, hiddenUntil } = trail.last.entry;
    return (Date.parse(hiddenUntil!) - Date.parse(logTime)) / DAY_MS;
  };
  await ask('{ person { health address } }', {}, detective);
  expect(trail.last.entry.hiddenReason).toBe('Criminal Procedure 15');
  expect(hiddenDays()).toBe(90);
  await ask('{ person { health } }', {}, detective);
  expect(trail.last.entry.hiddenReason).toBe('Police Act 3');
  expect(hiddenDays()).toBe(7);
});

test('without that purpose, and for what other rules give, nothing is hidden', async () => {
  const { ask, trail } = await serve();
  for (const [query, caller] of [
    ['{ person { address } }', as('detective')],
    ['{ person { address } }', as('postman', { purpose: 'investigation' })],
    ['{ person { name } }', detective],
  ] as const) {
    await ask(query, {}, caller);
    expect(trail.last.entry).not.toHaveProperty('hiddenUntil');
    expect(trail.last.entry).not.toHaveProperty('hiddenReason');
  }
});

test('hiding without an end, or without a reason, is refused', () => {
  for (const hides of [{ reason: 'x' }, { days: 0, reason: 'x' }, { days: 3 }])
    expect(() => parseRuleFile({ department: 'people', rules: [{ ...covert, hides }] }, 'p.yaml')).toThrow(RuleError);
});
