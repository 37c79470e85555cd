import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { WhyReport } from '../../gateway/cli/why-text.ts';
import { RULES } from '../authorise/hospital.ts';
import { hospitalFiles, runSwitchyard } from './command.ts';

const files = hospitalFiles();
afterAll(() => files.close());

const QUERY = `query Ward($notes: Boolean!) {
  patient(id: "p1") { name phone weightKg notes @include(if: $notes) { text by } bill }
}`;

function why(options: readonly string[], query = QUERY) {
  const operation = files.write('operation.graphql', query);
  const parts = ['--supergraph', files.supergraph, '--rules', files.rules];
  return runSwitchyard(['why', operation, ...parts, ...options]);
}

async function report(options: readonly string[], query = QUERY): Promise<WhyReport> {
  const { exitCode, stdout, stderr } = await why([...options, '--json'], query);
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as WhyReport;
}

const told = ({ fields }: WhyReport) =>
  fields.map(
    ({ path: at, outcome, rule, isReached }) => `${at} ${outcome} ${rule}${isReached ? '' : ' (not reached)'}`,
  );

describe('switchyard why', { timeout: 60_000 }, () => {
  test('prints what is decided about each field, by which rule, and what to ask whom for', async () => {
    const { exitCode, stdout } = await why(['--as', '{"roles":["insurer"]}']);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'Ward  person, roles insurer',
      `rules ${RULES.hash}`,
      '',
      'field                 of                class         outcome                     department  rule',
      'patient               Query.patient     unclassified  ALLOW                       records     r-open',
      'patient.name          Patient.name      unclassified  ALLOW                       records     r-open',
      'patient.phone         Patient.phone     contact       DENY                        records     no-rule',
      'patient.weightKg      Patient.weightKg  medical       NEEDS_CONSENT               records     r-consent',
      'patient.notes         Patient.notes     medical       NEEDS_CONSENT               records     r-consent',
      'patient.notes.@.text  Note.text         medical       not reached: NEEDS_CONSENT  records     r-consent',
      'patient.notes.@.by    Note.by           staff         not reached: DENY           records     r-staff',
      'patient.bill          Patient.bill      money         DENY                        pharmacy    no-rule',
      '',
      'ALLOW  r-open  Who lies where is known in the house.',
      'DENY  no-rule (contact of records)  No rule of the department allows it.',
      '    ALLOW by r-doctor, with: roles doctor, purpose treatment',
      '    MASK by r-phone, with: roles desk',
      'NEEDS_CONSENT  r-consent  An insurer needs consent for medical records.',
      '    needed: a consent of the patient (header switchyard-consent); ask the department records',
      '    ALLOW by r-doctor, with: roles doctor, purpose treatment',
      'DENY  r-staff  Names of staff are for the personnel office.',
      '    needed: to ask the personnel office; ask the department records',
      'DENY  no-rule (money of pharmacy)  No rule of the department allows it.',
      '    MASK by p-bands, with: roles desk',
      '',
      '2 ALLOW, 2 DENY, 2 NEEDS_CONSENT, 2 not reached',
      '',
    ]);
  });

  test('decides for what the options and the operation say it is for', async () => {
    const consent = await report(['--as', '{"roles":"insurer"}', '--consent', 'C-7', '--variables', '{"notes":false}']);
    expect(consent.caller.purpose.consentReference).toBe('C-7');
    expect(told(consent)).toContain('patient.weightKg ALLOW r-insurer');
    expect(told(consent).join()).not.toContain('notes');
    const stated = QUERY.replace('{', '@purpose(purpose: "treatment") {');
    const doctor = await report(['--as', '{"roles":["doctor"]}'], stated);
    expect(told(doctor)).toContain('patient.notes.@.text ALLOW r-doctor');
    expect(told(doctor)).toContain('patient.notes.@.by DENY r-staff');
    const other = await why(['--as', '{"roles":["doctor"]}', '--purpose', 'research'], stated);
    expect(other.exitCode).toBe(1);
    expect(other.stderr).toContain('do not say the same');
  });

  test('takes a file for who asks, and nobody in particular', async () => {
    const file = files.write('desk.yaml', 'kind: system\nsubject: desk-1\nroles: [desk]\nclaims: { ward: W1 }\n');
    const { caller, fields } = await report(['--as', file]);
    expect(caller.identity).toMatchObject({
      kind: 'system',
      subject: 'desk-1',
      roles: ['desk'],
      claims: { ward: 'W1' },
    });
    expect(fields.find(({ path: at }) => at === 'patient.phone')).toMatchObject({ outcome: 'MASK', rule: 'r-phone' });
    expect((await report(['--as', 'anonymous'])).caller.identity.kind).toBe('anonymous');
  });

  test('says for which records what holds', async () => {
    const folder = hospitalFiles((file) =>
      file.department === 'pharmacy'
        ? {
            ...file,
            rules: [
              {
                id: 'p-own',
                text: 'Of the own ward.',
                outcome: 'ALLOW',
                classes: ['money'],
                when: {},
                record: { ward: { same: 'identity.claims.ward' } },
              },
              ...file.rules,
            ],
          }
        : file,
    );
    writeFileSync(path.join(folder.rules, 'ignored.txt'), 'no rules');
    const args = ['why', files.write('bill.graphql', '{ patient(id: "p1") { bill } }'), '--as', '{"roles":["desk"]}'];
    const { stdout } = await runSwitchyard([...args, '--supergraph', files.supergraph, '--rules', folder.rules]);
    folder.close();
    expect(stdout).toMatch(
      /patient\.bill +Patient\.bill +money +for records where ward is that of the caller: ALLOW +pharmacy +p-own\n +money +else: MASK +pharmacy +p-bands\n/,
    );
    expect(stdout).toContain('1 as the record decides');
  });

  test.each([
    ['who asks is misspelt', ['--as', '{"role":["doctor"]}'], 'Unrecognized key: "role"'],
    ['who asks is in no file', ['--as', 'nobody.json'], '--as cannot be read: '],
    ['what for is empty', ['--as', 'anonymous', '--case', ''], 'switchyard-case is empty.'],
    ['variables are missing', ['--as', 'anonymous', '--variables', '{}'], '"$notes"'],
    ['there are no rules', ['--as', 'anonymous', '--rules', 'gateway'], 'There are no rules in gateway'],
    ['the supergraph is missing', ['--as', 'anonymous', '--supergraph', 'no.graphql'], 'no.graphql'],
  ])('ends with code 1 and the reason where %s', async (_, options, reason) => {
    const { exitCode, stdout, stderr } = await why(options);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain(' at ');
  });

  test('says that an operation is not valid', async () => {
    const { exitCode, stderr } = await why(['--as', 'anonymous'], '{ patients { age } }');
    expect([exitCode, stderr]).toEqual([1, 'Cannot query field "age" on type "Patient". Did you mean "name"?\n']);
  });
});
