import type { Random } from './random.ts';
import {
  FederationDrafts,
  type EntityDraft,
  type EnumDraft,
  type InterfaceDraft,
  type NamedDraft,
  type UnionDraft,
  type ValueDraft,
} from './federation-drafts.ts';
import { baseOf, SubgraphDraft, type FieldDraft, type TypeDraft } from './subgraph-draft.ts';

export interface FederationOptions {
  /** Whether fields are required that are themselves given against a requirement. */
  chains: boolean;
}

/** Makes up a federation: SDL of each subgraph by its name. Most of what it makes composes, not all. */
export function generateFederation(random: Random, options: FederationOptions): Record<string, string> {
  return new FederationGenerator(random, options).run();
}

class FederationGenerator {
  readonly #random: Random;
  readonly #options: FederationOptions;
  readonly #subgraphs: SubgraphDraft[];
  readonly #drafts: FederationDrafts;

  constructor(random: Random, options: FederationOptions) {
    this.#random = random;
    this.#options = options;
    this.#drafts = new FederationDrafts(random);
    const count = random.between(2, random.chance(0.3) ? 6 : 4);
    this.#subgraphs = Array.from({ length: count }, (_, index) => new SubgraphDraft('abcdef'[index]!));
  }

  run(): Record<string, string> {
    this.#placeEntities();
    this.#addRequires();
    this.#addInterfaceObjects();
    this.#addRoots();
    this.#addProvides();
    this.#addMarks();
    const used = this.#subgraphs.filter(({ types }) => types.size > 0);
    return Object.fromEntries(used.map((subgraph) => [subgraph.name, subgraph.print()]));
  }

  // Placing things in subgraphs.

  #placeEntities(): void {
    const random = this.#random;
    const entities = this.#entities();
    for (const entity of entities) {
      entity.homes = random.sample(this.#subgraphs, random.between(1, 3));
      for (const home of entity.homes) this.#placeEntity(home, entity, true);
    }
    for (const entity of entities) {
      entity.homes.forEach((home) => this.#placeFields(home, entity));
      const first = entity.homes[0]!;
      for (const field of entity.common) this.#addField(first, entity.name, field, ['@shareable']);
      for (const face of this.#drafts.all('interface'))
        if (face.implementers.includes(entity)) this.#ensure(first, face.name);
    }
  }

  #placeFields(home: SubgraphDraft, entity: EntityDraft): void {
    const random = this.#random;
    for (let index = random.between(1, 3); index > 0; index--) {
      const field = this.#drafts.field(this.#drafts.leafOrAny(0.45));
      const others = entity.homes.filter((each) => each !== home);
      const other = others.length > 0 ? random.pick(others) : undefined;
      if (other && random.chance(0.2)) {
        this.#addField(home, entity.name, field, ['@shareable']);
        this.#addField(other, entity.name, this.#maybeStricter(field), ['@shareable']);
        entity.placed.set(field.name, { field, owners: [home, other] });
        continue;
      }
      this.#addField(home, entity.name, field, []);
      if (other && random.chance(0.12)) {
        this.#addField(other, entity.name, field, [`@override(from: "${home.name}")`]);
        entity.placed.set(field.name, { field, owners: [other, home] });
      } else entity.placed.set(field.name, { field, owners: [home] });
    }
  }

  #maybeStricter(field: FieldDraft): FieldDraft {
    return !field.type.endsWith('!') && this.#random.chance(0.25) ? { ...field, type: `${field.type}!` } : field;
  }

  #placeEntity(subgraph: SubgraphDraft, entity: EntityDraft, isHome: boolean): void {
    const type = subgraph.type('type', entity.name);
    const chosen = entity.keys.filter((_, index) => this.#random.chance(index === 0 ? 0.95 : 0.4));
    const keys = chosen.length > 0 ? chosen : [this.#random.pick(entity.keys)];
    const isResolvable = isHome || this.#random.chance(0.7);
    for (const key of isResolvable ? keys : keys.slice(0, 1)) {
      type.directives.add(`@key(fields: "${key.text}"${isResolvable ? '' : ', resolvable: false'})`);
      for (const field of key.fields) this.#addField(subgraph, entity.name, field, ['@shareable']);
      const peer = this.#drafts.named.get(baseOf(key.fields[0]!.type));
      // A nested key names a field of the other entity, which must be there whatever that entity's own key is here.
      if (peer?.kind === 'entity') this.#addField(subgraph, peer.name, peer.keys[0]!.fields[0]!, ['@shareable']);
    }
  }

  #addField(subgraph: SubgraphDraft, typeName: string, field: FieldDraft, directives: readonly string[]): void {
    const type = subgraph.types.get(typeName);
    if (!type || type.fields.has(field.name)) return;
    type.fields.set(field.name, { field, directives: new Set(directives) });
    this.#ensure(subgraph, baseOf(field.type));
    for (const arg of field.args) this.#ensure(subgraph, baseOf(arg.type));
  }

  /** Gives a subgraph its definition of a type, if it has none. */
  #ensure(subgraph: SubgraphDraft, name: string): void {
    if (subgraph.types.has(name)) return;
    if (name === 'JSON') subgraph.type('scalar', name);
    if (name === 'Input0') return this.#placeInput(subgraph);
    const draft = this.#drafts.named.get(name);
    if (!draft) return;
    if (draft.kind === 'entity') this.#placeEntity(subgraph, draft, false);
    else if (draft.kind === 'value') this.#placeValue(subgraph, draft);
    else if (draft.kind === 'enum') this.#placeEnum(subgraph, draft);
    else this.#placeAbstract(subgraph, draft);
  }

  #placeInput(subgraph: SubgraphDraft): void {
    const type = subgraph.type('input', 'Input0');
    const add = (name: string, text: string): void => {
      type.fields.set(name, { field: { name, type: text, args: [] }, directives: new Set() });
    };
    add('a', 'Int = 5');
    add('b', '[String]');
    add('c', 'Input0');
    add('d', 'Enum0');
    this.#ensure(subgraph, 'Enum0');
  }

  #placeValue(subgraph: SubgraphDraft, draft: ValueDraft): void {
    subgraph.type('type', draft.name).directives.add('@shareable');
    draft.fields.forEach((field, index) => {
      if (index === 0 || !this.#random.chance(0.03)) this.#addField(subgraph, draft.name, field, []);
    });
  }

  #placeEnum(subgraph: SubgraphDraft, draft: EnumDraft): void {
    const { members } = subgraph.type('enum', draft.name);
    const hidden = draft.isInput || this.#random.chance(0.6) ? undefined : this.#random.pick(draft.values.slice(1));
    for (const value of draft.values) if (value !== hidden) members.add(value);
  }

  #placeAbstract(subgraph: SubgraphDraft, draft: InterfaceDraft | UnionDraft): void {
    const type = subgraph.type(draft.kind, draft.name);
    const all = draft.kind === 'interface' ? draft.implementers : draft.members;
    const present = all.filter(({ name }) => subgraph.types.has(name));
    const chosen = new Set([...present, ...this.#random.sample(all, this.#random.between(1, all.length))]);
    if (draft.kind === 'interface') for (const field of draft.fields) this.#addField(subgraph, draft.name, field, []);
    for (const member of chosen) {
      this.#ensure(subgraph, member.name);
      if (draft.kind === 'union') type.members.add(member.name);
      else this.#implement(subgraph, draft, member);
    }
  }

  #implement(subgraph: SubgraphDraft, face: InterfaceDraft, member: EntityDraft | ValueDraft): void {
    const type = subgraph.types.get(member.name)!;
    type.implements.add(face.name);
    for (const field of face.fields)
      this.#addField(subgraph, member.name, field, member.kind === 'entity' ? ['@shareable'] : []);
  }

  // Directives that tie subgraphs together.

  #addRequires(): void {
    for (const entity of this.#entities()) {
      for (const home of entity.homes) {
        if (entity.homes.length < 2 || !this.#random.chance(0.6)) continue;
        for (let index = this.#random.between(1, 2); index > 0; index--) this.#addRequiringField(home, entity);
      }
    }
  }

  #addRequiringField(home: SubgraphDraft, entity: EntityDraft): void {
    const elsewhere = [...entity.placed.values()].filter(
      ({ field, owners }) => !owners.includes(home) && this.#mayBeRequired(entity, field, owners),
    );
    const parts: string[] = [];
    for (const { field } of this.#random.sample(elsewhere, this.#random.between(1, 2))) {
      const text = this.#requirement(home, field, 0);
      if (text === undefined) continue;
      this.#addField(home, entity.name, field, ['@external']);
      parts.push(text);
    }
    if (parts.length === 0) return;
    const field = this.#drafts.field(this.#drafts.leafOrAny(0.3));
    this.#addField(home, entity.name, field, [`@requires(fields: ${JSON.stringify(parts.join(' '))})`]);
    entity.placed.set(field.name, { field, owners: [home] });
  }

  /** The planner does not find its way through every chain of requirements. */
  #mayBeRequired(entity: EntityDraft, field: FieldDraft, owners: readonly SubgraphDraft[]): boolean {
    return this.#options.chains || !this.#isMarked(entity, field, owners, '@requires');
  }

  #isMarked(entity: EntityDraft, field: FieldDraft, owners: readonly SubgraphDraft[], directive: string): boolean {
    return owners.some(({ types }) =>
      [...types.get(entity.name)!.fields.get(field.name)!.directives].some((each) => each.startsWith(directive)),
    );
  }

  /** How a field can be required, as text; undefined where it cannot. Makes what is below it known to the subgraph. */
  #requirement(home: SubgraphDraft, field: FieldDraft, depth: number): string | undefined {
    if (field.args.length > 0) {
      if (depth > 0 || this.#drafts.named.has(baseOf(field.type))) return undefined;
      const given = field.args.filter(
        ({ type, defaultText }) => type === 'Int' || (type.endsWith('!') && !defaultText),
      );
      if (given.some(({ type }) => !type.startsWith('Int'))) return undefined;
      const args = given.map(({ name }) => `${name}: ${this.#random.between(1, 3)}`);
      return args.length > 0 ? `${field.name}(${args.join(', ')})` : field.name;
    }
    const draft = this.#drafts.named.get(baseOf(field.type));
    if (!draft || draft.kind === 'enum') return field.name;
    if (depth > 1) return undefined;
    const below = this.#requirementBelow(home, draft, depth);
    return below === undefined ? undefined : `${field.name} { ${below} }`;
  }

  #requirementBelow(home: SubgraphDraft, draft: NamedDraft, depth: number): string | undefined {
    if (draft.kind === 'enum') return undefined;
    this.#ensure(home, draft.name);
    if (draft.kind === 'value') return this.#someOf(home, draft.name, draft.fields, depth);
    if (draft.kind === 'interface') {
      const leaves = draft.fields.filter((field) => this.#drafts.isPlainLeaf(field));
      return leaves.length > 0 ? `__typename ${leaves[0]!.name}` : undefined;
    }
    if (draft.kind === 'union') {
      const member = draft.members.find(({ name }) => home.types.get(draft.name)?.members.has(name));
      const inner = member && this.#requirementBelow(home, member, depth + 1);
      return member && inner ? `__typename ... on ${member.name} { ${inner} }` : undefined;
    }
    const leaves = [...draft.placed.values()].filter(
      ({ field, owners }) => this.#drafts.isPlainLeaf(field) && this.#mayBeRequired(draft, field, owners),
    );
    if (leaves.length === 0) return draft.keys[0]!.text;
    const { field, owners } = this.#random.pick(leaves);
    if (!owners.includes(home)) this.#addField(home, draft.name, field, ['@external']);
    return field.name;
  }

  #someOf(home: SubgraphDraft, typeName: string, fields: readonly FieldDraft[], depth: number): string | undefined {
    const parts = this.#random.sample(fields, 2).flatMap((field) => {
      const text = this.#requirement(home, field, depth + 1);
      if (text === undefined) return [];
      this.#addField(home, typeName, field, []);
      return [text];
    });
    return parts.length > 0 ? parts.join(' ') : undefined;
  }

  /** An interface of entities, to which a subgraph that knows none of them adds a field. */
  #addInterfaceObjects(): void {
    const random = this.#random;
    for (const face of this.#drafts.all('interface')) {
      const entities = face.implementers.filter((each) => each.kind === 'entity');
      const withId = entities.filter(({ keys }) => keys.some(({ text }) => text === 'id'));
      if (withId.length !== face.implementers.length || !random.chance(0.6)) continue;
      const [home, ...others] = random.sample(this.#subgraphs, 2).filter((each) => !each.types.has(face.name));
      const other = others[0] ?? this.#subgraphs.find((each) => each !== home && each.types.has(face.name));
      if (!home || !other || face.implementers.some(({ name }) => home.types.has(name))) continue;
      this.#makeInterfaceObject(home, face, withId);
    }
  }

  #makeInterfaceObject(home: SubgraphDraft, face: InterfaceDraft, entities: readonly EntityDraft[]): void {
    const id: FieldDraft = { name: 'id', type: 'ID!', args: [] };
    for (const subgraph of this.#subgraphs) {
      const type = subgraph.types.get(face.name);
      if (!type) continue;
      type.directives.add('@key(fields: "id")');
      this.#addField(subgraph, face.name, id, []);
      for (const { name } of entities) {
        this.#ensure(subgraph, name);
        const entity = subgraph.types.get(name)!;
        for (const directive of entity.directives)
          if (/resolvable: false|"id"/.test(directive)) entity.directives.delete(directive);
        entity.directives.add('@key(fields: "id")');
        entity.implements.add(face.name);
        this.#addField(subgraph, name, id, ['@shareable']);
        for (const field of face.fields) this.#addField(subgraph, name, field, ['@shareable']);
      }
    }
    const type = home.type('type', face.name);
    type.directives.add('@key(fields: "id")').add('@interfaceObject');
    this.#addField(home, face.name, id, []);
    for (let index = this.#random.between(1, 2); index > 0; index--)
      this.#addField(home, face.name, this.#drafts.field(this.#drafts.leaf()), []);
  }

  #addRoots(): void {
    const random = this.#random;
    const withMutations = random.chance(0.45);
    this.#subgraphs.forEach((subgraph, index) => {
      const count = random.between(index === 0 ? 1 : 0, 3);
      if (count > 0) subgraph.type('type', 'Query');
      for (let each = 0; each < count; each++) {
        const field = this.#drafts.field(this.#drafts.leafOrAny(0.85), 0.4);
        const other = random.pick(this.#subgraphs);
        const isShared = other.types.has('Query') && other !== subgraph && random.chance(0.2);
        this.#addField(subgraph, 'Query', field, isShared ? ['@shareable'] : []);
        if (isShared) this.#addField(other, 'Query', field, ['@shareable']);
      }
      if (!withMutations || !random.chance(0.6)) return;
      subgraph.type('type', 'Mutation');
      for (let each = random.between(1, 2); each > 0; each--)
        this.#addField(subgraph, 'Mutation', this.#drafts.field(this.#drafts.leafOrAny(0.7), 0.6), []);
    });
    const isWayBack = random.chance(0.15);
    // A way back to the root: whatever is below it is asked for as at the root.
    for (const value of this.#drafts.all('value'))
      for (const subgraph of this.#subgraphs)
        if (value.name === 'Value0' && isWayBack && subgraph.types.has('Query') && subgraph.types.has('Value0'))
          this.#addField(subgraph, 'Value0', { name: 'again', type: 'Query', args: [] }, []);
  }

  #addProvides(): void {
    for (const subgraph of this.#subgraphs) {
      for (const type of subgraph.types.values()) {
        if (type.kind !== 'type') continue;
        for (const { field, directives } of type.fields.values()) {
          const entity = this.#drafts.named.get(baseOf(field.type));
          if (entity?.kind !== 'entity' || directives.has('@external') || !this.#random.chance(0.4)) continue;
          const text = this.#provision(subgraph, entity);
          if (text) directives.add(`@provides(fields: "${text}")`);
        }
      }
    }
  }

  #provision(subgraph: SubgraphDraft, entity: EntityDraft): string | undefined {
    const known = subgraph.types.get(entity.name)!;
    const elsewhere = [...entity.placed.values()].filter(
      ({ field, owners }) =>
        !known.fields.has(field.name) &&
        this.#drafts.isPlainLeaf(field) &&
        !this.#isMarked(entity, field, owners, '@override'),
    );
    if (elsewhere.length === 0) return undefined;
    const { field, owners } = this.#random.pick(elsewhere);
    this.#addField(subgraph, entity.name, field, ['@external']);
    for (const owner of owners) this.#mark(owner.types.get(entity.name)!, field.name, '@shareable');
    return field.name;
  }

  /** What clients may not see, and tags. */
  #addMarks(): void {
    const random = this.#random;
    for (const { placed, name } of this.#entities()) {
      for (const { field, owners } of placed.values()) {
        if (random.chance(0.08)) this.#mark(owners[0]!.types.get(name)!, field.name, '@inaccessible');
        if (random.chance(0.08)) this.#mark(owners[0]!.types.get(name)!, field.name, '@tag(name: "t")');
      }
    }
    if (!random.chance(0.15)) return;
    const draft = this.#drafts.named.get('Enum1');
    if (draft?.kind !== 'enum') return;
    for (const { types } of this.#subgraphs) {
      const members = types.get('Enum1')?.members;
      if (members?.delete(draft.values[0]!)) members.add(`${draft.values[0]} @inaccessible`);
    }
  }

  #mark(type: TypeDraft, fieldName: string, directive: string): void {
    type.fields.get(fieldName)?.directives.add(directive);
  }

  #entities(): EntityDraft[] {
    return this.#drafts.all('entity');
  }
}
