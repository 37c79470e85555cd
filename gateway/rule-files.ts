import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isScalar, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';
import { parseRuleFile, RuleError, RuleSet, type RuleFile } from './authorise/rule-set.ts';

/** A rule file as it was found. */
export interface RuleText {
  /** Where it lies: the folder, and its name there. */
  file: string;
  text: string;
}

/** Reads the departments' rule files, every `.yaml` of a folder, by name. @throws RuleError where there are none, or they cannot be read */
export async function readRuleTexts(folder: string): Promise<RuleText[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
    if (names.length > 0) return await Promise.all(names.map((name) => readRuleText(path.join(folder, name))));
  } catch (error) {
    throw new RuleError(`The rules in ${folder} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  throw new RuleError(`There are no rules in ${folder}: it needs a .yaml file for each department.`);
}

async function readRuleText(file: string): Promise<RuleText> {
  return { file, text: await readFile(file, 'utf8') };
}

/** The rules that texts hold. @throws RuleError where one cannot be taken; it says which file, in which line, and why */
export function parseRules(texts: readonly RuleText[]): RuleSet {
  const read = texts.map(readRuleDocument);
  try {
    return new RuleSet(read.map(({ rules }) => rules));
  } catch (error) {
    if (!(error instanceof RuleError) || error.about === undefined) throw error;
    const places = read.flatMap((each) => linesOf(error.about!, each).map((line) => `${each.file}:${line}`));
    throw new RuleError(`${error.message}\n  at ${places.join(', ')}`, { cause: error });
  }
}

/** A rule file that is right in itself. */
interface RuleDocument {
  file: string;
  rules: RuleFile;
  document: Document.Parsed;
  lines: LineCounter;
}

function readRuleDocument({ file, text }: RuleText): RuleDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [fault] = document.errors;
  if (fault) {
    const line = fault.linePos?.[0].line ?? 1;
    throw new RuleError(`The rules in ${file}:${line} are not YAML: ${fault.message}`, { cause: fault });
  }
  const lineAt = (at: readonly PropertyKey[]): number => lines.linePos(startOf(document, at)).line;
  return { file, rules: parseRuleFile(toValue(document, file), file, lineAt), document, lines };
}

/** Aliases can be more than there is memory for, or of nothing. */
function toValue(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new RuleError(`The rules in ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Where in the text something stands; where it is missing, what it is missing in. */
function startOf(document: Document.Parsed, at: readonly PropertyKey[]): number {
  for (let length = at.length; length > 0; length -= 1) {
    const node = document.getIn(at.slice(0, length), true) as Node | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}

/** The lines of a file in which a name stands alone, as a key or a value. */
function linesOf(name: string, { document, lines }: RuleDocument): number[] {
  const found: number[] = [];
  visit(document, {
    Scalar(_key, node) {
      if (isScalar(node) && node.value === name && node.range) found.push(lines.linePos(node.range[0]).line);
    },
  });
  return found;
}
