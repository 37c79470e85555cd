import {
  getArgumentValues,
  isEnumType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { hash } from './random.ts';
import { SafeFields } from './safe-fields.ts';
import { baseName, possibleTypes, type SubgraphFacts, type TypeFacts } from './sdl-facts.ts';

/** How the data of a federation is made up; the same settings give the same data in every process. */
export interface TruthSettings {
  /** Whether requests are recorded, as being about entities of every type. Default: no. */
  traced?: true;
  seed: number;
  /** Share of nullable places that are null. */
  nullRate: number;
  /** Share of fields that throw, or are null although they must not be. */
  errorRate: number;
  /** Decides the access classes of fields and the departments' rules. Default: there are none. */
  accessSeed?: number;
  /** Whether some of the rules look at the record. Default: none does. */
  recordRules?: boolean;
}

/** An object of the made-up data. */
export interface TruthNode {
  type: string;
  /** Everything about the object follows from this: `Product-2` for an entity, a hash for a value. */
  identity: string;
}

/** A value of the made-up data: leaves, nodes, lists of them, and an `Error` where an item of a list fails. */
export type TruthValue = unknown;

/** What a field's value is made from beside the field itself. */
export interface FieldInput {
  args: Readonly<Record<string, unknown>>;
  /** What the field `@requires`, as {@link Truth.requiredText} gives it; empty where it requires nothing. */
  required: string;
  /** For mutations: how many ran before. */
  sequence?: number;
}

interface FieldSpec {
  type: TypeNode;
  /** Neither null nor failing: keys, and what would take the whole entity down although nobody asked for it. */
  isSafe: boolean;
  /** Runtime types that every subgraph with the field knows. */
  possible: readonly string[] | undefined;
  enumValues: readonly string[] | undefined;
  visibleArgs: ReadonlySet<string>;
  definition: GraphQLField<unknown, unknown>;
  requires: SelectionSetNode | undefined;
  keyPart: KeyPart | undefined;
}

/** How a key's leaf tells entities apart: by itself, or together with the other leaves of a compound key. */
type KeyPart = { kind: 'unique' } | { kind: 'digit'; position: number };

/** Different entities of each type. */
const ENTITIES = 4;
const MAX_ITEMS = 3;

/** The one source of all data of a federation: subgraphs and monolith ask it alike. */
export class Truth {
  readonly settings: TruthSettings;
  readonly #subgraphs: readonly SubgraphFacts[];
  readonly #apiSchema: GraphQLSchema;
  readonly #fullSchema: GraphQLSchema;
  readonly #specs = new Map<string, FieldSpec>();
  readonly #entityTypes: ReadonlySet<string>;
  readonly #safeTypes: ReadonlySet<string>;
  readonly #safeFields: ReadonlySet<string>;
  readonly #scope: string;

  /** @throws UnusableFederation */
  constructor(
    subgraphs: readonly SubgraphFacts[],
    schemas: { api: GraphQLSchema; full: GraphQLSchema },
    settings: TruthSettings,
  ) {
    this.settings = settings;
    this.#subgraphs = subgraphs;
    this.#apiSchema = schemas.api;
    this.#fullSchema = schemas.full;
    this.#scope = String(settings.seed);
    const types = subgraphs.flatMap((subgraph) => [...subgraph.types.values()]);
    this.#entityTypes = new Set(types.filter(({ keys }) => keys.length > 0).map(({ name }) => name));
    const safe = new SafeFields(this.#fullSchema, subgraphs);
    this.#safeTypes = safe.types;
    this.#safeFields = safe.fields;
    for (const type of types) if (!type.isInterface && !type.isInterfaceObject) this.#checkValues(type);
  }

  /** @throws Error where the field fails */
  value(node: TruthNode, fieldName: string, { args, required, sequence = 0 }: FieldInput): TruthValue {
    const spec = this.spec(node.type, fieldName);
    const key = spec.keyPart && keyValue(spec, node, fieldName);
    if (key !== undefined) return key;
    const given = Object.fromEntries(Object.entries(args).filter(([name]) => spec.visibleArgs.has(name)));
    const seed = `${this.#scope}|${node.identity}|${fieldName}|${canonical(given)}|${required}|${sequence}`;
    if (!spec.isSafe && this.#happens(`${seed}|fails`, this.settings.errorRate))
      throw new Error(`${fieldName} of ${node.identity} fails`);
    return this.#make(spec.type, spec, { seed, owner: node, fieldName });
  }

  /** The values a field `@requires`, as text; where one of them fails it is null. */
  requiredText(node: TruthNode, fieldName: string): string {
    const { requires } = this.spec(node.type, fieldName);
    return requires ? canonical(this.select(node, requires)) : '';
  }

  /** What a selection set gives for a node, as a subgraph would be told of it. */
  select(node: TruthNode, selectionSet: SelectionSetNode): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (this.isOfType(node.type, selection.typeCondition?.name.value))
          Object.assign(result, this.select(node, selection.selectionSet));
      } else if (selection.kind === Kind.FIELD) {
        const { value: name } = selection.name;
        if (name !== '__typename') result[name] = this.#selectField(node, selection);
      }
    }
    return result;
  }

  /** Whether an object type satisfies a type condition. */
  isOfType(typeName: string, condition: string | undefined): boolean {
    if (condition === undefined || condition === typeName) return true;
    const type = this.#fullSchema.getType(typeName);
    const abstract = this.#fullSchema.getType(condition);
    return isObjectType(type) && isInterfaceType(abstract) && this.#fullSchema.isSubType(abstract, type);
  }

  /** The entity of a type that has these values in its key. */
  findEntity(typeName: string, matches: (node: TruthNode) => boolean): TruthNode | undefined {
    return this.#entities(typeName).find(matches);
  }

  /** What is known of a field of an object type. */
  spec(typeName: string, fieldName: string): FieldSpec {
    const id = `${typeName}.${fieldName}`;
    let spec = this.#specs.get(id);
    if (!spec) this.#specs.set(id, (spec = this.#makeSpec(typeName, fieldName)));
    return spec;
  }

  #selectField(node: TruthNode, selection: FieldNode): unknown {
    const name = selection.name.value;
    const spec = this.spec(node.type, name);
    const args = getArgumentValues(spec.definition, selection);
    try {
      const value = this.value(node, name, { args, required: this.requiredText(node, name) });
      return this.#settle(spec.type, value, selection.selectionSet);
    } catch {
      return null;
    }
  }

  /** What is left of a value once errors in it have become nulls. @throws Error where that reaches the field itself */
  #settle(type: TypeNode, value: TruthValue, selectionSet: SelectionSetNode | undefined): unknown {
    if (type.kind === Kind.NON_NULL_TYPE) {
      const settled = this.#settle(type.type, value, selectionSet);
      if (settled === null) throw new Error('null where it must not be');
      return settled;
    }
    if (value === null || value instanceof Error) return null;
    try {
      if (type.kind === Kind.LIST_TYPE)
        return (value as TruthValue[]).map((item) => this.#settle(type.type, item, selectionSet));
      return selectionSet ? this.select(value as TruthNode, selectionSet) : value;
    } catch {
      return null;
    }
  }

  #checkValues({ name, fields }: TypeFacts): void {
    for (const fieldName of fields.keys()) {
      const { possible, enumValues } = this.spec(name, fieldName);
      if (possible?.length === 0 || enumValues?.length === 0)
        throw new UnusableFederation(`There is no value of ${name}.${fieldName} that every subgraph knows.`);
    }
  }

  #entities(typeName: string): TruthNode[] {
    const type = this.#fullSchema.getType(typeName);
    const names = isInterfaceType(type) ? this.#fullSchema.getPossibleTypes(type).map(({ name }) => name) : [typeName];
    return names.flatMap((name) =>
      Array.from({ length: ENTITIES }, (_, index) => ({ type: name, identity: `${name}-${index}` })),
    );
  }

  #make(type: TypeNode, spec: FieldSpec, { seed, owner, fieldName, isNonNull = false }: Making): TruthValue {
    if (type.kind === Kind.NON_NULL_TYPE) {
      const violates = !spec.isSafe && this.#happens(`${seed}|violates`, this.settings.errorRate / 3);
      return violates ? null : this.#make(type.type, spec, { seed, owner, fieldName, isNonNull: true });
    }
    if (!spec.isSafe && !isNonNull && this.#happens(`${seed}|null`, this.settings.nullRate)) return null;
    if (type.kind === Kind.LIST_TYPE) {
      const length = hash(`${seed}|length`) % (MAX_ITEMS + 1);
      return Array.from({ length }, (_, index) => {
        const itemSeed = `${seed}[${index}]`;
        if (!spec.isSafe && this.#happens(`${itemSeed}|fails`, this.settings.errorRate / 3))
          return new Error(`item ${index} of ${fieldName} of ${owner.identity} fails`);
        return this.#make(type.type, spec, { seed: itemSeed, owner, fieldName });
      });
    }
    return this.#makeNamed(type.name.value, spec, { seed, owner, fieldName });
  }

  #makeNamed(typeName: string, spec: FieldSpec, { seed, owner }: Making): TruthValue {
    const type = this.#fullSchema.getType(typeName);
    if (isScalarType(type)) return scalarValue(typeName, hash(`${seed}|value`));
    if (isEnumType(type)) return choose(spec.enumValues!, hash(`${seed}|value`));
    if (typeName === this.#fullSchema.getQueryType()?.name) return { type: typeName, identity: typeName };
    const runtimeType = spec.possible ? choose(spec.possible, hash(`${seed}|type`)) : typeName;
    if (!this.#entityTypes.has(runtimeType))
      return { type: runtimeType, identity: `${runtimeType}~${hash(`${seed}|identity`).toString(36)}` };
    // An entity in another entity's key tells them apart: it has the same number.
    const own = /-(\d+)$/.exec(owner.identity)?.[1];
    const index = spec.keyPart && own !== undefined ? Number(own) : hash(`${seed}|identity`) % ENTITIES;
    return { type: runtimeType, identity: `${runtimeType}-${index}` };
  }

  #happens(seed: string, rate: number): boolean {
    return rate > 0 && hash(seed) < rate * 4_294_967_296;
  }

  #makeSpec(typeName: string, fieldName: string): FieldSpec {
    const found = this.#subgraphs.flatMap((subgraph) => {
      const field = this.#fieldOf(subgraph, typeName, fieldName);
      return field ? [{ subgraph, field }] : [];
    });
    const base = baseName(found[0]!.field.type);
    const definition = this.#definition(this.#fullSchema, typeName, fieldName)!;
    const visible = this.#definition(this.#apiSchema, typeName, fieldName) ?? definition;
    const enums = found.flatMap(({ subgraph }) => subgraph.enums.get(base) ?? []);
    const strictest = found.find(({ field }) => field.type.kind === Kind.NON_NULL_TYPE) ?? found[0]!;
    return {
      type: strictest.field.type,
      isSafe: this.#safeFields.has(`${typeName}.${fieldName}`) || this.#isSafeBelow(typeName, strictest.field.type),
      possible: intersection(found.map(({ subgraph }) => possibleTypes(subgraph, base))) ?? this.#implementers(base),
      enumValues: enums.length > 0 ? intersection(found.map(({ subgraph }) => subgraph.enums.get(base))) : undefined,
      visibleArgs: new Set(visible.args.map(({ name }) => name)),
      definition,
      requires: found.find(({ field }) => field.requires)?.field.requires,
      keyPart: this.#keyPart(typeName, fieldName),
    };
  }

  /** Where a subgraph knows an interface as an object, any of its types will do. */
  #implementers(typeName: string): readonly string[] | undefined {
    const type = this.#fullSchema.getType(typeName);
    return isInterfaceType(type) ? this.#fullSchema.getPossibleTypes(type).map(({ name }) => name) : undefined;
  }

  #isSafeBelow(typeName: string, type: TypeNode): boolean {
    return type.kind === Kind.NON_NULL_TYPE && this.#safeTypes.has(typeName);
  }

  /** A field that an `@interfaceObject` gives to all types of an interface is a field of each. */
  #fieldOf(subgraph: SubgraphFacts, typeName: string, fieldName: string) {
    const own = subgraph.types.get(typeName)?.fields.get(fieldName);
    if (own) return own;
    for (const type of subgraph.types.values())
      if (type.isInterfaceObject && this.isOfType(typeName, type.name) && type.fields.has(fieldName))
        return type.fields.get(fieldName);
    return undefined;
  }

  #definition(schema: GraphQLSchema, typeName: string, fieldName: string): GraphQLField<unknown, unknown> | undefined {
    const type = schema.getType(typeName);
    return isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
  }

  #keyPart(typeName: string, fieldName: string): KeyPart | undefined {
    const type = this.#fullSchema.getType(typeName);
    const interfaces = isObjectType(type) ? type.getInterfaces().map(({ name }) => name) : [];
    let part: KeyPart | undefined;
    for (const subgraph of this.#subgraphs) {
      for (const name of [typeName, ...interfaces]) {
        for (const key of subgraph.types.get(name)?.keys ?? []) {
          const names = key.selections.flatMap((each) => (each.kind === Kind.FIELD ? [each.name.value] : []));
          if (!names.includes(fieldName)) continue;
          if (names.length === 1) return { kind: 'unique' };
          part ??= { kind: 'digit', position: names.indexOf(fieldName) };
        }
      }
    }
    return part;
  }
}

interface Making {
  seed: string;
  owner: TruthNode;
  fieldName: string;
  isNonNull?: boolean;
}

function keyValue(spec: FieldSpec, node: TruthNode, fieldName: string): unknown {
  const base = baseName(spec.type);
  if (!['ID', 'String', 'Int'].includes(base) || !spec.keyPart) return undefined;
  const index = Number(/-(\d+)$/.exec(node.identity)?.[1] ?? 0);
  const { keyPart } = spec;
  if (keyPart.kind === 'digit') {
    const digit = keyPart.position === 0 ? index >> 1 : index & 1;
    return base === 'Int' ? digit : `${fieldName}${digit}`;
  }
  if (base === 'Int') return (hash(node.identity) % 100_000) * ENTITIES + index;
  return `${node.identity}.${fieldName}${base === 'String' ? ' "ß" 🙂\\' : ''}`;
}

function scalarValue(typeName: string, seed: number): unknown {
  switch (typeName) {
    case 'Int':
      return (seed % 2001) - 1000;
    case 'Float':
      return (seed % 40_001) / 8 - 2500;
    case 'Boolean':
      return seed % 2 === 0;
    case 'String':
      return `${choose(['plain', 'quo"te', 'back\\slash', 'nëw\nline', '', '\u2028 🙂', '{"a":1}'], seed >>> 8)}${seed.toString(36)}`;
    case 'ID':
      return `id${seed.toString(36)}`;
    default:
      return choose<unknown>([{ b: 1, a: [null, { c: 'x' }] }, [1, [2, 'three']], 'text', 4.5, false, {}], seed >>> 8);
  }
}

/** Values as text, with the members of objects in one order. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return value === undefined ? 'absent' : JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${key}:${canonical(member)}`).join(',')}}`;
}

function choose<Item>(items: readonly Item[], seed: number): Item {
  return items[seed % items.length]!;
}

function intersection(lists: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  const known = lists.filter((list) => list !== undefined);
  return known.length === 0 ? undefined : known.reduce((left, right) => left.filter((item) => right.includes(item)));
}

/** A generated federation for which no data can be made up. */
export class UnusableFederation extends Error {
  override name = 'UnusableFederation';
}
