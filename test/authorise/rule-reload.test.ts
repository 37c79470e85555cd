import { writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { temporaryFolder } from '../kit/department.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';
import { HOSPITAL, RULES } from './hospital.ts';

const QUERY = '{ patients { name phone ward } }';
const RELOADS = 100;
const CLIENTS = 4;

/** Rules of which every answer tells the number: in the value where it is odd, in the refusal where it is even. */
function rulesOf(number: number): string {
  const open = { id: 'open', text: 'Known in the house.', outcome: 'ALLOW', classes: 'unclassified' };
  const numbered = { id: `rule-${number}`, text: 'Numbered.', classes: 'contact' };
  const outcome = number % 2 === 1 ? { outcome: 'MASK', mask: { value: `rule-${number}` } } : { outcome: 'DENY' };
  return stringify({ department: 'records', rules: [open, { ...numbered, ...outcome }] });
}

interface Answer {
  data?: { patients: { name: string; phone: string | null; ward: string }[] };
  errors?: { extensions: { rule: string } }[];
}

async function ask({ url }: ServedFederation): Promise<Answer> {
  const answer = await fetch(`${url}?query=${encodeURIComponent(QUERY)}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Answer;
}

/** The number of the rules that an answer was made by. */
function numberIn({ data, errors }: Answer): number {
  const names = data!.patients.map(({ phone }) => phone ?? errors![0]!.extensions.rule);
  expect(new Set(names).size).toBe(1);
  return Number(names[0]!.slice('rule-'.length));
}

test('a hundred reloads under load: no request fails, and none is answered by rules replaced before it began', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.close());
  const file = folder.file('records.yaml');
  await writeFile(file, rulesOf(0));
  const federation = await serveFederation(HOSPITAL, {
    authorisation: { rules: folder.path, readEveryMs: 3_600_000 },
    graphiql: false,
  });
  onTestFinished(() => federation.close());
  let taken = 0;
  let isOver = false;
  let answers = 0;
  const client = async (): Promise<void> => {
    while (!isOver) {
      const atBegin = taken;
      const answer = await ask(federation);
      expect(answer.data!.patients.map(({ ward }) => ward)).toEqual(['W1', 'W2']);
      expect(numberIn(answer)).toBeGreaterThanOrEqual(atBegin);
      answers += 1;
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  for (let number = 1; number <= RELOADS; number += 1) {
    if (number % 10 === 0) {
      await writeFile(file, 'department: records\nrules: none');
      await federation.reload();
    }
    await writeFile(file, rulesOf(number));
    await federation.reload();
    taken = number;
    // At least one is answered by each.
    expect(numberIn(await ask(federation))).toBe(number);
  }
  isOver = true;
  await clients;
  expect(answers).toBeGreaterThan(RELOADS);
  const logged = federation.logged.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(logged.filter((message) => message.startsWith('other rules'))).toHaveLength(RELOADS);
  expect(logged.filter((message) => message.startsWith('the rules cannot be taken'))).toHaveLength(RELOADS / 10);
}, 60_000);

test('/ready tells which rules hold, since when, and what was refused last', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.close());
  const file = folder.file('records.yaml');
  await writeFile(file, rulesOf(0));
  const federation = await serveFederation(HOSPITAL, { authorisation: { rules: folder.path } });
  onTestFinished(() => federation.close());
  const rules = async (): Promise<unknown> => {
    const answer = await fetch(new URL('/ready', federation.url));
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { rules: unknown }).rules;
  };
  const held = { mode: 'enforce', hash: expect.stringMatching(/^[0-9a-f]{64}$/), since: expect.any(String) };
  expect(await rules()).toEqual({ ...held, upToDate: true });
  await writeFile(file, rulesOf(1).replace('MASK', 'HIDE'));
  await federation.reload();
  const lastRefusal = { at: expect.any(String), reason: expect.stringContaining('records.yaml:') };
  expect(await rules()).toEqual({ ...held, upToDate: false, lastRefusal });
  expect(numberIn(await ask(federation))).toBe(0);
});

test('what reported rules would withhold is logged by names, once for an operation', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.close());
  for (const { department, ...rest } of RULES.files)
    await writeFile(folder.file(`${department}.yaml`), stringify({ department, ...rest }));
  const federation = await serveFederation(HOSPITAL, { authorisation: { rules: folder.path, mode: 'report' } });
  onTestFinished(() => federation.close());
  for (let time = 0; time < 3; time += 1) expect((await ask(federation)).data!.patients[0]!.phone).toBe('0701234567');
  const logged = federation.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(logged.filter(({ msg }) => String(msg).startsWith('rules would withhold'))).toEqual([
    expect.objectContaining({
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      fields: [{ coordinate: 'Patient.phone', outcome: 'DENY', rule: 'no-rule', department: 'records' }],
    }),
  ]);
});
