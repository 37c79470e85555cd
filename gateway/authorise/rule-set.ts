import { createHash } from 'node:crypto';
import { createMongoAbility, type MongoAbility } from '@casl/ability';
import { z } from 'zod';
import type { Caller, CallerGrant } from '../caller.ts';
import { compileConditions, faultIn, withoutAbsent, type Conditions } from './conditions.ts';
import { OUTCOMES, type Alternative, type Decision } from './decision.ts';
import { compileMask, maskSchema } from './mask.ts';
import {
  compileRecordConditions,
  comparesSubjects,
  faultInRecord,
  GRANT_SUBJECTS,
  type MatchesRecord,
  type RecordConditions,
} from './record-conditions.ts';

const names = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).transform((given) => [given].flat());

const ruleSchema = z
  .strictObject({
    /** Names the rule in refusals and in the trail; one in all files. */
    id: z.string().min(1),
    /** What the rule says, for the people it is about. */
    text: z.string().min(1),
    outcome: z.enum(OUTCOMES),
    /** Access classes of the department's fields; `unclassified` for fields that have none, `*` for every class. */
    classes: names,
    /**
     * What must be true of the caller, by paths such as `identity.roles` and `purpose.caseNumber`, in MongoDB's query language.
     * Default: nothing.
     */
    when: z.record(z.string(), z.unknown()).default({}),
    /**
     * What must be true of the record that has the field, by paths of its fields such as `district` or `enterprise.uscc`: a value, a
     * comparison, or `{ same: identity.claims.district }`. Records that do not fit are decided about by the rules after this one.
     * Default: nothing.
     */
    record: z.record(z.string(), z.unknown()).optional(),
    /** Makes the rule hold only for who has a grant of the department for the class. */
    grant: z
      .strictObject({
        /** Persons of the department who have to stand behind a grant. */
        approvals: z.number().int().min(1).max(5).default(1),
      })
      .optional(),
    /** Makes the rule hold only for who takes what is not given, and answers for that: for the purpose `break-glass`. */
    breakGlass: z
      .strictObject({
        /** How long. */
        minutes: z.number().int().min(1).max(1_440).default(30),
      })
      .optional(),
    /** For AGGREGATE: how many members a group must have at least. Default: 10 */
    groupsOf: z.number().int().min(2).max(1_000_000).optional(),
    mask: maskSchema.optional(),
    /** What would be needed to be given more, for who is refused. */
    needs: z.string().min(1).optional(),
    /**
     * Keeps the trail's records of what the rule gives from those they are about, for so many days; then they are shown, with the
     * reason. Of several rules the one with most days holds for the whole request. What a request is for is not proven: let `when` ask for a
     * role too. Default: they are shown at once.
     */
    hides: z.strictObject({ days: z.number().int().min(1).max(36_500), reason: z.string().min(1) }).optional(),
  })
  .refine(({ outcome, mask }) => (outcome === 'MASK') === (mask !== undefined), {
    message: 'A rule has a mask if, and only if, its outcome is MASK.',
  })
  .refine(({ outcome, groupsOf }) => outcome === 'AGGREGATE' || groupsOf === undefined, {
    message: 'A rule has groupsOf only if its outcome is AGGREGATE.',
  })
  .refine(({ grant, breakGlass }) => grant === undefined || breakGlass === undefined, {
    message: 'A rule goes by a grant or by breaking glass; write two rules for both.',
  })
  .refine(({ breakGlass, hides }) => breakGlass === undefined || hides === undefined, {
    message: 'What is taken by breaking glass is shown at once to those it is about: leave out hides.',
  });

const ruleFileSchema = z.strictObject({
  /** The subgraph whose fields the rules are about. */
  department: z.string().min(1),
  /** The first that fits decides; where none fits, the field is refused. */
  rules: z.array(ruleSchema),
  /** What `@policy` of the schema means: conditions as in a rule's `when`, by the policy's name. */
  policies: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

/** One rule of a department. */
export type Rule = z.output<typeof ruleSchema>;

/** The rules of one department, read and checked. */
export type RuleFile = z.output<typeof ruleFileSchema>;

/** Rules that cannot be taken; the message says where and why. */
export class RuleError extends Error {
  override name = 'RuleError';
  /** The name that stands where it should not, where it is about one. */
  readonly about: string | undefined;

  constructor(message: string, { about, ...options }: { about?: string; cause?: unknown } = {}) {
    super(message, options);
    this.about = about;
  }
}

/**
 * Checks what was read from a rule file.
 * @param lineAt the line of a path in the file; absent where there are no lines
 * @throws RuleError with a line for each fault
 */
export function parseRuleFile(
  value: unknown,
  origin: string,
  lineAt?: (path: readonly PropertyKey[]) => number,
): RuleFile {
  const parsed = ruleFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const place = lineAt ? `${origin}:${lineAt(path)}` : origin;
    return `  ${place}  ${path.length > 0 ? `${z.core.toDotPath(path)}: ` : ''}${message}`;
  });
  throw new RuleError(`The rules in ${origin} are wrong.\n${faults.join('\n')}`);
}

/** What is asked of the rules: whether a caller fits those about a class, or about a policy. */
interface Question {
  readonly about: string;
  readonly identity: Caller['identity'];
  readonly purpose: Caller['purpose'];
}

/** CASL's rules, by what they are about. */
type Ability = MongoAbility<[string, string | Question]>;

/** The rules of all departments. They never change; changed rules are another set. */
export class RuleSet {
  /** SHA-256 of all rules, in hex: what decisions were made by. */
  readonly hash: string;
  readonly files: readonly RuleFile[];
  readonly #byDepartment = new Map<string, Ability>();
  readonly #policies: Ability;
  readonly #compiled = new Map<string, CompiledRule>();

  /** @throws RuleError where an id, a policy or a department stands twice, or a condition is none */
  constructor(files: readonly RuleFile[]) {
    this.files = files.toSorted((one, other) => (one.department < other.department ? -1 : 1));
    const policies = this.files.flatMap((file) => Object.entries(file.policies));
    refuseRepeated(
      files.map(({ department }) => department),
      'A department with rules',
    );
    refuseRepeated(
      files.flatMap(({ rules }) => rules.map(({ id }) => id)),
      'A rule',
    );
    refuseRepeated(
      policies.map(([name]) => name),
      'A policy',
    );
    this.hash = createHash('sha256').update(JSON.stringify(this.files)).digest('hex');
    for (const { department, rules } of this.files) {
      for (const rule of rules) this.#compiled.set(rule.id, compileRule(rule));
      this.#byDepartment.set(
        department,
        ability(rules.map(({ id, classes, when }) => ({ id: `the rule ${id}`, about: classes, when, reason: id }))),
      );
    }
    this.#policies = ability(
      policies.map(([name, when]) => ({ id: `the policy ${name}`, about: [name], when, reason: name })),
    );
  }

  /** Decides about an access class of a department. @param caller without what is absent */
  decide(department: string, accessClass: string, caller: Caller): Decision {
    const about = { department, accessClass };
    const fitting = this.#fitting(about, caller).flatMap((rule) => waysOf(rule, about, caller));
    const last = fitting.findIndex(({ matches }) => !matches);
    const alternatives = (last < 0 ? fitting : fitting.slice(0, last)) as Alternative[];
    const decision = last < 0 ? { ...NO_RULE, ...about } : fitting[last]!.decision;
    return alternatives.length > 0 ? { ...decision, alternatives } : decision;
  }

  /** What a grant for a class has to be like; undefined where no rule takes one. */
  grantTerms(department: string, accessClass: string): GrantTerms | undefined {
    const taking = this.#about(department, accessClass).filter(({ takes }) => takes?.kind === 'given');
    if (taking.length === 0) return undefined;
    return {
      approvals: Math.max(...taking.map(({ takes }) => takes!.approvals)),
      isAboutSubjects: taking.some(({ record }) => comparesSubjects(record)),
    };
  }

  /** For how many minutes a caller may take what a class holds; undefined where no rule lets the caller. */
  breakGlassMinutes(department: string, accessClass: string, caller: Caller): number | undefined {
    const rules = this.#fitting({ department, accessClass }, withoutAbsent(caller));
    return rules.find(({ takes }) => takes?.kind === 'break-glass')?.takes?.minutes;
  }

  #about(department: string, accessClass: string): CompiledRule[] {
    const rules = this.#byDepartment.get(department)?.rulesFor('see', accessClass) ?? [];
    return rules.map(({ reason }) => this.#compiled.get(reason!)!);
  }

  /** The rules whose conditions on the caller fit, whatever record and grant they look for. */
  #fitting({ department, accessClass }: AboutClass, caller: Caller): CompiledRule[] {
    const question = { about: accessClass, identity: caller.identity, purpose: caller.purpose };
    return (this.#byDepartment.get(department)?.rulesFor('see', accessClass) ?? [])
      .filter((rule) => rule.matchesConditions(question))
      .map(({ reason }) => this.#compiled.get(reason!)!);
  }

  /** Whether a policy of `@policy` holds for a caller; none does that nobody wrote down. @param caller without what is absent */
  holds(policy: string, caller: Caller): boolean {
    return this.#policies.can('see', { about: policy, identity: caller.identity, purpose: caller.purpose });
  }
}

interface AbilityRule {
  /** Names it in errors. */
  id: string;
  about: string[];
  when: Conditions;
  reason: string;
}

/** @throws RuleError where a condition is none, which would else be found by the first caller whom it is asked about */
function ability(rules: readonly AbilityRule[]): Ability {
  const raw = rules.map(({ id, about, when, reason }) => {
    const fault = faultIn(when);
    if (fault !== undefined) throw new RuleError(`The conditions of ${id} are wrong: ${fault}.`, { about: reason });
    return { action: 'see', subject: about, reason, ...(Object.keys(when).length > 0 ? { conditions: when } : {}) };
  });
  // Of CASL's rules the last that fits decides; of a file's the first, as people read.
  return createMongoAbility<Ability>(raw.toReversed(), {
    conditionsMatcher: compileConditions,
    detectSubjectType: (question) => question.about,
    anySubjectType: '*',
  });
}

const NO_RULE: Decision = {
  outcome: 'DENY',
  rule: 'no-rule',
  text: 'No rule of the department allows it.',
};

interface AboutClass {
  readonly department: string;
  readonly accessClass: string;
}

/** What a grant has to be like. */
export interface GrantTerms {
  /** Persons who have to stand behind it. */
  readonly approvals: number;
  /** Whether it has to say whom it is about. */
  readonly isAboutSubjects: boolean;
}

/** A rule, ready to decide. */
interface CompiledRule {
  readonly decision: Decision;
  readonly record: RecordConditions;
  /** Absent where the rule does not look at the record. */
  readonly matches: MatchesRecord | undefined;
  /** The kind of grant that it goes by. */
  readonly takes: { kind: CallerGrant['kind']; approvals: number; minutes: number } | undefined;
}

/** @throws RuleError where its conditions on the record are none */
function compileRule(rule: Rule): CompiledRule {
  const { id, text, outcome, needs, mask, groupsOf = 10, record = {}, hides, grant, breakGlass } = rule;
  const fault = faultInRecord(record) ?? faultInSubjects(rule);
  if (fault !== undefined)
    throw new RuleError(`The conditions on the record of the rule ${id} are wrong: ${fault}.`, { about: id });
  const decision: Decision = {
    outcome,
    rule: id,
    text,
    ...(needs ? { needs } : {}),
    ...(hides ? { hides } : {}),
    ...(mask ? { mask: compileMask(mask) } : {}),
    ...(outcome === 'AGGREGATE' ? { groupsOf } : {}),
  };
  const matches = Object.keys(record).length > 0 ? compileRecordConditions(record) : undefined;
  const kind: CallerGrant['kind'] | undefined = grant ? 'given' : breakGlass && 'break-glass';
  const takes = kind && { kind, approvals: grant?.approvals ?? 1, minutes: breakGlass?.minutes ?? 0 };
  return { decision, record, matches, takes };
}

function faultInSubjects({ record = {}, grant, breakGlass }: Rule): string | undefined {
  const isOfGrant = grant !== undefined || breakGlass !== undefined;
  return comparesSubjects(record) && !isOfGrant
    ? `"${GRANT_SUBJECTS}" needs a rule with grant or breakGlass`
    : undefined;
}

/** What of a rule may hold: once, or for each grant that it goes by where the record says whether a grant is about it. */
function waysOf(
  { decision, record, matches, takes }: CompiledRule,
  about: AboutClass,
  caller: Caller,
): { record: RecordConditions; matches: MatchesRecord | undefined; decision: Decision }[] {
  const { department, accessClass } = about;
  if (!takes) return [{ record, matches, decision: { ...decision, ...about } }];
  const grants = (caller.grants ?? []).filter(
    (grant) => grant.kind === takes.kind && grant.department === department && grant.classes.includes(accessClass),
  );
  return (matches ? grants : grants.slice(0, 1)).map((grant) => ({
    record,
    matches: matches && ((given, asking) => matches(given, asking, grant)),
    decision: { ...decision, ...about, grant: grant.id },
  }));
}

function refuseRepeated(given: readonly string[], what: string): void {
  const repeated = given.find((name, index) => given.indexOf(name) !== index);
  if (repeated !== undefined) throw new RuleError(`${what} stands twice: ${repeated}.`, { about: repeated });
}
