import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { parseRuleFile, RuleError, RuleSet, type RuleFile } from './authorise/rule-set.ts';

/**
 * Reads the departments' rules: every `.yaml` file of a folder.
 * @throws RuleError where there are none, or one cannot be taken; it says which file, and why
 */
export async function readRules(folder: string): Promise<RuleSet> {
  const names = (await list(folder)).filter((name) => /\.ya?ml$/.test(name)).toSorted((a, b) => (a < b ? -1 : 1));
  if (names.length === 0)
    throw new RuleError(`There are no rules in ${folder}: it needs a .yaml file for each department.`);
  return new RuleSet(await Promise.all(names.map((name) => readRuleFile(path.join(folder, name)))));
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new RuleError(`The rules in ${folder} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

async function readRuleFile(file: string): Promise<RuleFile> {
  const text = await readFile(file, 'utf8');
  try {
    return parseRuleFile(parse(text), file);
  } catch (error) {
    if (error instanceof RuleError) throw error;
    throw new RuleError(`The rules in ${file} are not YAML: ${(error as Error).message}`, { cause: error });
  }
}
