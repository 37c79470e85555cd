import { isDeepStrictEqual } from 'node:util';
import type { Rule, RuleFile, RuleSet } from '../authorise/rule-set.ts';
import type { AccessCondition } from '../supergraph/access-conditions.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';

/** Something about rules that is hardly meant. */
export interface Finding {
  kind:
    | 'UNREACHABLE_RULE'
    | 'CLASS_WITHOUT_RULE'
    | 'CLASS_WITHOUT_FIELD'
    | 'DEPARTMENT_WITHOUT_FILE'
    | 'FILE_WITHOUT_DEPARTMENT'
    | 'UNDEFINED_POLICY';
  department?: string;
  /** One line, for people. */
  message: string;
}

/** Says what about rules is hardly meant for a supergraph: what decides nothing, and what nothing decides about. */
export function lintRules(
  { files }: RuleSet,
  { access, routingUrls }: Pick<ServedSupergraph, 'access' | 'routingUrls'>,
): Finding[] {
  const classes = classesOf(access.conditions);
  return [
    ...files.flatMap(unreachableRules),
    ...[...classes].flatMap(([department, names]) => classesWithoutRule(fileOf(files, department), department, names)),
    ...files.flatMap((file) => classesWithoutField(file, classes.get(file.department) ?? new Set())),
    ...departments(files, routingUrls),
    ...undefinedPolicies(files, access.conditions),
  ];
}

/** The access classes of each department's fields. */
function classesOf(conditions: readonly AccessCondition[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (department: string, name: string): void => {
    found.set(department, (found.get(department) ?? new Set()).add(name));
  };
  for (const condition of conditions) {
    if (condition.kind === 'class') add(condition.department, condition.name);
    if (condition.kind === 'unclassified') for (const each of condition.departments) add(each, 'unclassified');
  }
  return found;
}

function unreachableRules({ department, rules }: RuleFile): Finding[] {
  return rules.flatMap((rule, index): Finding[] => {
    const before = rules.slice(0, index).filter((earlier) => holdsWherever(earlier, rule));
    const covering = rule.classes.map((name) =>
      before.find(({ classes }) => classes.includes('*') || classes.includes(name)),
    );
    if (covering.includes(undefined)) return [];
    const names = [...new Set(covering.map((earlier) => earlier!.id))].join(', ');
    return [
      { kind: 'UNREACHABLE_RULE', department, message: `The rule ${rule.id} never decides: ${names} fits first.` },
    ];
  });
}

/** Whether a rule fits all callers and records that another fits, as far as can be told by looking. */
function holdsWherever({ when, record = {}, grant, breakGlass }: Rule, other: Rule): boolean {
  if (grant !== undefined || breakGlass !== undefined) return false;
  const isPartOf = (some: object, all: Readonly<Record<string, unknown>>): boolean =>
    Object.entries(some).every(([path, value]) => path in all && isDeepStrictEqual(all[path], value));
  return isPartOf(when, other.when) && isPartOf(record, other.record ?? {});
}

function classesWithoutRule(file: RuleFile | undefined, department: string, names: ReadonlySet<string>): Finding[] {
  if (!file) return [];
  const ruled = new Set(file.rules.flatMap(({ classes }) => classes));
  if (ruled.has('*')) return [];
  return [...names]
    .filter((name) => !ruled.has(name))
    .map((name) => ({
      kind: 'CLASS_WITHOUT_RULE',
      department,
      message: `No rule of ${department} names the class ${name}, which fields have: nobody is given them.`,
    }));
}

function classesWithoutField({ department, rules }: RuleFile, names: ReadonlySet<string>): Finding[] {
  return rules.flatMap(({ id, classes }) =>
    classes
      .filter((name) => name !== '*' && !names.has(name))
      .map((name): Finding => ({
        kind: 'CLASS_WITHOUT_FIELD',
        department,
        message: `The rule ${id} names the class ${name}, which no field of ${department} has.`,
      })),
  );
}

function departments(files: readonly RuleFile[], served: ReadonlyMap<string, string>): Finding[] {
  const without = [...served.keys()].filter((department) => !fileOf(files, department));
  const unknown = files.filter(({ department }) => !served.has(department));
  return [
    ...without.map((department): Finding => ({
      kind: 'DEPARTMENT_WITHOUT_FILE',
      department,
      message: `The department ${department} has no rules: nobody is given what only it has.`,
    })),
    ...unknown.map(({ department }): Finding => ({
      kind: 'FILE_WITHOUT_DEPARTMENT',
      department,
      message: `There are rules for ${department}, which the supergraph does not have.`,
    })),
  ];
}

function undefinedPolicies(files: readonly RuleFile[], conditions: readonly AccessCondition[]): Finding[] {
  const defined = new Set(files.flatMap(({ policies }) => Object.keys(policies)));
  const used = conditions.flatMap((condition) => (condition.kind === 'policies' ? condition.anyOf.flat() : []));
  return [...new Set(used)]
    .filter((name) => !defined.has(name))
    .map((name) => ({
      kind: 'UNDEFINED_POLICY',
      message: `No rule file says what @policy means by ${name}: it holds for nobody.`,
    }));
}

function fileOf(files: readonly RuleFile[], department: string): RuleFile | undefined {
  return files.find((file) => file.department === department);
}
