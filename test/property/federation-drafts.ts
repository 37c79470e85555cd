import type { Random } from './random.ts';
import { baseOf, type ArgumentDraft, type FieldDraft, type SubgraphDraft } from './subgraph-draft.ts';

interface KeyDraft {
  text: string;
  fields: readonly FieldDraft[];
}

export interface EntityDraft {
  kind: 'entity';
  name: string;
  keys: KeyDraft[];
  /** Fields that its interfaces ask for. */
  common: FieldDraft[];
  /** The subgraphs that have fields of it, and not only its key. */
  homes: SubgraphDraft[];
  /** Which subgraphs have a field that is not part of a key. */
  placed: Map<string, { field: FieldDraft; owners: SubgraphDraft[] }>;
}

export interface ValueDraft {
  kind: 'value';
  name: string;
  fields: FieldDraft[];
}

export interface InterfaceDraft {
  kind: 'interface';
  name: string;
  fields: FieldDraft[];
  implementers: (EntityDraft | ValueDraft)[];
}

export interface UnionDraft {
  kind: 'union';
  name: string;
  members: (EntityDraft | ValueDraft)[];
}

export interface EnumDraft {
  kind: 'enum';
  name: string;
  values: string[];
  /** An enum of arguments is the same everywhere; others differ by subgraph. */
  isInput: boolean;
}

export type NamedDraft = EntityDraft | ValueDraft | InterfaceDraft | UnionDraft | EnumDraft;

const SCALARS = ['Int', 'Int', 'String', 'String', 'String', 'Float', 'Boolean', 'ID', 'JSON'] as const;
const FIELD_NAMES = [
  'name',
  'size',
  'price',
  'owner',
  'parts',
  'state',
  'notes',
  'rank',
  'data',
  'next',
  'kind',
  'label',
];

/** The types of a federation, before it is known which subgraph has what of them. */
export class FederationDrafts {
  readonly named = new Map<string, NamedDraft>();
  readonly #random: Random;
  #fieldCount = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#declare();
  }

  /** All types of a kind. */
  all<Name extends NamedDraft['kind']>(kind: Name): Extract<NamedDraft, { kind: Name }>[] {
    return [...this.named.values()].filter(
      (draft): draft is Extract<NamedDraft, { kind: Name }> => draft.kind === kind,
    );
  }

  /** Whether a field is of a leaf type and takes no arguments. */
  isPlainLeaf(field: FieldDraft): boolean {
    const draft = this.named.get(baseOf(field.type));
    return field.args.length === 0 && (!draft || draft.kind === 'enum');
  }

  #declare(): void {
    const random = this.#random;
    for (let index = 0; index < 2; index++) {
      const values = Array.from({ length: random.between(2, 4) }, (_, each) => `V${index}${each}`);
      this.named.set(`Enum${index}`, { kind: 'enum', name: `Enum${index}`, values, isInput: index === 0 });
    }
    const entities = this.#drafts<EntityDraft>(random.between(2, 4), 'Entity', (name) => ({
      kind: 'entity',
      name,
      keys: [],
      common: [],
      homes: [],
      placed: new Map(),
    }));
    const values = this.#drafts<ValueDraft>(random.between(1, 3), 'Value', (name) => ({
      kind: 'value',
      name,
      fields: [],
    }));
    values.forEach((value, index) => this.#declareValue(value, entities, values.slice(0, index)));
    entities.forEach((entity, index) => this.#declareKeys(entity, entities.slice(0, index)));
    this.#declareAbstract(entities, values);
  }

  #drafts<Draft extends NamedDraft>(count: number, prefix: string, make: (name: string) => Draft): Draft[] {
    return Array.from({ length: count }, (_, index) => {
      const draft = make(`${prefix}${index}`);
      this.named.set(draft.name, draft);
      return draft;
    });
  }

  #declareValue(value: ValueDraft, entities: readonly EntityDraft[], earlier: readonly ValueDraft[]): void {
    value.fields.push(this.field('String'));
    for (let index = this.#random.between(1, 3); index > 0; index--) {
      const base = this.#random.weighted<string>([
        [6, this.leaf()],
        [2, this.#random.pick(entities).name],
        [earlier.length > 0 ? 2 : 0, earlier.length > 0 ? this.#random.pick(earlier).name : 'Int'],
      ]);
      value.fields.push(this.field(base));
    }
  }

  #declareKeys(entity: EntityDraft, earlier: readonly EntityDraft[]): void {
    const random = this.#random;
    const leaf = (name: string, type: string): FieldDraft => ({ name, type, args: [] });
    const id = leaf('id', 'ID!');
    const choices: (() => KeyDraft)[] = [
      () => ({ text: 'sku', fields: [leaf('sku', random.pick(['String!', 'Int!', 'ID!']))] }),
      () => ({ text: 'partA partB', fields: [leaf('partA', 'Int!'), leaf('partB', 'String!')] }),
      () => this.#nestedKey(entity, earlier),
    ];
    if (random.chance(0.8)) entity.keys.push({ text: 'id', fields: [id] });
    for (const choice of random.sample(choices, random.between(entity.keys.length > 0 ? 0 : 1, 2)))
      entity.keys.push(choice());
  }

  #nestedKey(entity: EntityDraft, earlier: readonly EntityDraft[]): KeyDraft {
    const simple = earlier.filter(({ keys }) => keys.some(({ text }) => text === 'id'));
    if (simple.length > 0 && this.#random.chance(0.4)) {
      const peer = this.#random.pick(simple);
      return { text: 'peer { id }', fields: [{ name: 'peer', type: `${peer.name}!`, args: [] }] };
    }
    const name = `${entity.name}Ref`;
    this.named.set(name, {
      kind: 'value',
      name,
      fields: [
        { name: 'code', type: 'String!', args: [] },
        { name: 'place', type: 'String', args: [] },
      ],
    });
    return { text: 'ref { code }', fields: [{ name: 'ref', type: `${name}!`, args: [] }] };
  }

  #declareAbstract(entities: readonly EntityDraft[], values: readonly ValueDraft[]): void {
    const random = this.#random;
    const all = [...entities, ...values];
    for (let index = random.between(0, 2); index > 0; index--) {
      const implementers = random.sample<EntityDraft | ValueDraft>(all, random.between(1, 3));
      const fields = Array.from({ length: random.between(1, 2) }, () => this.field(this.leafOrAny(0.3), 0.2));
      const draft: InterfaceDraft = { kind: 'interface', name: `Face${index}`, fields, implementers };
      this.named.set(draft.name, draft);
      for (const type of implementers) (type.kind === 'entity' ? type.common : type.fields).push(...fields);
    }
    for (let index = random.between(0, 2); index > 0; index--) {
      const members = random.sample<EntityDraft | ValueDraft>(all, random.between(1, 4));
      this.named.set(`Union${index}`, { kind: 'union', name: `Union${index}`, members });
    }
  }

  /** A field with a name of its own, of lists and non-nulls around a base, with or without arguments. */
  field(base: string, argsChance = 0.25): FieldDraft {
    const name = `${this.#random.pick(FIELD_NAMES)}${this.#fieldCount++}`;
    return { name, type: this.#wrap(base), args: this.#random.chance(argsChance) ? this.#args() : [] };
  }

  #wrap(base: string): string {
    const bang = (chance: number): string => (this.#random.chance(chance) ? '!' : '');
    return this.#random.weighted<() => string>([
      [6, () => `${base}${bang(0.3)}`],
      [3, () => `[${base}${bang(0.4)}]${bang(0.3)}`],
      [0.6, () => `[[${base}${bang(0.4)}]${bang(0.3)}]${bang(0.3)}`],
    ])();
  }

  #args(): ArgumentDraft[] {
    return Array.from({ length: this.#random.between(1, 2) }, (_, index): ArgumentDraft => {
      const [base, text] = this.#random.pick([
        ['Int', '7'],
        ['String', '"x \\"y\\""'],
        ['Boolean', 'true'],
        ['ID', '"k"'],
        ['Float', '1.5'],
        ['Enum0', 'V00'],
        ['[Int]', '[1, null]'],
        ['[String!]', '["a"]'],
        ['Input0', '{ a: 3 }'],
        ['JSON', '{ k: [1] }'],
      ] as const);
      const type = `${base}${this.#random.chance(0.25) ? '!' : ''}`;
      return { name: `arg${index}`, type, defaultText: this.#random.chance(0.35) ? text : undefined };
    });
  }

  /** The name of a leaf type. */
  leaf(): string {
    return this.#random.chance(0.12) ? `Enum${this.#random.between(0, 1)}` : this.#random.pick(SCALARS);
  }

  /** The name of a leaf type, or, as often as told, of any other. */
  leafOrAny(anyChance: number): string {
    if (!this.#random.chance(anyChance)) return this.leaf();
    const composite = [...this.named.values()].filter(({ kind, name }) => kind !== 'enum' && !name.endsWith('Ref'));
    return this.#random.pick(composite).name;
  }
}
