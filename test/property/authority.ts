import { Kind, parse, print, type ConstDirectiveNode, type SelectionSetNode } from 'graphql';
import { parseRuleFile, RuleSet, type Rule, type RuleFile } from '../../gateway/authorise/rule-set.ts';
import { NOBODY, type Caller } from '../../gateway/caller.ts';
import { hash, Random } from './random.ts';
import { RecordRules } from './record-rules.ts';
import { baseName, type SubgraphFacts } from './sdl-facts.ts';
import type { TruthSettings } from './truth.ts';

/** Classes with the department whose rules about them count. Where there are several, one that allows it is enough. */
export type MadeUpCondition = readonly { department: string; accessClass: string }[];

/** What a field depends on, all of which must hold. */
export interface MadeUpConditions {
  /** What is said about the field, and about others of the same record that departments require for it, and not about other records. */
  own: readonly MadeUpCondition[];
  /** What is said about what departments require of other records, or of this one but cannot be asked for apart. */
  others: readonly MadeUpCondition[];
}

/** Made-up access classes and rules. Nothing in it is the gateway's own reading of them. */
export class MadeUpAuthority {
  readonly rules: RuleSet;
  /** SDL with the classes in it. */
  readonly subgraphs: Readonly<Record<string, string>>;
  readonly records: RecordRules;
  readonly #facts: readonly SubgraphFacts[];
  readonly #files: readonly RuleFile[];
  readonly #seed: number;
  readonly #looksAtRecords: boolean;
  /** Classes by `subgraph Type` and `subgraph Type.field`. */
  readonly #classes = new Map<string, string>();
  #lookedAt: ReadonlySet<string> | undefined;
  readonly #conditions = new Map<string, MadeUpConditions>();

  constructor(
    subgraphs: Readonly<Record<string, string>>,
    facts: readonly SubgraphFacts[],
    { accessSeed: seed = 0, recordRules = false }: Pick<TruthSettings, 'accessSeed' | 'recordRules'>,
  ) {
    this.#facts = facts;
    this.#seed = seed;
    this.#looksAtRecords = recordRules;
    this.records = new RecordRules(facts);
    this.subgraphs = Object.fromEntries(
      Object.entries(subgraphs).map(([name, sdl]) => [name, this.#classified(name, sdl)]),
    );
    this.#files = Object.keys(subgraphs).map((name) => parseRuleFile(this.#makeUpRules(name), name));
    this.rules = new RuleSet(this.#files);
  }

  /** The coordinates of all that rules look at, and of what is needed for it. */
  get lookedAt(): ReadonlySet<string> {
    return (this.#lookedAt ??= this.#findLookedAt());
  }

  #findLookedAt(): Set<string> {
    const paths = this.#files.flatMap(({ rules }) => rules.flatMap(({ record = {} }) => Object.keys(record)));
    const types = new Set(this.#facts.flatMap(({ types: each }) => [...each.keys()]));
    const coordinates = [...types].flatMap((typeName) =>
      paths.flatMap((path) => this.records.follow(typeName, path.split('.')) ?? []),
    );
    const needed = coordinates.map((each) => this.#needed(...(each.split('.') as [string, string])));
    return new Set(needed.flatMap(({ own, others }) => [...own, ...others]));
  }

  /** A department's rules about a class, in their order. */
  rulesFor({ department, accessClass }: MadeUpCondition[number]): Rule[] {
    const { rules } = this.#files.find((file) => file.department === department)!;
    return rules.filter(({ classes }) => classes.includes(accessClass) || classes.includes('*'));
  }

  conditionsOf(typeName: string, fieldName: string): MadeUpConditions {
    const coordinate = `${typeName}.${fieldName}`;
    let conditions = this.#conditions.get(coordinate);
    if (!conditions) {
      const { own, others } = this.#needed(typeName, fieldName);
      const all = (coordinates: ReadonlySet<string>): MadeUpCondition[] =>
        [...coordinates].flatMap((each) => this.#conditionsItself(each));
      const together = [...own].filter(
        (each) => each !== coordinate && !this.isSeparate(...(each.split('.') as [string, string])),
      );
      const ofOthers = all(new Set([...others, ...together]));
      const known = new Set(ofOthers.map((each) => JSON.stringify(each)));
      const ofOwn = all(own).filter((each) => !known.has(JSON.stringify(each)));
      this.#conditions.set(coordinate, (conditions = { own: ofOwn, others: ofOthers }));
    }
    return conditions;
  }

  /** Whether a field can be asked for of one record alone. */
  isSeparate(typeName: string, fieldName: string): boolean {
    const isInherited = this.#giversItself(typeName, fieldName).length === 0;
    return !isInherited && this.records.isSeparate(typeName, fieldName, this.#givers(typeName, fieldName));
  }

  #conditionsItself(coordinate: string): MadeUpCondition[] {
    const [typeName, fieldName] = coordinate.split('.') as [string, string];
    const givers = this.#givers(typeName, fieldName);
    const classes = givers.flatMap((department) =>
      this.#classesOf(department, typeName, fieldName).map((accessClass) => [{ department, accessClass }]),
    );
    if (classes.length > 0) return classes;
    return [givers.map((department) => ({ department, accessClass: 'unclassified' }))];
  }

  #givers(typeName: string, fieldName: string): string[] {
    const own = this.#giversItself(typeName, fieldName);
    const ofInterfaces = this.#interfacesOf(typeName).filter((name) =>
      this.#facts.some(({ types }) => types.get(name)?.isInterfaceObject && types.get(name)!.fields.has(fieldName)),
    );
    return own.length > 0 ? own : ofInterfaces.flatMap((name) => this.#giversItself(name, fieldName));
  }

  #giversItself(typeName: string, fieldName: string): string[] {
    return this.#facts.flatMap(({ name, types }) => {
      const field = types.get(typeName)?.fields.get(fieldName);
      const isTaken = this.#facts.some((other) => other.types.get(typeName)?.fields.get(fieldName)?.overrides === name);
      return field && !field.isExternal && !isTaken ? [name] : [];
    });
  }

  #classesOf(department: string, typeName: string, fieldName: string): string[] {
    const own =
      this.#classes.get(`${department} ${typeName}.${fieldName}`) ?? this.#classes.get(`${department} ${typeName}`);
    if (own !== undefined) return [own];
    const interfaces = this.#interfacesOf(typeName).filter((name) =>
      this.#facts.some(({ types }) => types.get(name)?.fields.has(fieldName)),
    );
    return interfaces.flatMap((name) => this.#classesOf(department, name, fieldName));
  }

  #interfacesOf(typeName: string): string[] {
    return [...new Set(this.#facts.flatMap(({ types }) => types.get(typeName)?.interfaces ?? []))];
  }

  /** The field and all that departments require for it, of the same record and of others. */
  #needed(typeName: string, fieldName: string): Needed {
    const needed: Needed = { own: new Set(), others: new Set() };
    this.#addNeeded([typeName, fieldName], needed.own, needed);
    return needed;
  }

  /** @param into the part of what is needed that the field's own record is */
  #addNeeded([typeName, fieldName]: readonly [string, string], into: Set<string>, needed: Needed): void {
    if (into.has(`${typeName}.${fieldName}`)) return;
    into.add(`${typeName}.${fieldName}`);
    for (const { types } of this.#facts) {
      const requires = types.get(typeName)?.fields.get(fieldName)?.requires;
      if (requires) this.#addNeededIn(typeName, requires, into, needed);
    }
  }

  #addNeededIn(typeName: string, { selections }: SelectionSetNode, into: Set<string>, needed: Needed): void {
    for (const node of selections) {
      if (node.kind === Kind.INLINE_FRAGMENT)
        this.#addNeededIn(node.typeCondition?.name.value ?? typeName, node.selectionSet, into, needed);
      if (node.kind !== Kind.FIELD || node.name.value === '__typename') continue;
      for (const { types } of this.#facts)
        for (const each of types.values())
          if (each.interfaces.includes(typeName)) this.#addNeeded([each.name, node.name.value], into, needed);
      this.#addNeeded([typeName, node.name.value], into, needed);
      const field = this.#facts.flatMap(({ types }) => types.get(typeName)?.fields.get(node.name.value) ?? [])[0];
      if (node.selectionSet && field) this.#addNeededIn(baseName(field.type), node.selectionSet, needed.others, needed);
    }
  }

  #makeUpRules(department: string): unknown {
    const random = new Random(`rules ${this.#seed} ${department}`);
    // Where everything is refused, nothing can be decided by record.
    const rare = this.#looksAtRecords ? [['c1']] : [['unclassified'], ['*']];
    const rules = Array.from({ length: random.between(2, 6) }, (_, index) => ({
      id: `${department}-${index}`,
      text: `Rule ${index} of ${department}.`,
      outcome: random.pick(['ALLOW', 'ALLOW', 'DENY', 'NEEDS_CONSENT']),
      classes: random.pick<string[]>([['c0'], ['c1', 'c2'], ['c2'], ...rare]),
      when: random.chance(0.8) ? { 'identity.roles': `r${random.between(0, 3)}` } : {},
    }));
    const open = { id: `${department}-open`, text: 'Open.', outcome: 'ALLOW', classes: ['unclassified', 'c0'] };
    const all = [...this.#makeUpRecordRules(department), ...rules];
    return { department, rules: this.#looksAtRecords || random.chance(0.9) ? [...all, open] : all };
  }

  /** Rules that look at the record come first, since one that does not ends the search. */
  #makeUpRecordRules(department: string): unknown[] {
    const random = new Random(`record rules ${this.#seed} ${department}`);
    if (!this.#looksAtRecords) return [];
    return Array.from({ length: random.between(2, 5) }, (_, index) => {
      const id = `${department}-record-${index}`;
      const classes = random.pick([
        ['c0'],
        ['c1'],
        ['c2'],
        ['c0', 'c1', 'c2'],
        random.chance(0.3) ? ['unclassified'] : ['c1'],
      ]);
      const outcome = random.pick(['ALLOW', 'ALLOW', 'ALLOW', 'DENY', 'NEEDS_CONSENT']);
      const when = random.chance(0.3) ? { 'identity.roles': `r${random.between(0, 3)}` } : {};
      const record = random.chance(0.9) ? this.#makeUpRecord(classes, id, random) : {};
      return { id, text: `Rule ${index} of ${department} about records.`, outcome, classes, when, record };
    });
  }

  #makeUpRecord(classes: readonly string[], id: string, random: Random): object {
    const names = new Set(this.#facts.flatMap(({ types }) => [...types.keys()]));
    const entities = [...names].filter((name) => this.records.isEntity(name));
    const meant = entities.filter((name) => classes.includes(classOfType(this.#seed, name)));
    // What is itself decided by record decides nothing.
    const mayBeClassified = random.chance(0.2);
    const isUsable = (coordinate: string): boolean =>
      mayBeClassified || !this.#facts.some(({ name }) => this.#classes.has(`${name} ${coordinate}`));
    const types = meant.length > 0 ? meant : entities;
    return this.records.makeUp(`record ${this.#seed} ${id}`, { types, isUsable, choice: random.between(0, 1) }) ?? {};
  }

  /** Each element's class depends on nothing but its name, so that less around it changes nothing for it. */
  #classified(subgraph: string, sdl: string): string {
    const rate = new Random(`rate ${this.#seed} ${subgraph}`).pick([0, 0.1, 0.3]);
    const rateOf = (element: string): number => {
      if (!this.#looksAtRecords) return rate;
      return this.records.isEntity(element.split('.')[0]!) ? rate + 0.3 : rate / 5;
    };
    const mark = (element: string): ConstDirectiveNode[] => {
      const random = new Random(`class ${this.#seed} ${subgraph} ${element}`);
      if (!random.chance(rateOf(element))) return [];
      const any = `c${random.between(0, 2)}`;
      // Rules that look at the record need classes that are those of one type.
      const name = this.#looksAtRecords && random.chance(0.8) ? classOfType(this.#seed, element.split('.')[0]!) : any;
      this.#classes.set(`${subgraph} ${element}`, name);
      const value = { kind: Kind.STRING, value: name } as const;
      const given = [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'class' }, value } as const];
      return [{ kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'access' }, arguments: given }];
    };
    const document = parse(sdl, { noLocation: true });
    const definitions = document.definitions.map((definition) => {
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
        return definition;
      const { value: typeName } = definition.name;
      const isRoot = typeName === 'Query' || typeName === 'Mutation';
      const fields = definition.fields?.map((field) => {
        const isExternal = field.directives?.some(({ name }) => name.value === 'external');
        const added = isExternal ? [] : mark(`${typeName}.${field.name.value}`);
        return { ...field, directives: [...(field.directives ?? []), ...added] };
      });
      return {
        ...definition,
        directives: [...(definition.directives ?? []), ...(isRoot || this.#looksAtRecords ? [] : mark(typeName))],
        ...(fields ? { fields } : {}),
      };
    });
    return `directive @access(class: String!) on FIELD_DEFINITION | OBJECT | INTERFACE\n${print({ ...document, definitions })}`;
  }
}

interface Needed {
  own: Set<string>;
  others: Set<string>;
}

/** The class that most of a type's fields have where rules look at the record. */
function classOfType(seed: number, typeName: string): string {
  return `c${hash(`class ${seed} ${typeName}`) % 3}`;
}

/** A made-up caller. */
export function makeUpCaller(seed: number): Caller {
  const random = new Random(`caller ${seed}`);
  const roles = random.sample(['r0', 'r1', 'r2', 'r3'], random.between(0, 3));
  const claims = random.pick([{}, { flag: true }, { flag: false }]);
  return { ...NOBODY, identity: { ...NOBODY.identity, kind: 'person', subject: `s${seed}`, roles, claims } };
}
