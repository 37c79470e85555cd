import { describe, expect, test } from 'vitest';
import { parseRuleFile, RuleSet } from '../../gateway/authorise/rule-set.ts';
import { lintRules } from '../../gateway/policy/lint-rules.ts';
import { loadSupergraph } from '../../gateway/supergraph/load.ts';
import { composeSmall } from '../kit/federation.ts';

const supergraph = loadSupergraph(
  composeSmall({
    shop: {
      sdl: `directive @access(class: String!) on FIELD_DEFINITION | OBJECT | INTERFACE
        type Query {
          open: String
          price: Float @access(class: "money")
          audit: String @policy(policies: [["auditor", "weekday"]])
        }`,
    },
  }),
);

function lint(rules: readonly object[], policies: Record<string, object> = { auditor: {}, weekday: {} }): string[] {
  const all = rules.map((rule, index) => ({ id: `r${index}`, text: 'A rule.', outcome: 'ALLOW', ...rule }));
  const file = parseRuleFile({ department: 'shop', rules: all, policies }, 'shop.yaml');
  return lintRules(new RuleSet([file]), supergraph).map(({ kind, message }) => `${kind} ${message}`);
}

const doctor = { 'identity.roles': 'doctor' };

describe('rules that are hardly meant', () => {
  test('are none where all is decided about and all decides', () => {
    expect(lint([{ classes: 'money', when: doctor }, { classes: ['money', 'unclassified'] }])).toEqual([]);
  });

  test.each([
    ['one before it has no conditions', [{ classes: '*' }, { classes: 'money', when: doctor }], 'r0'],
    [
      'several before it hold for all its classes',
      [{ classes: 'money' }, { classes: 'unclassified' }, { classes: ['money', 'unclassified'] }],
      'r0, r1',
    ],
    [
      'one before it has some of its conditions',
      [
        { classes: '*', when: doctor },
        { classes: 'money', when: { ...doctor, 'purpose.purpose': 'x' } },
      ],
      'r0',
    ],
  ])('never decide: %s', (_, rules, first) => {
    expect(lint(rules)).toContain(`UNREACHABLE_RULE The rule r${rules.length - 1} never decides: ${first} fits first.`);
  });

  test.each([
    ['that before it is about some records', [{ classes: '*', record: { ward: 'W1' } }, { classes: '*' }]],
    ['that before it takes a grant', [{ classes: '*', grant: {} }, { classes: '*', breakGlass: {} }, { classes: '*' }]],
    ['that before it is about another class', [{ classes: 'unclassified' }, { classes: '*' }]],
    [
      'that before it has other conditions',
      [
        { classes: '*', when: doctor },
        { classes: '*', when: { 'identity.roles': 'nurse' } },
      ],
    ],
  ])('are not those that decide: %s', (_, rules) => {
    expect(lint(rules)).toEqual([]);
  });

  test('leave a class to nobody, fields without one too', () => {
    expect(lint([{ classes: 'money' }])).toEqual([
      'CLASS_WITHOUT_RULE No rule of shop names the class unclassified, which fields have: nobody is given them.',
    ]);
  });

  test('leave a policy of the schema without a meaning', () => {
    expect(lint([{ classes: '*' }], { auditor: {} })).toEqual([
      'UNDEFINED_POLICY No rule file says what @policy means by weekday: it holds for nobody.',
    ]);
  });
});
