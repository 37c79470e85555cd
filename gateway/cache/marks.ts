import { hash } from 'node:crypto';
import { getNamedType, isAbstractType, isCompositeType, isInterfaceType, isObjectType, Kind } from 'graphql';
import type { GraphQLNamedType, GraphQLSchema, SelectionSetNode } from 'graphql';
import type { FetchTemplate } from '../execute/fetcher.ts';
import type { EntityKeys, FlatKey } from '../supergraph/subject-types.ts';

/**
 * What an answer can be invalidated by, as text. An answer has the marks of all that it tells of; an invalidation names marks, and
 * what was asked for before it and has one of them is not given any more.
 */
export type Mark = string;

/** Everything of a subgraph. */
export function subgraphMark(subgraph: string): Mark {
  return `subgraph ${subgraph}`;
}

/** Everything of a type, wherever it stands in a subgraph's answers. */
export function typeMark(subgraph: string, type: string): Mark {
  return `type ${subgraph} ${type}`;
}

/** What a department has given a tag. */
export function tagMark(subgraph: string, tag: string): Mark {
  return `tag ${subgraph} ${digest(tag)}`;
}

/** One entity by one of its keys, in answers that were asked for by that key. */
export function entityMark(
  subgraph: string,
  type: string,
  key: FlatKey,
  values: Readonly<Record<string, unknown>>,
): Mark {
  // An ID may be written as a number or as a text.
  const texts = key.map((name) => `${name}=${String(values[name])}`);
  return `entity ${subgraph} ${type} ${digest(texts.join('\0'))}`;
}

/**
 * Entities of a type of which an answer does not show this key: it may be any of them. Invalidating one entity takes these answers too.
 */
export function anyEntityMark(subgraph: string, type: string, key: FlatKey): Mark {
  return `any ${subgraph} ${type} ${key.join(' ')}`;
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

/** The marks of an entity as it was asked for. */
export function marksOfEntity(subgraph: string, values: Readonly<Record<string, unknown>>, keys: EntityKeys): Mark[] {
  const type = String(values['__typename']);
  return (keys.get(type) ?? []).map((key) =>
    key.every((name) => values[name] !== undefined)
      ? entityMark(subgraph, type, key, values)
      : anyEntityMark(subgraph, type, key),
  );
}

/** What all answers to one fetch have in common. */
export interface TemplateMarks {
  /** Its subgraph, the types in it, and entities that stand in other objects. */
  marks: Mark[];
  /** The keys of its types: what the marks of an answer follow from, beside the answer's request. */
  keys: [type: string, keys: readonly FlatKey[]][];
}

export function marksOfTemplate(template: FetchTemplate, schema: GraphQLSchema, keys: EntityKeys): TemplateMarks {
  const { service, isEntityFetch, selectionSet } = template;
  const found: FoundTypes = { all: new Set(), nested: new Set() };
  const visit = new TypeVisit(schema, template.fragments, found);
  const [entities] = selectionSet.selections;
  const query = schema.getQueryType() ?? undefined;
  if (!isEntityFetch) {
    if (query) found.all.add(query.name);
    visit.selections(selectionSet, query, true);
  } else if (entities?.kind === Kind.FIELD && entities.selectionSet) {
    visit.selections(entities.selectionSet, undefined, false);
  }
  const nested = [...found.nested].flatMap((type) => (keys.get(type) ?? []).map((key) => [type, key] as const));
  const types = [...found.all];
  return {
    marks: [
      subgraphMark(service),
      ...types.map((type) => typeMark(service, type)),
      ...nested.map(([type, key]) => anyEntityMark(service, type, key)),
    ],
    keys: types.map((type) => [type, keys.get(type) ?? []]),
  };
}

interface FoundTypes {
  readonly all: Set<string>;
  /** Of objects that stand in others. */
  readonly nested: Set<string>;
}

class TypeVisit {
  readonly #schema: GraphQLSchema;
  readonly #fragments: FetchTemplate['fragments'];
  readonly #found: FoundTypes;

  constructor(schema: GraphQLSchema, fragments: FetchTemplate['fragments'], found: FoundTypes) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#found = found;
  }

  /** @param isNested whether what stands here is part of another object; an entity that is asked for is not */
  selections({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined, isNested: boolean): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        if (!selection.selectionSet || !(isObjectType(parent) || isInterfaceType(parent))) continue;
        const field = parent.getFields()[selection.name.value];
        const returned = field && getNamedType(field.type);
        this.#add(returned, true);
        this.selections(selection.selectionSet, returned, true);
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
      if (!fragment) continue;
      const type = fragment.typeCondition ? this.#schema.getType(fragment.typeCondition.name.value) : parent;
      if (type !== this.#schema.getQueryType()) this.#add(type, isNested);
      this.selections(fragment.selectionSet, type, isNested);
    }
  }

  #add(type: GraphQLNamedType | undefined, isNested: boolean): void {
    if (!type || !isCompositeType(type)) return;
    const types = isAbstractType(type) ? [type, ...this.#schema.getPossibleTypes(type)] : [type];
    for (const { name } of types) {
      this.#found.all.add(name);
      if (isNested) this.#found.nested.add(name);
    }
  }
}
