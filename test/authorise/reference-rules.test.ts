import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Kind, parse, visit, type ConstDirectiveNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { projectRoot } from '../../network/settings.ts';
import { parseRules, readRuleTexts } from '../../gateway/rule-files.ts';

const { subgraphs } = parseYaml(readFileSync(`${projectRoot}supergraph.yaml`, 'utf8')) as {
  subgraphs: Record<string, { schema: { file: string } }>;
};
const { files } = parseRules(await readRuleTexts(`${projectRoot}rules`));

test('every department of the supergraph has a file of rules, and no other has one', () => {
  expect(files.map(({ department }) => department)).toEqual(
    Object.keys(subgraphs).toSorted((a, b) => (a < b ? -1 : 1)),
  );
  expect(readdirSync(`${projectRoot}rules`).map((name) => path.parse(name).name)).toEqual(
    files.map(({ department }) => department),
  );
});

describe.each(files)('$department', ({ department, rules }) => {
  const known = new Set(['*', 'unclassified', ...classesOf(subgraphs[department]!.schema.file)]);
  const named = new Set(rules.flatMap(({ classes }) => classes));

  test('its rules are about classes that its schema has', () => {
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
  });

  test('each class of its schema is named by a rule, so that a refusal says why', () => {
    expect([...known].filter((name) => name !== '*' && !named.has(name) && !named.has('*'))).toEqual([]);
  });

  test('for each class of its schema some rule is for everyone else', () => {
    const forEveryone = rules.filter(({ when, record, grant, breakGlass }) => {
      return Object.keys(when).length === 0 && !record && !grant && !breakGlass;
    });
    const covered = new Set(forEveryone.flatMap(({ classes }) => classes));
    expect([...known].filter((name) => name !== '*' && !covered.has(name) && !covered.has('*'))).toEqual([]);
  });

  test('whoever is refused for what they did not say is told what that is', () => {
    for (const { id, outcome, when, needs } of rules) {
      const asksForMore = outcome === 'NEEDS_CONSENT' || JSON.stringify(when).includes('"$exists":false');
      expect([id, asksForMore && needs === undefined]).toEqual([id, false]);
    }
  });
});

function classesOf(file: string): string[] {
  const found: string[] = [];
  const take = (directives: readonly ConstDirectiveNode[] = []): void => {
    for (const { name, arguments: [given] = [] } of directives)
      if (name.value === 'access' && given?.value.kind === Kind.STRING) found.push(given.value.value);
  };
  visit(parse(readFileSync(projectRoot + file, 'utf8')), {
    FieldDefinition: ({ directives }) => take(directives),
    ObjectTypeDefinition: ({ directives }) => take(directives),
  });
  return found;
}
