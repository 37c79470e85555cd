import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RuleError } from '../../gateway/authorise/rule-set.ts';
import { readRuleTexts } from '../../gateway/rule-files.ts';
import { openRules, type RuleWatch } from '../../gateway/rule-watch.ts';
import { temporaryFolder } from '../kit/department.ts';

const DEADLINE = { timeout: 15_000 };
let folder: ReturnType<typeof temporaryFolder>;
let watch: RuleWatch | undefined;
let taken: string[];
let refused: RuleError[];
beforeEach(async () => {
  folder = temporaryFolder();
  [taken, refused] = [[], []];
  await write('tax.yaml', fileOf('tax', 'first'));
});
afterEach(() => {
  watch?.close();
  folder.close();
});

function fileOf(department: string, rule: string): string {
  return `department: ${department}\nrules:\n  - id: ${rule}\n    text: It is open.\n    outcome: ALLOW\n    classes: amounts\n`;
}

/** Beside, and then renamed: a file that is emptied first may be read twice as it is then. */
async function write(name: string, text: string): Promise<void> {
  const beside = path.join(folder.path, `${name}.new`);
  await writeFile(beside, text);
  await rename(beside, path.join(folder.path, name));
}

/** @param readEveryMs default: so seldom that it is not in a test's time */
async function open(readEveryMs = 3_600_000): Promise<RuleWatch> {
  watch = await openRules({
    read: () => readRuleTexts(folder.path),
    mayBeHalfWritten: true,
    readEveryMs,
    onTaken: (rules) => taken.push(rules.hash),
    onRefused: (error) => refused.push(error),
  });
  return watch;
}

describe('rules that are read again', () => {
  test('are taken by themselves once their files have changed', async () => {
    const { current, state } = await open(5);
    await write('tax.yaml', fileOf('tax', 'second'));
    await vi.waitFor(() => expect(taken).toHaveLength(1), DEADLINE);
    expect(watch!.current.files[0]!.rules[0]!.id).toBe('second');
    expect(watch!.state).toMatchObject({ hash: taken[0], upToDate: true });
    expect(watch!.state.hash).not.toBe(current.hash);
    expect(watch!.state.since >= state.since).toBe(true);
  });

  test('are taken at once where that is asked for', async () => {
    const { current } = await open();
    await write('power.yaml', fileOf('power', 'of-another'));
    await watch!.reload();
    expect(taken).toHaveLength(1);
    expect(watch!.current.files.map(({ department }) => department)).toEqual(['power', 'tax']);
    await rm(folder.file('power.yaml'));
    await watch!.reload();
    expect(taken).toEqual([taken[0], current.hash]);
  });

  test('stay where a file is wrong, and the reason says where', async () => {
    const { current } = await open();
    await write('tax.yaml', fileOf('tax', 'second').replace('ALLOW', 'PERHAPS'));
    await watch!.reload();
    expect(watch!.current).toBe(current);
    expect(taken).toEqual([]);
    expect(refused.map(({ message }) => message)).toEqual([
      expect.stringMatching(/tax\.yaml:5 {2}rules\[0\]\.outcome/),
    ]);
    const { lastRefusal, ...state } = watch!.state;
    expect(state).toMatchObject({ hash: current.hash, upToDate: false });
    expect(lastRefusal).toEqual({ at: expect.any(String), reason: refused[0]!.message });
  });

  test('are up to date again once a wrong file is what it was', async () => {
    await open();
    await write('tax.yaml', 'department: [');
    await watch!.reload();
    expect(watch!.state.upToDate).toBe(false);
    await write('tax.yaml', fileOf('tax', 'first'));
    await watch!.reload();
    expect(watch!.state).toMatchObject({ upToDate: true, lastRefusal: { reason: expect.any(String) } });
    expect(taken).toEqual([]);
  });

  test('are refused once for one fault, and again where it comes back', async () => {
    await open(5);
    await write('tax.yaml', 'rules');
    await vi.waitFor(() => expect(refused).toHaveLength(1), DEADLINE);
    await watch!.reload();
    await watch!.reload();
    expect(refused).toHaveLength(1);
    await write('tax.yaml', fileOf('tax', 'first'));
    await watch!.reload();
    await write('tax.yaml', 'rules');
    await watch!.reload();
    expect(refused).toHaveLength(2);
  });

  test('stay where the folder is gone', async () => {
    const { current } = await open();
    await rm(folder.path, { recursive: true });
    await watch!.reload();
    expect(watch!.current).toBe(current);
    expect(refused[0]!.message).toContain('cannot be read');
  });

  test('are no others for a comment', async () => {
    await open();
    await write('tax.yaml', `# Written by hand.\n${fileOf('tax', 'first')}`);
    await watch!.reload();
    expect(taken).toEqual([]);
    expect(watch!.state.upToDate).toBe(true);
  });
});

describe('a rule file that is wrong', () => {
  test.each([
    ['is not YAML', 'department: tax\nrules: [\n', /tax\.yaml:\d+ are not YAML/],
    ['is empty', '', /tax\.yaml:1 {2}/],
    [
      'lacks what is needed',
      'department: tax\nrules:\n  - id: a\n    text: b\n    classes: c\n',
      /tax\.yaml:3 {2}rules\[0\]\.outcome/,
    ],
    [
      'has a condition that is none',
      `${fileOf('tax', 'a')}    when: { identity.role: b }\n`,
      /The conditions of the rule a are wrong.*\n {2}at \S+tax\.yaml:3$/,
    ],
    [
      'names a rule twice',
      `${fileOf('tax', 'a')}${fileOf('tax', 'a').split('rules:\n')[1]}`,
      /A rule stands twice: a\.\n {2}at \S+tax\.yaml:3, \S+tax\.yaml:7$/,
    ],
    [
      'has more aliases than there is memory for',
      `department: &a [x, x]\nrules: &b [${'*a,'.repeat(60)}]\npolicies: [${'*b,'.repeat(60)}]\n`,
      /cannot be read/,
    ],
  ])('is told with its line where it %s', async (_, text, message) => {
    await write('tax.yaml', text);
    await expect(open()).rejects.toThrow(message);
  });
});
