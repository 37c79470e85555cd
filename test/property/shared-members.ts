import type { Resolvers } from '../../subgraphs/kit/sdl-files.ts';
import type { SmallSubgraph } from '../kit/federation.ts';
import { hash, Random } from './random.ts';

/** A type that the shared list can hold. */
interface Member {
  name: string;
  /** An entity's fields are each of one department; those of a value are of every department that knows it. */
  isEntity: boolean;
  keyType: 'ID!' | 'Int!';
  fields: readonly MemberField[];
}

interface MemberField {
  name: string;
  sdl: string;
  /** What is selected of it. */
  selection(random: Random, depth: number): string;
  /** Number of the department that has an entity's field. */
  owner: number;
}

/** An object of the data; it has every field, whoever may ask for it. */
type Item = Readonly<Record<string, unknown>> & { __typename: string; id: unknown };

const BOXES = 3;
const ITEMS = 5;

/**
 * Departments that share a field which gives a list of a union or an interface, of which each knows other types. All tell
 * of one list; in the place of an item whose type it does not know, a department gives null.
 */
export class SharedMembers {
  readonly departments: readonly string[];
  readonly #random: Random;
  readonly #isInterface: boolean;
  /** Whether the list is the entity's own, or of an object below it. */
  readonly #isDirect: boolean;
  readonly #members: readonly Member[];
  /** Names of the members that each department knows; the last one does not share the list and knows none. */
  readonly #known: readonly ReadonlySet<string>[];

  constructor(seed: string) {
    const random = (this.#random = new Random(seed));
    this.departments = 'abcde'.slice(0, random.between(3, 5)).split('');
    this.#isInterface = random.chance(0.5);
    this.#isDirect = random.chance(0.5);
    this.#members = Array.from({ length: random.between(3, 6) }, (_, index) => this.#makeMember(index));
    const names = this.#members.map(({ name }) => name);
    const sharing = this.departments.slice(0, -1);
    // Composition asks for one at least that all of them know.
    const known = sharing.map(() => new Set([names[0]!, ...random.sample(names, random.between(1, names.length))]));
    for (const name of names) if (!known.some((each) => each.has(name))) random.pick(known).add(name);
    this.#known = [...known, new Set()];
  }

  /** Whether every department that shares the list can give objects of a type in it. */
  isKnownToAll(typeName: string): boolean {
    return this.#known.slice(0, -1).every((names) => names.has(typeName));
  }

  /** The departments, each with the data as it knows it. */
  subgraphs(): Record<string, SmallSubgraph> {
    const made = this.departments.map((name, index): [string, SmallSubgraph] => [
      name,
      { sdl: this.#sdl(index), resolvers: this.#resolvers(index) },
    ]);
    return Object.fromEntries(made);
  }

  #sdl(department: number): string {
    const types = [
      ...this.#membersOf(department).map((member) => this.#memberSdl(member, department)),
      'type Deep @shareable { x: Int! s(n: Int): String }',
    ];
    if (!this.#isSharing(department)) return [...types, 'type Query { last: Int }'].join('\n');
    const items = 'items: [Item] @shareable';
    return [
      `type Query { root_${this.departments[department]}: Holder }`,
      `type Holder @key(fields: "id") { id: ID! ${this.#isDirect ? items : 'box: Box @shareable'} }`,
      `type Box { ${items} }`,
      this.#isInterface
        ? 'interface Item { label: String }'
        : `union Item = ${[...this.#known[department]!].join(' | ')}`,
      ...types,
    ].join('\n');
  }

  #resolvers(department: number): Resolvers {
    const known = this.#known[department]!;
    const resolvers: Record<string, Record<string, unknown>> = {};
    for (const { name } of this.#membersOf(department))
      resolvers[name] = { __resolveReference: ({ id }: { id: unknown }) => this.#item(name, id) };
    if (this.#isSharing(department)) {
      const items = ({ number }: { number: number }): (Item | null)[] =>
        this.#items(number).map((item) => (known.has(item.__typename) ? item : null));
      resolvers['Query'] = { [`root_${this.departments[department]}`]: () => HOLDER };
      resolvers['Holder'] = { __resolveReference: () => HOLDER, ...(this.#isDirect ? { items } : {}) };
      resolvers['Box'] = { items };
    }
    return resolvers as Resolvers;
  }

  #isSharing(department: number): boolean {
    return department < this.departments.length - 1;
  }

  /** The members it knows, and the entities that it has fields of. */
  #membersOf(department: number): Member[] {
    return this.#members.filter(
      ({ name, isEntity, fields }) =>
        this.#known[department]!.has(name) || (isEntity && fields.some(({ owner }) => owner === department)),
    );
  }

  /** Data for a schema that knows everything. */
  rootValue(): Record<string, unknown> {
    const truth = (number: number): unknown => ({
      items: () => this.#items(number).map((item) => ({ ...item, inner: () => truth(Number(item['number'])) })),
    });
    const holder = { ...HOLDER, ...(truth(0) as object), box: () => truth(0) };
    return Object.fromEntries(this.departments.map((name) => [`root_${name}`, () => holder]));
  }

  operation(random: Random): string {
    const items = this.#selectItems(random, 0);
    return `{ root_${random.pick(this.departments.slice(0, -1))} { ${this.#isDirect ? items : `box { ${items} }`} } }`;
  }

  #makeMember(index: number): Member {
    const random = this.#random;
    const name = `Member${index}`;
    const isEntity = random.chance(0.5);
    const field = (at: number): MemberField => {
      const owner = random.between(0, this.departments.length - 1);
      // Names are shared by the members, whose types differ: Int, or an object.
      const fieldName = `f${at}`;
      return random.weighted<MemberField>([
        [
          2,
          {
            name: fieldName,
            sdl: `${fieldName}(n: Int): Int`,
            owner,
            selection: (each) => leaf(each, fieldName, name),
          },
        ],
        [
          2,
          {
            name: `d${at}`,
            sdl: `d${at}: Deep`,
            owner,
            selection: (each) => `${name}_d${at}: d${at} { x ${leaf(each, 's', name)} }`,
          },
        ],
      ]);
    };
    const fields = Array.from({ length: random.between(1, 3) }, (_, at) => field(at));
    const inner: MemberField = {
      name: 'inner',
      sdl: 'inner: Box',
      owner: 0,
      selection: (each, depth) => `${name}_inner: inner { ${this.#selectItems(each, depth + 1)} }`,
    };
    const keyType = random.chance(0.5) ? 'ID!' : 'Int!';
    return { name, isEntity, keyType, fields: isEntity || random.chance(0.5) ? fields : [...fields, inner] };
  }

  #memberSdl({ name, isEntity, keyType, fields }: Member, department: number): string {
    const isMember = this.#known[department]!.has(name);
    const own = fields.filter(({ owner }) => !isEntity || owner === department);
    // Departments may promise more than others; one name then stands for several shapes in one fetch.
    const promised = own.map(
      (field) => `${field.sdl}${hash(`${name}.${field.name}@${department}`) % 3 === 0 ? '!' : ''}`,
    );
    const face = isMember && this.#isInterface ? ' implements Item' : '';
    const label = isMember ? ['label: String @shareable'] : [];
    const all = [`id: ${keyType} @shareable`, ...label, ...promised];
    return `type ${name}${face} ${isEntity ? '@key(fields: "id")' : '@shareable'} { ${all.join(' ')} }`;
  }

  #selectItems(random: Random, depth: number): string {
    const chosen = random.sample(this.#members, random.between(1, this.#members.length));
    const fragments = chosen.flatMap(({ name, fields }) => {
      const below = fields.filter((field) => depth < 2 || field.name !== 'inner');
      const selected = random.sample(below, random.between(1, 3)).map((field) => field.selection(random, depth));
      if (random.chance(0.3)) selected.push(random.pick([`id${name}: id`, 'label']));
      return selected.length > 0 ? [`... on ${name} { ${selected.join(' ')} }`] : [];
    });
    const label = this.#isInterface && random.chance(0.4) ? 'label ' : '';
    return `items { __typename ${label}${fragments.join(' ')} }`;
  }

  #items(box: number): Item[] {
    return Array.from({ length: ITEMS }, (_, index) => {
      const { name } = this.#members[hash(`${box}/${index}`) % this.#members.length]!;
      return this.#item(name, (box * ITEMS + index) % 7);
    });
  }

  #item(name: string, key: unknown): Item {
    const { keyType } = this.#members.find((each) => each.name === name)!;
    const number = hash(`${name}/${Number(key)}`) % BOXES;
    const leaves = [0, 1, 2].flatMap((at): [string, unknown][] => [
      [`f${at}`, ({ n = 1 }: { n?: number }) => at + n * 10 + Number(key)],
      [`d${at}`, { x: at + Number(key), s: ({ n = 1 }: { n?: number }) => `${name}.${n}.${Number(key)}` }],
    ]);
    const id = keyType === 'ID!' ? String(Number(key)) : Number(key);
    return { __typename: name, id, number, label: `${name} ${id}`, inner: { number }, ...Object.fromEntries(leaves) };
  }
}

const HOLDER = { id: 'h', number: 0, box: { number: 0 } };

/** Names of a member's own: members' fields of one name may differ in type. */
function leaf(random: Random, name: string, member: string): string {
  const plain = `${member}_${name}: ${name}`;
  const n = random.between(2, 4);
  const counted = `${member}_${name}_${n}: ${name}(n: ${n})`;
  return random.pick([plain, counted, `${counted} ${plain}`]);
}
