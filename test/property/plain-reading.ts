import type { Rule } from '../../gateway/authorise/rule-set.ts';
import type { Caller } from '../../gateway/caller.ts';
import type { MadeUpAuthority, MadeUpCondition } from './authority.ts';
import type { MadeUpRecord } from './record-rules.ts';
import type { Truth, TruthNode } from './truth.ts';

/** What made-up rules come to, the more open first. */
const OUTCOMES = ['ALLOW', 'NEEDS_CONSENT', 'DENY'] as const;
type Outcome = (typeof OUTCOMES)[number];

/** A field that is not given. */
export interface PlainRefusal {
  outcome: Outcome;
  /** Whether it may be given in other records. */
  isByRecord: boolean;
}

/**
 * What a caller may see, by a plain reading of made-up rules: with loops over what was made up, and nothing of the gateway's own
 * reading of it. Of the rules about a class the first decides that fits the caller and the record. Where the record cannot be looked at
 * before the field is fetched, the narrowest of all rules that might decide does.
 */
export class PlainReading {
  readonly #authority: MadeUpAuthority;
  readonly #caller: Caller;
  readonly #truth: Truth;
  readonly #byRecord = new Map<string, boolean>();
  readonly #regardless = new Map<string, Outcome>();

  constructor(authority: MadeUpAuthority, caller: Caller, truth: Truth) {
    this.#authority = authority;
    this.#caller = caller;
    this.#truth = truth;
  }

  /** Undefined where a field is given. @param node the record that has it; absent for fields that depend on none */
  refusalOf(typeName: string, fieldName: string, node: TruthNode | undefined): PlainRefusal | undefined {
    const isByRecord = this.isByRecord(typeName, fieldName);
    const outcome = isByRecord ? this.#outcome(typeName, fieldName, node) : this.#regardlessOf(typeName, fieldName);
    return outcome === 'ALLOW' ? undefined : { outcome, isByRecord };
  }

  /** Whether the record decides about a field. */
  isByRecord(typeName: string, fieldName: string): boolean {
    const coordinate = `${typeName}.${fieldName}`;
    let isByRecord = this.#byRecord.get(coordinate);
    if (isByRecord === undefined)
      this.#byRecord.set(coordinate, (isByRecord = this.#findIsByRecord(typeName, fieldName)));
    return isByRecord;
  }

  /** Whether a field is asked for because rules look at it, whoever may see it. */
  looksThrough(typeName: string, fieldName: string): boolean {
    return this.#authority.lookedAt.has(`${typeName}.${fieldName}`);
  }

  #findIsByRecord(typeName: string, fieldName: string): boolean {
    const { own, others } = this.#authority.conditionsOf(typeName, fieldName);
    const mayBeGiven = (condition: MadeUpCondition): boolean =>
      condition.some((each) => this.#fitting(each).some(({ outcome }) => outcome === 'ALLOW'));
    if (!own.every(mayBeGiven) || !others.every((each) => this.#ofCondition(each, undefined) === 'ALLOW')) return false;
    const closed = own.filter((each) => this.#ofCondition(each, undefined) !== 'ALLOW');
    const paths = closed.flatMap((each) => this.#pathsOf(each));
    if (paths.length === 0 || !this.#authority.isSeparate(typeName, fieldName)) return false;
    return paths.every((path) => {
      const through = this.#authority.records.follow(typeName, path.split('.'));
      return through?.every((coordinate) => this.#isDecidable(...(coordinate.split('.') as [string, string])));
    });
  }

  /** Whether no rule about a field looks at the record. */
  #isDecidable(typeName: string, fieldName: string): boolean {
    const { own, others } = this.#authority.conditionsOf(typeName, fieldName);
    return [...own, ...others].every((each) => this.#pathsOf(each).length === 0);
  }

  #regardlessOf(typeName: string, fieldName: string): Outcome {
    const coordinate = `${typeName}.${fieldName}`;
    let outcome = this.#regardless.get(coordinate);
    if (outcome === undefined)
      this.#regardless.set(coordinate, (outcome = this.#outcome(typeName, fieldName, undefined)));
    return outcome;
  }

  #outcome(typeName: string, fieldName: string, node: TruthNode | undefined): Outcome {
    const { own, others } = this.#authority.conditionsOf(typeName, fieldName);
    return narrowest([
      ...own.map((each) => this.#ofCondition(each, node)),
      ...others.map((each) => this.#ofCondition(each, undefined)),
    ]);
  }

  #ofCondition(condition: MadeUpCondition, node: TruthNode | undefined): Outcome {
    const regardless = mostOpen(condition.map((each) => narrowest(this.#fitting(each).map(({ outcome }) => outcome))));
    if (!node || regardless === 'ALLOW') return regardless;
    const { records } = this.#authority;
    const fits = (record: MadeUpRecord): boolean => records.fits(record, node, this.#caller, this.#truth);
    return mostOpen(condition.map((each) => this.#fitting(each).find(({ record }) => fits(record))!.outcome));
  }

  /** The rules that may decide: those that fit the caller, up to the first that fits every record. */
  #fitting(about: MadeUpCondition[number]): { outcome: Outcome; record: MadeUpRecord }[] {
    const { roles } = this.#caller.identity;
    const fitting = this.#authority.rulesFor(about).filter(({ when }) => {
      const role = when['identity.roles'];
      return role === undefined || roles.includes(role as string);
    });
    const all = [...fitting.map(decided), { outcome: 'DENY', record: {} } as const];
    return all.slice(0, all.findIndex(({ record }) => Object.keys(record).length === 0) + 1);
  }

  #pathsOf(condition: MadeUpCondition): string[] {
    return condition.flatMap((each) => this.#fitting(each).flatMap(({ record }) => Object.keys(record)));
  }
}

function decided({ outcome, record = {} }: Rule): { outcome: Outcome; record: MadeUpRecord } {
  return { outcome: outcome as Outcome, record };
}

function mostOpen(outcomes: readonly Outcome[]): Outcome {
  return OUTCOMES.find((outcome) => outcomes.includes(outcome)) ?? 'DENY';
}

function narrowest(outcomes: readonly Outcome[]): Outcome {
  return OUTCOMES.findLast((outcome) => outcomes.includes(outcome)) ?? 'DENY';
}
