import { LRUCache } from 'lru-cache';
import type { Caller, Identity } from '../caller.ts';
import type { FieldAccess, FieldVerdict, GuardedField } from '../operation/field-access.ts';
import type { AccessCondition, AccessConditions, TolerantRequirement } from '../supergraph/access-conditions.ts';
import { withoutAbsent } from './conditions.ts';
import { forField, idOf, recordPaths, verdictOf } from './by-record.ts';
import { isOpen, mostOpen, narrowest, whateverRecord, type Decision } from './decision.ts';
import { groundsOf, type Grounds } from './grounds.ts';
import type { RuleSet } from './rule-set.ts';

/** How the departments' rules are gone by. What stands in the schema itself is always enforced. */
export type AuthorisationMode =
  /** There are none. */
  | 'off'
  /** What they come to is recorded, and nothing is withheld. */
  | 'report'
  /** What no rule allows is not given. */
  | 'enforce';

/** What a supergraph's access is decided by. */
export interface AuthoriserOptions {
  access: AccessConditions;
  mode: AuthorisationMode;
  /** The departments' rules. Needed unless the mode is `off`. */
  rules?: RuleSet | undefined;
}

/** Callers that are kept decided. */
const MAX_AUTHORITIES = 10_000;

/** Decides for callers what they may see; the same for everyone with the same authority. */
export class Authoriser {
  readonly options: AuthoriserOptions;
  readonly #known = new LRUCache<string, Authority>({ max: MAX_AUTHORITIES });
  /** A caller whose identity was recognised by its token is found without looking at the identity again. */
  readonly #byIdentity = new WeakMap<Identity, Map<string, Authority>>();
  readonly #codes = new Map<string, string>();

  constructor(options: AuthoriserOptions) {
    this.options = options;
  }

  /** What a caller may see. */
  authorityOf(caller: Caller): Authority {
    const purpose = purposeText(caller);
    const known = this.#byIdentity.get(caller.identity)?.get(purpose);
    if (known) return known;
    const text = `${JSON.stringify(caller.identity)}\n${purpose}`;
    let authority = this.#known.get(text);
    if (!authority) {
      authority = new Authority(caller, this.options, (given) => this.#codeOf(given));
      this.#known.set(text, authority);
    }
    // Purposes hold case numbers, which have no end.
    const ofIdentity = this.#byIdentity.get(caller.identity) ?? new Map<string, Authority>();
    if (ofIdentity.size >= MAX_PURPOSES) ofIdentity.clear();
    this.#byIdentity.set(caller.identity, ofIdentity.set(purpose, authority));
    return authority;
  }

  /** A short text that stands for a long one. */
  #codeOf(text: string): string {
    let code = this.#codes.get(text);
    if (!code) this.#codes.set(text, (code = this.#codes.size.toString(36)));
    return code;
  }
}

const MAX_PURPOSES = 100;
function splitCoordinate(coordinate: string): [typeName: string, fieldName: string] {
  const [typeName, fieldName] = coordinate.split('.') as [string, string];
  return [typeName, fieldName];
}

/** A value that is made of masked ones is not given at all: to mask it is not the rule's to say. */
function withoutMask({ mask, ...decision }: Decision): Decision {
  return mask ? { ...decision, outcome: 'DENY' } : decision;
}

/** What one caller may see for one purpose. */
export class Authority implements FieldAccess {
  /** What it is decided by: one value for all authorities of an authoriser. */
  readonly options: AuthoriserOptions;
  /** Whose it is. */
  readonly caller: Caller;
  readonly #codeOf: (text: string) => string;
  readonly #decisions: (Decision | undefined)[] = [];
  readonly #keys = new WeakMap<readonly number[], string>();
  readonly #grounds = new WeakMap<readonly number[], Grounds>();
  readonly #verdicts = new Map<string, FieldVerdict | undefined>();
  #guarded: readonly GuardedField[] | undefined;

  constructor(caller: Caller, options: AuthoriserOptions, codeOf: (text: string) => string) {
    this.caller = withoutAbsent(caller);
    this.options = options;
    this.#codeOf = codeOf;
  }

  /**
   * One text for all authorities of an authoriser that see the same of what depends on some conditions, or would if rules were
   * enforced; empty where nothing of it is withheld.
   * @param conditions numbers of the conditions, the same list each time
   */
  keyFor(conditions: readonly number[]): string {
    let key = this.#keys.get(conditions);
    if (key === undefined) {
      const closed = conditions.filter((number) => !isOpen(this.#decide(number)));
      const parts = closed.map((number) => `${number}=${this.#codeOf(idOf(this.#decide(number)))}`);
      // Whether a record can be looked at depends on what is decided about what would be looked at.
      if (closed.some((number) => this.#decide(number).alternatives))
        parts.push(this.#codeOf(JSON.stringify(this.guarded)));
      key = parts.join();
      this.#keys.set(conditions, key);
    }
    return key;
  }

  /** What it rests on that something of what depends on some conditions is given. @param conditions as for {@link keyFor} */
  groundsFor(conditions: readonly number[]): Grounds {
    let grounds = this.#grounds.get(conditions);
    if (!grounds) {
      grounds = groundsOf(conditions.map((number) => this.#decide(number)));
      this.#grounds.set(conditions, grounds);
    }
    return grounds;
  }

  of(typeName: string, fieldName: string): FieldVerdict | undefined {
    const coordinate = `${typeName}.${fieldName}`;
    if (this.#verdicts.has(coordinate)) return this.#verdicts.get(coordinate);
    const decision = this.applied(typeName, fieldName);
    const verdict = decision && verdictOf(decision);
    this.#verdicts.set(coordinate, verdict);
    return verdict;
  }

  /** Why a field is not given as it is; undefined where it is. */
  applied(typeName: string, fieldName: string): Decision | undefined {
    return this.#narrowestOf(typeName, fieldName, (number, decision) => this.#isApplied(number, decision));
  }

  /** Why a field would not be given as it is if the rules were enforced; undefined where they are, or it would be. */
  reported(typeName: string, fieldName: string): Decision | undefined {
    if (this.options.mode !== 'report') return undefined;
    const decision = this.decided(typeName, fieldName);
    return !decision || isOpen(decision) || this.applied(typeName, fieldName) ? undefined : decision;
  }

  /** What the rules come to for a field, whether or not they are enforced; undefined where nothing is decided about it. */
  decided(typeName: string, fieldName: string): Decision | undefined {
    return this.#narrowestOf(typeName, fieldName, () => true);
  }

  /** All fields of the supergraph of which the record decides whether the caller may see them; the same list each time. */
  get guarded(): readonly GuardedField[] {
    return (this.#guarded ??= this.#findGuarded());
  }

  #findGuarded(): GuardedField[] {
    const numbers = new Map<string, number>();
    return [...this.options.access.byField.keys()].toSorted().flatMap((coordinate): GuardedField[] => {
      const [typeName, fieldName] = coordinate.split('.') as [string, string];
      const decision = this.applied(typeName, fieldName);
      if (!decision?.alternatives) return [];
      const id = `${typeName}\n${idOf(decision)}`;
      const guard = numbers.get(id) ?? numbers.size;
      numbers.set(id, guard);
      return [{ typeName, fieldName, guard, paths: recordPaths(decision) }];
    });
  }

  #narrowestOf(
    typeName: string,
    fieldName: string,
    counts: (number: number, decision: Decision) => boolean,
  ): Decision | undefined {
    const tolerant = this.options.access.tolerant.get(`${typeName}.${fieldName}`);
    if (tolerant) return this.#narrowestOfTolerant(tolerant, counts);
    const { byField, ofOthers, records } = this.options.access;
    const others = ofOthers.get(`${typeName}.${fieldName}`);
    const decisions = (byField.get(`${typeName}.${fieldName}`) ?? []).flatMap((number) => {
      const decision = this.#decide(number);
      if (!counts(number, decision)) return [];
      return others?.has(number) ? whateverRecord(decision) : decision;
    });
    const decision = narrowest(decisions);
    if (!decision) return undefined;
    return forField(decision, [typeName, fieldName], records, (coordinate) => this.#isDecidable(coordinate));
  }

  /**
   * What is required is withheld by itself, of each record, where it can be asked for by itself. The field is not given where something else
   * is withheld, or each of the values that it is about.
   */
  #narrowestOfTolerant(
    { own, required, values }: TolerantRequirement,
    counts: (number: number, decision: Decision) => boolean,
  ): Decision | undefined {
    const decided = (coordinate: string): Decision | undefined => {
      const decision = this.#narrowestOf(...splitCoordinate(coordinate), counts);
      return decision && !isOpen(decision) && !decision.alternatives ? decision : undefined;
    };
    const inseparable = required.flatMap((each) => {
      const decision = decided(each);
      return decision && !decision.mask && !this.#canWithhold(each) ? decision : [];
    });
    const ofValues = values.map((path) => path.map(decided).find((decision) => decision !== undefined));
    const allWithheld = ofValues.length > 0 && !ofValues.includes(undefined) ? ofValues : [];
    const ownDecisions = own.map((number) => this.#decide(number)).filter((decision, at) => counts(own[at]!, decision));
    const all = [...ownDecisions, ...inseparable, ...allWithheld].filter((decision) => decision !== undefined);
    const found = narrowest(all.map(withoutMask));
    return found && whateverRecord(found);
  }

  #canWithhold(coordinate: string): boolean {
    const { records } = this.options.access;
    const [typeName, fieldName] = splitCoordinate(coordinate);
    return records.isSeparate(typeName, fieldName) && records.keyOf(typeName) !== undefined;
  }

  withheldFrom(typeName: string, fieldName: string): readonly GuardedField[] | undefined {
    const { tolerant, records } = this.options.access;
    // Nothing passes it, so one number behind those of all others is enough.
    const guard = 1 + Math.max(-1, ...this.guarded.map((each) => each.guard));
    return tolerant.get(`${typeName}.${fieldName}`)?.required.flatMap((coordinate): GuardedField[] => {
      const [type, field] = splitCoordinate(coordinate);
      const decision = this.applied(type, field);
      if (!decision || decision.alternatives || decision.mask || !this.#canWithhold(coordinate)) return [];
      return [{ typeName: type, fieldName: field, guard, paths: [records.keyOf(type)!] }];
    });
  }

  #isDecidable(coordinate: string): boolean {
    const numbers = this.options.access.byField.get(coordinate) ?? [];
    return numbers.every((number) => this.#decide(number).alternatives === undefined);
  }

  /** The schema's own directives hold in every mode. */
  #isApplied(number: number, decision: Decision): boolean {
    if (isOpen(decision)) return false;
    const { kind } = this.options.access.conditions[number]!;
    return this.options.mode === 'enforce' || (kind !== 'class' && kind !== 'unclassified');
  }

  #decide(number: number): Decision {
    return (this.#decisions[number] ??= this.#decideNow(this.options.access.conditions[number]!));
  }

  #decideNow(condition: AccessCondition): Decision {
    const { rules, mode } = this.options;
    const { caller } = this;
    switch (condition.kind) {
      case 'authenticated':
        return caller.identity.kind === 'anonymous' ? NOT_AUTHENTICATED : ALLOWED_BY_SCHEMA;
      case 'scopes':
        return fromSchema('requiresScopes', condition.anyOf, (scope) => caller.identity.scopes.includes(scope));
      case 'policies':
        return fromSchema('policy', condition.anyOf, (policy) => rules?.holds(policy, caller) ?? false);
      case 'class':
        return mode === 'off' || !rules
          ? ALLOWED_BY_SCHEMA
          : rules.decide(condition.department, condition.name, caller);
      case 'unclassified': {
        if (mode === 'off' || !rules) return ALLOWED_BY_SCHEMA;
        return mostOpen(condition.departments.map((department) => rules.decide(department, 'unclassified', caller)))!;
      }
    }
  }
}

const ALLOWED_BY_SCHEMA: Decision = { outcome: 'ALLOW', rule: 'schema', text: 'Nothing in the schema forbids it.' };

const NOT_AUTHENTICATED: Decision = {
  outcome: 'DENY',
  rule: '@authenticated',
  text: 'It is for those who have proven who they are.',
  needs: 'a token, a key or a certificate',
};

function fromSchema(
  directive: 'requiresScopes' | 'policy',
  anyOf: readonly (readonly string[])[],
  has: (name: string) => boolean,
): Decision {
  if (anyOf.some((all) => all.every(has))) return ALLOWED_BY_SCHEMA;
  const what = directive === 'policy' ? 'policies' : 'scopes';
  return {
    outcome: 'DENY',
    rule: `@${directive}`,
    text: `It is for those with certain ${what}.`,
    needs: `the ${what} ${anyOf.map((all) => all.join(' and ')).join(', or ')}`,
    accessClass: JSON.stringify(anyOf),
  };
}

/** What of a purpose rules look at, and what was granted for it. */
function purposeText({ purpose: { purpose, legalBasis, consentReference, caseNumber }, grants = [] }: Caller): string {
  if (
    purpose === undefined &&
    legalBasis === undefined &&
    consentReference === undefined &&
    caseNumber === undefined &&
    grants.length === 0
  )
    return '';
  return JSON.stringify([purpose, legalBasis, consentReference, caseNumber, ...grants.map(({ id }) => id)]);
}
