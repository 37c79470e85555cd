import { Kind } from 'graphql';
import { suggestion } from '../manifest/strict-object.ts';
import type { YamlFile, YamlPath } from '../manifest/yaml-file.ts';
import { StartError } from '../program.ts';
import type { ComparisonRules } from './agreement.ts';
import {
  PROVENANCE_TEXTS,
  type CheckedClaim,
  type CheckedFact,
  type FoundField,
  type TextParts,
} from './checked-fact.ts';
import { TextComparison } from './compared-text.ts';
import type { ClaimEntry, FactEntry, FactManifest } from './fact-manifest.ts';
import {
  FieldSetFault,
  mergeFieldSets,
  readFieldSet,
  requiredField,
  type FieldSet,
  type RequiredField,
} from './field-set.ts';
import type { GraphTypes } from './graph-types.ts';

/**
 * Checks facts against the schemas of the departments that assert them.
 *
 * @throws StartError with every mistake, each with file, line and column
 */
export function checkFacts({ facts }: FactManifest, yaml: YamlFile, graph: GraphTypes): CheckedFact[] {
  const check = new FactCheck(yaml, graph);
  const checked = facts.flatMap((fact, at) => check.fact(fact, ['facts', at]) ?? []);
  check.refuseTwice(checked);
  if (check.faults.length > 0) throw new StartError(check.faults.join('\n'));
  return checked;
}

/** Types that values of a fact may have in a department's schema. */
const NUMBERS = ['Int', 'Float'];
const TEXTS = ['String', 'ID'];

class FactCheck {
  readonly faults: string[] = [];
  readonly #yaml: YamlFile;
  readonly #graph: GraphTypes;

  constructor(yaml: YamlFile, graph: GraphTypes) {
    this.#yaml = yaml;
    this.#graph = graph;
  }

  fact(entry: FactEntry, at: YamlPath): CheckedFact | undefined {
    const key = this.#key(entry, at);
    const claims = entry.claims.map((claim, index) => this.#claim(claim, { entry, key }, [...at, 'claims', index]));
    const known = claims.filter((claim) => claim !== undefined);
    if (!key || known.length < claims.length) return undefined;
    const requires = this.#try([...at, 'claims'], () =>
      mergeFieldSets(
        entry.of,
        known.map((claim) => claim.requires),
      ),
    );
    return requires && { entry, fieldName: `${entry.fact}Fact`, key, requires, rules: rulesOf(entry), claims: known };
  }

  refuseTwice(facts: readonly CheckedFact[]): void {
    const seen = new Set<string>();
    for (const { entry, fieldName } of facts) {
      const field = `${entry.of}.${fieldName}`;
      if (seen.has(field)) this.faults.push(`${this.#yaml.file}: there are two facts ${entry.fact} of ${entry.of}`);
      seen.add(field);
    }
  }

  #key({ of, key }: FactEntry, at: YamlPath): FieldSet | undefined {
    const keys = this.#graph.keys(of);
    if (keys.length === 0)
      return this.#fault([...at, 'of'], `no department has an entity ${of}${suggestion(of, this.#graph.objects())}`);
    if (key !== undefined && !keys.includes(key))
      return this.#fault([...at, 'key'], `${of} has no key "${key}"${suggestion(key, keys)}`);
    return this.#try([...at, 'of'], () => readFieldSet(key ?? keys[0]!, of, this.#graph));
  }

  #claim(
    entry: ClaimEntry,
    { entry: fact, key }: { entry: FactEntry; key: FieldSet | undefined },
    at: YamlPath,
  ): CheckedClaim | undefined {
    const { departments } = this.#graph;
    if (!departments.includes(entry.department))
      return this.#fault(
        [...at, 'department'],
        `there is no department "${entry.department}"${suggestion(entry.department, departments)}`,
      );
    const before = this.faults.length;
    this.#definitions(entry, fact, at);
    const requires = this.#try([...at, 'requires'], () => readFieldSet(entry.requires, fact.of, this.#graph));
    if (!requires) return undefined;
    const record = entry.record?.split('.') ?? [];
    const set = this.#try([...at, 'record'], () => (record.length === 0 ? requires : objectOf(requires, record)));
    if (!set) return undefined;
    this.#value(entry, fact, { set, at });
    // A gateway hands in the key whatever is required.
    const root = key ? mergeFieldSets(fact.of, [key, requires]) : requires;
    const where = { set: set === requires ? root : set, root };
    const vintage = entry.vintage?.field;
    const checked: CheckedClaim = {
      entry,
      requires,
      record,
      value: entry.value.split('.'),
      vintage: vintage === undefined ? undefined : this.#found(vintage, { ...where, at: [...at, 'vintage'] }),
      provenance: this.#provenance(entry, { ...where, at }),
    };
    return this.faults.length === before ? checked : undefined;
  }

  #definitions({ definition, exceptions }: ClaimEntry, { definitions }: FactEntry, at: YamlPath): void {
    const named: [string, YamlPath][] = [
      [definition, [...at, 'definition']],
      ...Object.entries(exceptions).map(([key, each]): [string, YamlPath] => [
        each.definition,
        [...at, 'exceptions', key, 'definition'],
      ]),
    ];
    for (const [id, place] of named)
      if (!Object.hasOwn(definitions, id))
        this.#fault(place, `"${id}" is none of the fact's definitions${suggestion(id, Object.keys(definitions))}`);
  }

  #value(entry: ClaimEntry, fact: FactEntry, { set, at }: { set: FieldSet; at: YamlPath }): undefined {
    const place = [...at, 'value'];
    const field = this.#try(place, () => requiredField(set, entry.value.split('.')));
    if (!field) return;
    const owner = field.given.departments;
    if (!owner.includes(entry.department))
      this.#fault(place, `${entry.value} is given by ${owner.join(' and ')}, not by ${entry.department}`);
    if (field.below) return this.#fault(place, `${entry.value} is an object and no value`);
    this.#found(entry.value, { set, root: set, at: place });
    if (fact.number) this.#number(entry, fact.number.unit, { field, at });
    else if (fact.text) this.#text(entry, { field, at });
    else this.#state(entry, fact.states ?? [], { field, at });
  }

  #number(
    { unit, factor, value }: ClaimEntry,
    wanted: string,
    { field, at }: { field: RequiredField; at: YamlPath },
  ): void {
    if (!NUMBERS.includes(field.typeName))
      this.#fault([...at, 'value'], `${value} is of type ${field.typeName}; a number is ${NUMBERS.join(' or ')}`);
    if (unit === undefined) this.#fault(at, `the claim has no "unit"; the fact's is "${wanted}"`);
    else if (unit !== wanted && factor === undefined)
      this.#fault(
        [...at, 'unit'],
        `the fact's unit is "${wanted}": say by "factor" what a value in "${unit}" is multiplied by`,
      );
  }

  #text({ value, unit, factor }: ClaimEntry, { field, at }: { field: RequiredField; at: YamlPath }): void {
    if (!TEXTS.includes(field.typeName))
      this.#fault([...at, 'value'], `${value} is of type ${field.typeName}; a text is ${TEXTS.join(' or ')}`);
    if (unit !== undefined || factor !== undefined) this.#fault(at, 'a text has no "unit" and no "factor"');
  }

  #state(
    { values, value }: ClaimEntry,
    states: readonly string[],
    { field, at }: { field: RequiredField; at: YamlPath },
  ): void {
    if (!values)
      return this.#fault(at, `the claim has no "values": say for each of ${value} which of the states it is`);
    for (const [from, state] of Object.entries(values))
      if (!states.includes(state))
        this.#fault([...at, 'values', from], `"${state}" is none of the fact's states${suggestion(state, states)}`);
    const type = this.#graph.other(field.typeName);
    if (type?.kind !== Kind.ENUM_TYPE_DEFINITION || Object.hasOwn(values, 'otherwise')) return;
    for (const { name } of type.values ?? [])
      if (!Object.hasOwn(values, name.value))
        this.#fault([...at, 'values'], `${name.value} is a value of ${type.name.value} and stands for no state`);
  }

  #provenance(
    { provenance }: ClaimEntry,
    where: { set: FieldSet; root: FieldSet; at: YamlPath },
  ): CheckedClaim['provenance'] {
    const at = [...where.at, 'provenance'];
    if (typeof provenance === 'string') {
      const object = this.#found(provenance, { ...where, at });
      const names = object
        ? this.#try(at, () => [...objectOf(object.ofRecord ? where.set : where.root, object.path).fields.keys()])
        : undefined;
      return { object: object ?? { ofRecord: true, path: [] }, names: names ?? [] };
    }
    const texts = new Map<string, TextParts>();
    for (const name of PROVENANCE_TEXTS) {
      const text = provenance[name];
      if (text !== undefined) texts.set(name, this.#parts(text, { ...where, at: [...at, name] }));
    }
    const { synthetic = null } = provenance;
    return {
      texts,
      synthetic:
        typeof synthetic === 'string' ? this.#parts(synthetic, { ...where, at: [...at, 'synthetic'] }) : synthetic,
    };
  }

  #parts(text: string, where: { set: FieldSet; root: FieldSet; at: YamlPath }): TextParts {
    return text.split(/\{([^}]*)\}/).flatMap((part, index): TextParts => {
      if (index % 2 === 0) return part === '' ? [] : [part];
      const found = this.#found(part, where);
      return found ? [found] : [];
    });
  }

  /** A field of the record, or else one of the fact's type. */
  #found(path: string, { set, root, at }: { set: FieldSet; root: FieldSet; at: YamlPath }): FoundField | undefined {
    const names = path.split('.');
    const ofRecord = set === root || set.fields.has(names[0]!);
    return this.#try(at, () => {
      let below: FieldSet | undefined = ofRecord ? set : root;
      for (const name of names) {
        const field: RequiredField = requiredField(below ?? { typeName: path, fields: new Map() }, [name]);
        if (field.isList) throw new FieldSetFault(`"${name}" is a list: which of it is meant cannot be told from here`);
        below = field.below;
      }
      return { ofRecord, path: names };
    });
  }

  #try<T>(at: YamlPath, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof FieldSetFault)) throw error;
      return this.#fault(at, error.message);
    }
  }

  #fault(at: YamlPath, message: string): undefined {
    this.faults.push(`${this.#yaml.place(at)}: ${message}`);
    return undefined;
  }
}

/** The object that a path leads to. @throws FieldSetFault */
function objectOf(set: FieldSet, path: readonly string[]): FieldSet {
  const field = requiredField(set, path);
  if (!field.below) throw new FieldSetFault(`"${path.join('.')}" is a value and no object`);
  return field.below;
}

function rulesOf({ number, text }: FactEntry): ComparisonRules {
  if (number) return { kind: 'number', tolerance: number.tolerance, drift: number.drift };
  return text ? { kind: 'text', comparison: new TextComparison(text) } : { kind: 'state' };
}
