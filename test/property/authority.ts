import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ConstDirectiveNode,
  type GraphQLSchema,
} from 'graphql';
import { parseRuleFile, RuleSet, type RuleFile } from '../../gateway/authorise/rule-set.ts';
import { NOBODY, type Caller } from '../../gateway/caller.ts';
import type { PlainAnswer } from '../../gateway/message.ts';
import type { Difference } from './compare.ts';
import { Random } from './random.ts';
import type { SubgraphFacts } from './sdl-facts.ts';

/**
 * Made-up access classes and rules, and a plain reading of both: with loops over what was made up, and nothing of the gateway's own
 * reading of it.
 */
export class MadeUpAuthority {
  readonly rules: RuleSet;
  /** SDL with the classes in it. */
  readonly subgraphs: Readonly<Record<string, string>>;
  readonly #facts: readonly SubgraphFacts[];
  readonly #files: readonly RuleFile[];
  /** Classes by `subgraph Type` and `subgraph Type.field`. */
  readonly #classes = new Map<string, string>();

  constructor(subgraphs: Readonly<Record<string, string>>, facts: readonly SubgraphFacts[], seed: number) {
    this.#facts = facts;
    this.subgraphs = Object.fromEntries(
      Object.entries(subgraphs).map(([name, sdl]) => [name, this.#classified(name, sdl, seed)]),
    );
    this.#files = Object.keys(subgraphs).map((name) =>
      parseRuleFile(makeUpRules(name, new Random(`rules ${seed} ${name}`)), name),
    );
    this.rules = new RuleSet(this.#files);
  }

  /** Whether a field is given to a caller, by the plain reading. */
  allows(typeName: string, fieldName: string, caller: Caller): boolean {
    return [...this.#needed(typeName, fieldName)].every((each) => {
      const [type, field] = each.split('.') as [string, string];
      return this.#allowsItself(type, field, caller);
    });
  }

  #allowsItself(typeName: string, fieldName: string, { identity: { roles } }: Caller): boolean {
    const givers = this.#givers(typeName, fieldName);
    const classes = givers.flatMap((department) =>
      this.#classesOf(department, typeName, fieldName).map((name) => [department, name] as const),
    );
    const holds = ([department, name]: readonly [string, string]): boolean => {
      for (const { outcome, classes: about, when } of this.#files.find((file) => file.department === department)!
        .rules) {
        if (!about.includes(name) && !about.includes('*')) continue;
        const role = when['identity.roles'];
        if (role === undefined || roles.includes(role as string)) return outcome === 'ALLOW';
      }
      return false;
    };
    return classes.length > 0 ? classes.every(holds) : givers.some((department) => holds([department, 'unclassified']));
  }

  #givers(typeName: string, fieldName: string): string[] {
    const giving = (name: string): string[] =>
      this.#facts.flatMap((subgraph) => {
        const field = subgraph.types.get(name)?.fields.get(fieldName);
        const isTaken = this.#facts.some(
          (other) => other.types.get(name)?.fields.get(fieldName)?.overrides === subgraph.name,
        );
        return field && !field.isExternal && !isTaken ? [subgraph.name] : [];
      });
    const own = giving(typeName);
    const ofInterfaces = this.#interfacesOf(typeName).filter((name) =>
      this.#facts.some(({ types }) => types.get(name)?.isInterfaceObject && types.get(name)!.fields.has(fieldName)),
    );
    return own.length > 0 ? own : ofInterfaces.flatMap(giving);
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

  /** The field, and all that departments require for it. */
  #needed(typeName: string, fieldName: string, found = new Set<string>()): Set<string> {
    if (found.has(`${typeName}.${fieldName}`)) return found;
    found.add(`${typeName}.${fieldName}`);
    for (const { types } of this.#facts) {
      const requires = types.get(typeName)?.fields.get(fieldName)?.requires;
      if (requires) this.#neededIn(typeName, print(requires), found);
    }
    return found;
  }

  #neededIn(typeName: string, text: string, found: Set<string>): void {
    const [definition] = parse(text).definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) return;
    for (const node of definition.selectionSet.selections) {
      if (node.kind === Kind.INLINE_FRAGMENT)
        this.#neededIn(node.typeCondition?.name.value ?? typeName, print(node.selectionSet), found);
      if (node.kind !== Kind.FIELD || node.name.value === '__typename') continue;
      for (const { types } of this.#facts)
        for (const each of types.values())
          if (each.interfaces.includes(typeName)) this.#needed(each.name, node.name.value, found);
      this.#needed(typeName, node.name.value, found);
      const field = this.#facts.flatMap(({ types }) => types.get(typeName)?.fields.get(node.name.value) ?? [])[0];
      if (node.selectionSet && field) this.#neededIn(baseName(print(field.type)), print(node.selectionSet), found);
    }
  }

  /** Each element's class depends on nothing but its name, so that less around it changes nothing for it. */
  #classified(subgraph: string, sdl: string, seed: number): string {
    const rate = new Random(`rate ${seed} ${subgraph}`).pick([0, 0.1, 0.3]);
    const mark = (element: string): ConstDirectiveNode[] => {
      const random = new Random(`class ${seed} ${subgraph} ${element}`);
      if (!random.chance(rate)) return [];
      const name = `c${random.between(0, 2)}`;
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
        directives: [...(definition.directives ?? []), ...(isRoot ? [] : mark(typeName))],
        ...(fields ? { fields } : {}),
      };
    });
    return `directive @access(class: String!) on FIELD_DEFINITION | OBJECT | INTERFACE\n${print({ ...document, definitions })}`;
  }
}

function makeUpRules(department: string, random: Random): unknown {
  const rules = Array.from({ length: random.between(2, 6) }, (_, index) => ({
    id: `${department}-${index}`,
    text: `Rule ${index} of ${department}.`,
    outcome: random.pick(['ALLOW', 'ALLOW', 'DENY', 'NEEDS_CONSENT']),
    classes: random.pick<string[]>([['c0'], ['c1', 'c2'], ['c2'], ['unclassified'], ['*']]),
    when: random.chance(0.8) ? { 'identity.roles': `r${random.between(0, 3)}` } : {},
  }));
  const open = { id: `${department}-open`, text: 'Open.', outcome: 'ALLOW', classes: ['unclassified', 'c0'] };
  return { department, rules: random.chance(0.9) ? [...rules, open] : rules };
}

/** A made-up caller. */
export function makeUpCaller(seed: number): Caller {
  const random = new Random(`caller ${seed}`);
  const roles = random.sample(['r0', 'r1', 'r2', 'r3'], random.between(0, 3));
  return { ...NOBODY, identity: { ...NOBODY.identity, kind: 'person', subject: `s${seed}`, roles } };
}

/** Codes of the errors that say what is refused. */
const REFUSALS = new Set<unknown>(['UNAUTHORIZED_FIELD_OR_TYPE', 'CONSENT_REQUIRED']);

/** An answer without what it says of refusals, and the coordinates of these. */
export function takeRefusals(answer: PlainAnswer): { answer: PlainAnswer; refused: Set<string> } {
  const { errors = [], ...rest } = answer;
  const others = errors.filter(({ extensions }) => !REFUSALS.has(extensions.code));
  const refused = errors.filter(({ extensions }) => REFUSALS.has(extensions.code));
  return {
    answer: { ...rest, ...(others.length > 0 ? { errors: others } : {}) },
    refused: new Set(refused.map(({ extensions }) => String(extensions['coordinate']))),
  };
}

/** What was refused and should not have been, was not and should have been, or was asked of a department all the same. */
export function refusalDifferences(
  { told, met }: { told: ReadonlySet<string>; met: ReadonlySet<string> },
  {
    isRefused,
    exchanges,
    schemas,
    facts,
  }: {
    isRefused(typeName: string, fieldName: string): boolean;
    exchanges: readonly { service: string; query: string }[];
    schemas: ReadonlyMap<string, GraphQLSchema>;
    facts: readonly SubgraphFacts[];
  },
): Difference[] {
  const texts = [
    ...[...told]
      .filter((each) => !isRefused(...(each.split('.') as [string, string])))
      .map((each) => `${each} is refused, and allowed`),
    ...[...met].filter((each) => !told.has(each)).map((each) => `${each} is refused, and nothing says so`),
    ...exchanges.flatMap(({ service, query }) =>
      fieldsAsked(query, schemas.get(service)!)
        .filter(([typeName, fieldName]) => isRefused(typeName, fieldName) && !isKey(fieldName, facts))
        .map((field) => `${service} was asked for ${field.join('.')}, which is refused`),
    ),
  ];
  return texts.map((text) => ({ kind: 'authority', text }));
}

/** The fields of a subgraph's operation; of an abstract type those that all its types have. */
function fieldsAsked(query: string, schema: GraphQLSchema): [typeName: string, fieldName: string][] {
  const found: [string, string][] = [];
  const info = new TypeInfo(schema);
  const enter = visitWithTypeInfo(info, {
    Field({ name }) {
      const parent = getNamedType(info.getParentType());
      if (name.value.startsWith('__') || name.value === '_entities' || !parent) return;
      if (isObjectType(parent)) found.push([parent.name, name.value]);
      else if (isInterfaceType(parent) && schema.getPossibleTypes(parent).length === 1)
        found.push([schema.getPossibleTypes(parent)[0]!.name, name.value]);
    },
  });
  visit(parse(query), enter);
  return found;
}

/** Departments are joined by keys; who may not see them is not given them. */
function isKey(fieldName: string, facts: readonly SubgraphFacts[]): boolean {
  return facts.some(({ types }) =>
    [...types.values()].some(({ keys }) => keys.some((key) => new RegExp(`\\b${fieldName}\\b`).test(print(key)))),
  );
}

function baseName(type: string): string {
  return type.replaceAll(/[[\]!]/g, '');
}
