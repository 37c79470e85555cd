import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { StartError } from '../kit/program.ts';
import type { SqlValue } from './store.ts';

/** What rules can be about, by the graph's types. */
const SUBJECTS = ['Enterprise', 'BulletinFigure'] as const;

const headerSchema = z.strictObject({
  id: z.string().regex(/^[a-z]+(-[a-z]+)*$/, 'must be small letters with - between words'),
  /** Raised with every change: what was published under a version never changes. */
  version: z.int().min(1),
  title: z.string().min(1),
  /** What it finds, for the people it is about. */
  text: z.string().min(1),
  finds: z.enum(SUBJECTS),
  /** Terms that tell of others: they change while the subject does not, and no finding is superseded for that. */
  context: z.array(z.string()).default([]),
  parameters: z
    .record(
      z.string().regex(/^[a-z]+(_[a-z]+)*$/),
      z.strictObject({ value: z.number(), unit: z.string().min(1), text: z.string().min(1) }),
    )
    .default({}),
});

/** A rule: one SELECT, and what it is for. */
export interface AnalysisRule extends z.output<typeof headerSchema> {
  /** As written, with `$name` for parameters. */
  statement: string;
  /** SHA-256 of the whole file, in hex. */
  hash: string;
}

const FILE = /^\s*\/\*\n(?<header>.*?)\n\*\/\n(?<statement>.+)$/s;

/** Reads every rule of a folder. @throws StartError naming the file */
export function readRules(folder: string): AnalysisRule[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const rules = files.sort().map((name) => parseRule(readFileSync(join(folder, name), 'utf8'), join(folder, name)));
  const [twice] = rules.filter(({ id }, at) => rules.findIndex((other) => other.id === id) < at);
  if (twice) throw new StartError(`${folder}: two rules have the id ${twice.id}`);
  return rules;
}

/** Reads a rule. @param origin the file, for messages @throws StartError */
export function parseRule(text: string, origin: string): AnalysisRule {
  const { header, statement } = FILE.exec(text)?.groups ?? {};
  if (header === undefined || statement === undefined)
    throw new StartError(`${origin}: a rule begins with /*, what it is for in YAML, and */ on lines of their own`);
  const parsed = headerSchema.safeParse(yamlOf(header, origin));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new StartError(`${origin}: ${faults.join('; ')}`);
  }
  const rule = { ...parsed.data, statement, hash: createHash('sha256').update(text).digest('hex') };
  const unknown = parametersIn(statement).find((name) => !Object.hasOwn(rule.parameters, name));
  if (unknown !== undefined) throw new StartError(`${origin}: the parameter $${unknown} is not said in the header`);
  return rule;
}

/** The statement with `$1`, `$2` and so on, and the values of these. */
export function boundStatement({ statement, parameters }: Pick<AnalysisRule, 'statement' | 'parameters'>): {
  text: string;
  values: SqlValue[];
} {
  const names = parametersIn(statement);
  return {
    text: statement.replaceAll(PARAMETER, (_, name: string) => `$${names.indexOf(name) + 1}`),
    values: names.map((name) => parameters[name]!.value),
  };
}

const PARAMETER = /\$([a-z_]+)/g;

function parametersIn(statement: string): string[] {
  return [...new Set([...statement.matchAll(PARAMETER)].map(([, name]) => name!))];
}

function yamlOf(header: string, origin: string): unknown {
  try {
    return parse(header);
  } catch (error) {
    throw new StartError(`${origin}: ${(error as Error).message}`);
  }
}
