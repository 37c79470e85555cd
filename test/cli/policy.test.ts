import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { afterAll, describe, expect, test } from 'vitest';
import type { RuleFile } from '../../gateway/authorise/rule-set.ts';
import type { PolicyReport } from '../../gateway/cli/policy-text.ts';
import { RULES } from '../authorise/hospital.ts';
import { hospitalFiles, runSwitchyard, type Output } from './command.ts';

const files = hospitalFiles();
const operations = path.join(path.dirname(files.supergraph), 'operations');
mkdirSync(operations);
writeFileSync(
  path.join(operations, 'ward.graphql'),
  'query Ward($id: ID!, $notes: Boolean!) { patient(id: $id) { name phone weightKg notes @include(if: $notes) { text } } } query Bills { patients { bill } }',
);
writeFileSync(path.join(operations, 'old.graphql'), '{ patients { age } }');
const opened = [files];
afterAll(() => opened.forEach((each) => each.close()));

const short = RULES.hash.slice(0, 12);

/** A folder with other rules of one department. */
function changed(department: string, change: (file: RuleFile) => RuleFile): string {
  const other = hospitalFiles((file) => (file.department === department ? change(file) : file));
  opened.push(other);
  return other.rules;
}

function check(rules: string, options: readonly string[] = []): Promise<Output> {
  const parts = ['--against', files.rules, '--operations', operations, '--supergraph', files.supergraph];
  return runSwitchyard(['policy', 'check', '--rules', rules, ...parts, ...options]);
}

async function report(rules: string, options: readonly string[] = []): Promise<PolicyReport> {
  const { stdout, stderr } = await check(rules, [...options, '--json']);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as PolicyReport;
}

const findings = async (rules: string) =>
  (await report(rules)).findings.map(({ kind, message }) => `${kind} ${message}`);

describe('switchyard policy check', { timeout: 60_000 }, () => {
  test('ends with code 0 where nothing changes, whatever the words', async () => {
    const reworded = changed('records', (file) => ({
      ...file,
      rules: file.rules.map((rule) => ({ ...rule, text: `${rule.text} So it is.` })),
    }));
    const { exitCode, stdout, stderr } = await check(reworded);
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(new RegExp(`^${files.rules} ${short} → ${reworded} [0-9a-f]{12}$`));
    expect(lines.slice(1)).toEqual([
      `2 operations of ${operations}`,
      "15 callers made up from all that the rules' conditions name (see --identities)",
      'not looked at: old: Cannot query field "age" on type "Patient". Did you mean "name"?',
      '',
      'Nothing changes.',
      '',
    ]);
  });

  test('says which operations and roles a change affects, from what to what, and ends with code 2', async () => {
    const rules = changed('records', (file) => ({
      ...file,
      rules: file.rules.map((rule) => (rule.id === 'r-doctor' ? { ...rule, classes: ['contact'] } : rule)),
    }));
    const { exitCode, stdout } = await check(rules);
    expect(exitCode).toBe(2);
    expect(stdout.split('\n').slice(5)).toEqual([
      'ward Ward',
      '  field                 of                before             after            for',
      '  patient.weightKg      Patient.weightKg  ALLOW by r-doctor  DENY by no-rule  roles doctor, purpose treatment',
      '  patient.notes         Patient.notes     ALLOW by r-doctor  DENY by no-rule  roles doctor, purpose treatment',
      '  patient.notes.@.text  Note.text         ALLOW by r-doctor  DENY by no-rule  roles doctor, purpose treatment',
      '',
      '1 of 2 operations and 1 of 15 callers are affected; roles: doctor',
      '',
    ]);
  });

  test('finds another mask, and what only some records are given', async () => {
    const rules = changed('pharmacy', (file) => ({
      ...file,
      rules: [
        {
          id: 'p-own',
          text: 'The own ward.',
          outcome: 'ALLOW',
          classes: ['money'],
          when: {},
          record: { ward: { same: 'identity.claims.ward' } },
        },
        ...file.rules.map((rule) => (rule.id === 'p-bands' ? { ...rule, mask: { bands: [0, 500] } } : rule)),
      ],
    }));
    const { changes, affected, callers } = await report(rules);
    expect(callers.names).toContain('some ward');
    expect(affected.operations).toEqual(['ward Bills']);
    const desk = changes.find(({ caller }) => caller === 'roles desk')!;
    expect(desk).toEqual({
      operation: 'ward Bills',
      caller: 'roles desk',
      path: 'patients.@.bill',
      coordinate: 'Patient.bill',
      before: { outcome: 'MASK', rule: 'p-bands', how: { mask: { bands: [0, 100, 1_000] } }, records: [] },
      after: {
        outcome: 'MASK',
        rule: 'p-bands',
        how: { mask: { bands: [0, 500] } },
        records: [{ outcome: 'ALLOW', rule: 'p-own', how: {}, where: ['ward is that of the caller'] }],
      },
    });
  });

  test('looks at the identities of a file', async () => {
    const rules = changed('records', (file) => ({ ...file, rules: file.rules.filter(({ id }) => id !== 'r-consent') }));
    const list = [
      { name: 'an insurer', identity: { roles: 'insurer' } },
      { name: 'an insurer with consent', identity: { roles: 'insurer' }, purpose: { consent: 'C-1' } },
      { name: 'nobody', identity: 'anonymous' },
    ];
    const { affected, callers } = await report(rules, ['--identities', files.write('who.yaml', stringify(list))]);
    expect(callers.names).toEqual(list.map(({ name }) => name));
    expect(affected).toEqual({ operations: ['ward Ward'], callers: ['an insurer'], roles: ['insurer'] });
    const wrong = await check(rules, [
      '--identities',
      files.write('wrong.yaml', '- { name: x, identity: { role: y } }'),
    ]);
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stderr).toContain('Unrecognized key: "role"');
  });

  test('makes up whoever a condition is about, also where it wants something not to be so', async () => {
    const { callers } = await report(files.rules);
    expect(callers.names).toEqual(
      expect.arrayContaining(['anonymous', 'a person', 'roles insurer', 'roles insurer, some consentReference']),
    );
    expect(callers.without).toEqual([]);
    const matched = changed('records', (file) => ({
      ...file,
      rules: file.rules.map((rule) =>
        rule.id === 'r-phone' ? { ...rule, when: { 'identity.subject': { $regex: '^desk' } } } : rule,
      ),
    }));
    expect((await report(matched)).callers.without).toEqual(['r-phone']);
  });

  test('makes up who has a grant, for rules that take one', async () => {
    const rules = changed('pharmacy', (file) => ({
      ...file,
      rules: [
        ...file.rules,
        {
          id: 'p-granted',
          text: 'By grant.',
          outcome: 'ALLOW',
          classes: ['money'],
          when: { 'identity.roles': 'clerk' },
          grant: { approvals: 1 },
        },
      ],
    }));
    const { changes } = await report(rules);
    expect(changes.map(({ caller, before, after }) => [caller, before.outcome, after.outcome, after.how])).toEqual([
      ['roles clerk, with a grant of pharmacy', 'DENY', 'ALLOW', { grant: { approvals: 1 } }],
    ]);
    const operation = files.write('bill.graphql', '{ patients { bill } }');
    const args = ['why', operation, '--as', '{"roles":"clerk"}', '--rules', rules, '--supergraph', files.supergraph];
    expect((await runSwitchyard(args)).stdout).toContain('    ALLOW by p-granted, with: a grant\n');
  });

  test('says what about rules is hardly meant', async () => {
    expect(await findings(files.rules)).toEqual([]);
    const rules = changed('records', (file) => ({
      department: 'archive',
      policies: {},
      rules: [
        ...file.rules.filter(({ id }) => id !== 'r-open'),
        { id: 'r-late', text: 'Too late.', outcome: 'ALLOW', classes: ['staff'], when: { 'identity.roles': 'doctor' } },
      ],
    }));
    expect(await findings(rules)).toEqual([
      'UNREACHABLE_RULE The rule r-late never decides: r-staff fits first.',
      ...['medical', 'contact', 'medical', 'medical', 'contact', 'staff', 'staff'].map(
        (name, index) =>
          `CLASS_WITHOUT_FIELD The rule ${['r-doctor', 'r-doctor', 'r-consent', 'r-insurer', 'r-phone', 'r-staff', 'r-late'][index]} names the class ${name}, which no field of archive has.`,
      ),
      'DEPARTMENT_WITHOUT_FILE The department records has no rules: nobody is given what only it has.',
      'FILE_WITHOUT_DEPARTMENT There are rules for archive, which the supergraph does not have.',
    ]);
    const closed = changed('pharmacy', (file) => ({ ...file, rules: file.rules.slice(0, 1) }));
    expect(await findings(closed)).toEqual([
      'CLASS_WITHOUT_RULE No rule of pharmacy names the class money, which fields have: nobody is given them.',
    ]);
  });

  test('ends with code 1 and file and line where the rules cannot be taken', async () => {
    const rules = changed('records', (file) => file);
    writeFileSync(
      path.join(rules, 'records.yaml'),
      'department: records\nrules:\n  - id: a\n    text: b\n    outcome: MAYBE\n    classes: c\n',
    );
    const { exitCode, stdout, stderr } = await check(rules);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('records.yaml:5  rules[0].outcome: ');
  });
});
