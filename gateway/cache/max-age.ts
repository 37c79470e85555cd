import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type GraphQLNamedType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import type { FetchTemplate } from '../execute/fetcher.ts';
import type { CacheHint, CacheHints } from '../supergraph/cache-hints.ts';

/**
 * How long the entities of a fetch may be remembered, in seconds; 0 for not at all.
 *
 * The rules are those users know from Apollo Server: a fetch lives as long as its shortest-lived field; a field's own hint
 * counts before the hint on its type; fields that return objects count 0 without a hint, leaves take their parent's age.
 * PRIVATE answers are not remembered: this store is shared by all callers.
 *
 * @see https://www.apollographql.com/docs/apollo-server/performance/caching
 */
export function entityMaxAgeSeconds(template: FetchTemplate, hints: CacheHints, schema: GraphQLSchema): number {
  const ofSubgraph = hints.get(template.service);
  if (!template.isEntityFetch || template.operationKind !== 'query' || !ofSubgraph) return 0;
  const [entities] = template.selectionSet.selections;
  if (entities?.kind !== Kind.FIELD || !entities.selectionSet) return 0;
  return new MaxAge(ofSubgraph, schema, template.fragments).ofSelections(
    entities.selectionSet,
    undefined,
    Number.POSITIVE_INFINITY,
  );
}

class MaxAge {
  readonly #hints: ReadonlyMap<string, CacheHint>;
  readonly #schema: GraphQLSchema;
  readonly #fragments: FetchTemplate['fragments'];

  constructor(hints: ReadonlyMap<string, CacheHint>, schema: GraphQLSchema, fragments: FetchTemplate['fragments']) {
    this.#fragments = fragments;
    this.#hints = hints;
    this.#schema = schema;
  }

  /** @param inherited the age of the object the selections are on */
  ofSelections(selectionSet: SelectionSetNode, parent: GraphQLNamedType | undefined, inherited: number): number {
    let age = inherited;
    for (const selection of selectionSet.selections) {
      if (selection.kind !== Kind.FIELD) {
        const fragment =
          selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
        if (!fragment) return 0;
        const condition = fragment.typeCondition?.name.value;
        const type = condition ? this.#schema.getType(condition) : parent;
        const ofType = condition && !parent ? ageOf(this.#hints.get(condition)) : inherited;
        age = Math.min(age, this.ofSelections(fragment.selectionSet, type, ofType ?? 0));
      } else if (selection.name.value !== '__typename') {
        age = Math.min(age, this.#ofField(selection.name.value, selection.selectionSet, parent, inherited));
      }
    }
    return age;
  }

  #ofField(
    name: string,
    inner: SelectionSetNode | undefined,
    parent: GraphQLNamedType | undefined,
    inherited: number,
  ): number {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return 0;
    const hint = this.#hints.get(`${parent.name}.${name}`);
    if (hint?.scope === 'PRIVATE') return 0;
    const field = parent.getFields()[name];
    const returned = field && getNamedType(field.type);
    if (!returned || !inner || !isCompositeType(returned)) return hint?.maxAgeSeconds ?? inherited;
    const ofType = this.#hints.get(returned.name);
    if (ofType?.scope === 'PRIVATE') return 0;
    const age = hint?.maxAgeSeconds ?? (hint?.inheritMaxAge ? inherited : ageOf(ofType)) ?? 0;
    return Math.min(age, this.ofSelections(inner, returned, age));
  }
}

function ageOf(hint: CacheHint | undefined): number | undefined {
  return hint?.scope === 'PRIVATE' ? 0 : hint?.maxAgeSeconds;
}
