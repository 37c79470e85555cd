import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { collectFields, type Fragments, type SelectionGroup } from '../operation/collect-fields.ts';
import { NotCompilable } from './not-compilable.ts';

/**
 * A place in a subgraph's answer where an object stands. The compiled program has a class for each, with a property for
 * each response name; a property has the same name wherever its response name occurs.
 */
export interface Site {
  readonly id: number;
  /** What an object looks like, by its type's name: the fields in the order in which the subgraph answers them. */
  readonly variants: ReadonlyMap<string, readonly SiteField[]>;
  /** Fetches for which objects of this site are the entities; each adds a property for its result. */
  readonly attached: Set<number>;
  /**
   * How equal objects of this site become one object, which then is joined and written once: found by their whole text, by
   * their first leaf and then their whole text, or not at all.
   */
  interning: 'none' | 'whole' | 'first';
  /** Properties in which objects of this site keep what was written of them. */
  readonly written: Set<string>;
  /** What of its text goes into the client's answer as it is, by the type's name. */
  readonly runs: Map<string, Run[]>;
  /** What objects that are to be named are named by, by the type's name. */
  readonly keys: Map<string, readonly SiteField[]>;
}

/**
 * Fields that stand side by side in a subgraph's answer as they do in the client's: names, values and commas are checked,
 * and then copied as one text.
 */
export interface Run {
  /** Where in the fields of the variant it begins and ends; the end is not in it. */
  from: number;
  to: number;
  /** Name of the property that holds the text. */
  property: string;
}

export interface SiteField {
  key: string;
  node: FieldNode;
  /** Name of the property in the program. */
  property: string;
  /** The type in the supergraph; absent for `__typename`. */
  type?: GraphQLOutputType;
  /** Present where the value is an object, or lists of them. */
  child?: Site;
  /** Whether the program looks at the value by itself; if not, it is only checked. */
  isRead: boolean;
}

/** Property names by response name: never the name itself, which comes from a request. */
class Properties {
  readonly #names = new Map<string, string>();

  of(key: string): string {
    let name = this.#names.get(key);
    if (!name) this.#names.set(key, (name = `f${this.#names.size}`));
    return name;
  }

  all(): IterableIterator<string> {
    return this.#names.values();
  }
}

/** What a subgraph's operation selects of an object. */
export interface Selections {
  group: SelectionGroup;
  fragments: Fragments;
}

/** Makes the sites of the subgraphs' answers from the selections of their operations. */
export class SiteBuilder {
  readonly sites: Site[] = [];
  readonly properties = new Properties();
  readonly #schema: GraphQLSchema;
  readonly #variables: Readonly<Record<string, unknown>>;

  /** @param variables values of the variables in `@skip` and `@include`, which the program is made for */
  constructor(schema: GraphQLSchema, variables: Readonly<Record<string, unknown>>) {
    this.#schema = schema;
    this.#variables = variables;
  }

  /** Makes the site of a selection on a type. */
  build(selections: Selections, type: GraphQLCompositeType): Site {
    const site = this.#add(selections, isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type]);
    if (!isUniform(site)) for (const fields of site.variants.values()) requireTypeNameFirst(fields);
    return site;
  }

  /** Makes the site of an entity fetch's results, whose types are those of the representations. */
  buildResults(selections: Selections, types: readonly GraphQLObjectType[]): Site {
    return this.#add(selections, types);
  }

  #add(selections: Selections, types: readonly GraphQLObjectType[]): Site {
    const variants = new Map<string, readonly SiteField[]>();
    for (const type of types) variants.set(type.name, this.#fields(selections, type));
    const site: Site = {
      id: this.sites.length,
      variants,
      attached: new Set(),
      interning: 'none',
      written: new Set(),
      runs: new Map(),
      keys: new Map(),
    };
    this.sites.push(site);
    return site;
  }

  #fields({ group, fragments }: Selections, type: GraphQLObjectType): SiteField[] {
    const context = { schema: this.#schema, fragments, variables: this.#variables };
    return collectFields(type, group, context).map(({ key, node, inner }): SiteField => {
      const property = this.properties.of(key);
      if (node.name.value === '__typename') return { key, node, property, isRead: false };
      const definition = type.getFields()[node.name.value];
      if (!definition) throw new NotCompilable(`${type.name} has no field ${node.name.value}`);
      const { type: fieldType } = definition;
      const named = getNamedType(fieldType);
      return isCompositeType(named)
        ? { key, node, property, type: fieldType, child: this.build({ group: inner, fragments }, named), isRead: true }
        : { key, node, property, type: fieldType, isRead: false };
    });
  }
}

/** Whether objects of a site look the same whatever their type is. */
export function isUniform({ variants }: Site): boolean {
  const [first, ...rest] = variants.values();
  return rest.every(
    (fields) =>
      first !== undefined &&
      fields.length === first.length &&
      fields.every((field, index) => isSame(field, first[index]!)),
  );
}

/** Objects below are sites of their own for each type, so only leaves are ever the same. */
function isSame(a: SiteField, b: SiteField): boolean {
  return a.key === b.key && String(a.type) === String(b.type) && !a.child && !b.child;
}

/** What kind of object follows must be known before its fields are read. */
function requireTypeNameFirst(fields: readonly SiteField[]): void {
  if (!fields[0] || fields[0].type) throw new NotCompilable('an abstract type without its name in front');
}
