import { Kind, type SelectionSetNode } from 'graphql';
import type { Caller } from '../../gateway/caller.ts';
import { hash } from './random.ts';
import { baseName, type FieldFacts, type SubgraphFacts } from './sdl-facts.ts';
import type { Truth, TruthNode } from './truth.ts';

/** What a made-up rule says of the record: one path of its fields, with what must be true of the value. */
export type MadeUpRecord = Readonly<Record<string, unknown>>;

/** What conditions on a record are made up from. */
export interface RecordChoice {
  /** The types whose records are meant. */
  types: readonly string[];
  /** Whether rules may look at a field. @param coordinate `Type.field` */
  isUsable(coordinate: string): boolean;
  /** Which of two conditions that fit the value, 0 or 1. */
  choice: number;
}

/** Made-up conditions on records, and a plain reading of them over the made-up data. */
export class RecordRules {
  readonly #facts: readonly SubgraphFacts[];
  readonly #keyFields = new Set<string>();
  /** Fields with fields below them that departments require. */
  readonly #requiredObjects = new Set<string>();
  /** Paths that lead from a type to a leaf, by type. */
  readonly #paths: ReadonlyMap<string, readonly string[]>;

  constructor(facts: readonly SubgraphFacts[]) {
    this.#facts = facts;
    for (const { types } of facts)
      for (const { name, keys, fields } of types.values()) {
        for (const key of keys) this.#addNamed(name, key, ({ coordinate }) => this.#keyFields.add(coordinate));
        for (const { requires } of fields.values())
          if (requires)
            this.#addNamed(name, requires, ({ coordinate, isLeaf }) => isLeaf || this.#requiredObjects.add(coordinate));
      }
    const names = new Set(facts.flatMap(({ types }) => [...types.values()].map(({ name }) => name)));
    this.#paths = new Map([...names].filter((name) => this.isEntity(name)).map((name) => [name, this.#pathsOf(name)]));
  }

  /** Whether a type is an object with a key in some department. */
  isEntity(typeName: string): boolean {
    return this.#typesOf(typeName).some(({ keys, isInterface }) => keys.length > 0 && !isInterface);
  }

  /** What a rule looks at; undefined where there is nothing. Less around a path changes nothing for it. */
  makeUp(seed: string, { types, isUsable, choice }: RecordChoice): MadeUpRecord | undefined {
    const paths = types.flatMap((name) =>
      (this.#paths.get(name) ?? []).filter((path) => this.follow(name, path.split('.'))!.every(isUsable)),
    );
    const [path] = paths.toSorted((one, other) => hash(`${seed} ${one}`) - hash(`${seed} ${other}`));
    if (path === undefined) return undefined;
    const owner = types.find((name) => this.#paths.get(name)?.includes(path))!;
    return { [path]: this.#condition(this.#leafOf(owner, path.split('.'))!, choice) };
  }

  #condition(base: string, choice: number): unknown {
    if (base === 'Boolean') return [true, { same: 'identity.claims.flag' }][choice];
    if (base === 'Int' || base === 'Float') return [{ $gte: 0 }, { $lt: 100 }][choice];
    return { $regex: '[e-p02]$|-[02]\\.' };
  }

  /** Whether a record fits. */
  fits(record: MadeUpRecord, node: TruthNode, caller: Caller, truth: Truth): boolean {
    return Object.entries(record).every(([path, condition]) => {
      const value = valueAt(node, path.split('.'), truth);
      if (condition === true) return value === true;
      const { $gte, $lt, $regex } = condition as { $gte?: number; $lt?: number; $regex?: string };
      if ($gte !== undefined) return typeof value === 'number' && value >= $gte;
      if ($lt !== undefined) return typeof value === 'number' && value < $lt;
      if ($regex !== undefined) return typeof value === 'string' && new RegExp($regex).test(value);
      return typeof value === 'boolean' && value === caller.identity.claims['flag'];
    });
  }

  /** The coordinates that a path leads through, of whatever type objects may be there; undefined where it leads nowhere. */
  follow(typeName: string, [name, ...rest]: readonly string[]): string[] | undefined {
    const field = this.#field(typeName, name!);
    if (!field || field.hasArguments) return undefined;
    const through = [typeName, ...this.#implementers(typeName)].map((each) => `${each}.${name!}`);
    const base = baseName(field.type);
    if (rest.length === 0) return this.#isLeaf(base) ? through : undefined;
    const below = this.follow(base, rest);
    return below && [...through, ...below];
  }

  /** Whether a field can be asked for of one record alone. @param givers the departments that give it */
  isSeparate(typeName: string, fieldName: string, givers: readonly string[]): boolean {
    const coordinate = `${typeName}.${fieldName}`;
    if (this.#keyFields.has(coordinate) || this.#requiredObjects.has(coordinate) || givers.length === 0) return false;
    return givers.every((name) => {
      const type = this.#facts.find((each) => each.name === name)!.types.get(typeName);
      return type !== undefined && !type.isInterface && !type.isInterfaceObject && type.isEntered;
    });
  }

  #leafOf(typeName: string, [name, ...rest]: readonly string[]): string | undefined {
    const field = this.#field(typeName, name!);
    const base = field && baseName(field.type);
    return base === undefined || rest.length === 0 ? base : this.#leafOf(base, rest);
  }

  #pathsOf(typeName: string): string[] {
    const single = this.#single(typeName);
    const leaves = single.filter(({ type }) => this.#isUsable(baseName(type))).map(({ name }) => name);
    const below = single.flatMap(({ name, type }) =>
      this.#single(baseName(type))
        .filter((inner) => this.#isUsable(baseName(inner.type)))
        .map((inner) => `${name}.${inner.name}`),
    );
    return [...leaves, ...below];
  }

  /** Fields of an object type that are no lists and take no arguments, each once. */
  #single(typeName: string): FieldFacts[] {
    const fields = this.#typesOf(typeName).flatMap((type) => (type.isInterface ? [] : [...type.fields.values()]));
    const found = new Map(fields.map((field) => [field.name, field]));
    return [...found.values()].filter(({ type, hasArguments }) => {
      const inner = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
      return !hasArguments && inner.kind === Kind.NAMED_TYPE;
    });
  }

  #isUsable(base: string): boolean {
    return (
      ['Boolean', 'Int', 'Float', 'String', 'ID'].includes(base) || this.#facts.some(({ enums }) => enums.has(base))
    );
  }

  #isLeaf(base: string): boolean {
    return this.#typesOf(base).length === 0 && !this.#facts.some(({ unions }) => unions.has(base));
  }

  #typesOf(typeName: string) {
    return this.#facts.flatMap(({ types }) => types.get(typeName) ?? []);
  }

  #field(typeName: string, fieldName: string): FieldFacts | undefined {
    const types = this.#typesOf(typeName);
    // What a department gives of an interface that it knows as an object is a field of each of its types.
    const inherited = types
      .flatMap(({ interfaces }) => interfaces)
      .flatMap((name) => this.#typesOf(name).filter(({ isInterfaceObject }) => isInterfaceObject));
    return [...types, ...inherited].flatMap(({ fields }) => fields.get(fieldName) ?? [])[0];
  }

  #implementers(typeName: string): string[] {
    const all = this.#facts.flatMap(({ types }) => [...types.values()]);
    return [...new Set(all.filter(({ interfaces }) => interfaces.includes(typeName)).map(({ name }) => name))];
  }

  /** Tells of everything that a field set names, at whatever depth. */
  #addNamed(
    typeName: string,
    { selections }: SelectionSetNode,
    tell: (named: { coordinate: string; isLeaf: boolean }) => void,
  ): void {
    for (const node of selections) {
      if (node.kind === Kind.INLINE_FRAGMENT)
        this.#addNamed(node.typeCondition?.name.value ?? typeName, node.selectionSet, tell);
      if (node.kind !== Kind.FIELD) continue;
      for (const each of [typeName, ...this.#implementers(typeName)])
        tell({ coordinate: `${each}.${node.name.value}`, isLeaf: node.selectionSet === undefined });
      const field = this.#field(typeName, node.name.value);
      if (field && node.selectionSet) this.#addNamed(baseName(field.type), node.selectionSet, tell);
    }
  }
}

function valueAt(node: TruthNode, [name, ...rest]: readonly string[], truth: Truth): unknown {
  const value = truth.value(node, name!, { args: {}, required: truth.requiredText(node, name!) });
  return rest.length === 0 || value === null ? value : valueAt(value as TruthNode, rest, truth);
}
