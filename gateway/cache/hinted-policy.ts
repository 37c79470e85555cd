import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import type { FetchTemplate } from '../execute/fetcher.ts';
import type { CacheHint, CacheHints } from '../supergraph/cache-hints.ts';

/** What a subgraph's `@cacheControl` says of all that a fetch selects. */
export interface HintedPolicy {
  /** Undefined where something of it has no hint; 0 where something must not be remembered. */
  readonly maxAgeSeconds: number | undefined;
  /** `PUBLIC` where all of it is declared so, `PRIVATE` where anything of it is; else undefined. */
  readonly scope: 'PUBLIC' | 'PRIVATE' | undefined;
}

const UNSAID: HintedPolicy = { maxAgeSeconds: undefined, scope: undefined };
const EVERYTHING: HintedPolicy = { maxAgeSeconds: Number.POSITIVE_INFINITY, scope: 'PUBLIC' };

/**
 * What hints say of a fetch.
 *
 * The rules are those users know from Apollo Server: a fetch lives as long as its shortest-lived field; a field's own hint
 * counts before the hint on its type; leaves take their parent's age. Root fields, and fields that return objects, have no age
 * without a hint: Apollo Server then takes 0, here the department's `cache-control` header may still give one. A scope that is
 * not said is that of the object it stands on.
 *
 * @see https://www.apollographql.com/docs/apollo-server/performance/caching
 */
export function readHintedPolicy(template: FetchTemplate, hints: CacheHints, schema: GraphQLSchema): HintedPolicy {
  const ofSubgraph = hints.get(template.service);
  if (!ofSubgraph) return UNSAID;
  const reader = new HintReader(ofSubgraph, schema, template.fragments);
  const policy = template.isEntityFetch
    ? reader.ofEntities(template.selectionSet)
    : reader.ofSelections(template.selectionSet, schema.getQueryType() ?? undefined, UNSAID);
  return policy.maxAgeSeconds === Number.POSITIVE_INFINITY ? UNSAID : policy;
}

class HintReader {
  readonly #hints: ReadonlyMap<string, CacheHint>;
  readonly #schema: GraphQLSchema;
  readonly #fragments: FetchTemplate['fragments'];

  constructor(hints: ReadonlyMap<string, CacheHint>, schema: GraphQLSchema, fragments: FetchTemplate['fragments']) {
    this.#hints = hints;
    this.#schema = schema;
    this.#fragments = fragments;
  }

  ofEntities({ selections }: SelectionSetNode): HintedPolicy {
    const [entities] = selections;
    if (entities?.kind !== Kind.FIELD || !entities.selectionSet) return UNSAID;
    return this.ofSelections(entities.selectionSet, undefined, UNSAID);
  }

  /** @param inherited what holds for the object the selections are on */
  ofSelections(
    { selections }: SelectionSetNode,
    parent: GraphQLNamedType | undefined,
    inherited: HintedPolicy,
  ): HintedPolicy {
    let policy = EVERYTHING;
    for (const selection of selections) {
      if (selection.kind !== Kind.FIELD) {
        const fragment =
          selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
        if (!fragment) return UNSAID;
        const condition = fragment.typeCondition?.name.value;
        const type = condition === undefined ? parent : this.#schema.getType(condition);
        // Entities have no parent: what holds for one is what its type says.
        const ofType = parent ? inherited : policyOf(condition ? this.#hints.get(condition) : undefined);
        policy = narrower(policy, this.ofSelections(fragment.selectionSet, type, ofType));
      } else if (selection.name.value !== '__typename') {
        policy = narrower(policy, this.#ofField(selection, parent, inherited));
      }
    }
    return policy;
  }

  #ofField({ name, selectionSet }: FieldNode, parent: GraphQLNamedType | undefined, inherited: HintedPolicy) {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return UNSAID;
    const hint = this.#hints.get(`${parent.name}.${name.value}`);
    const field = parent.getFields()[name.value];
    const returned = field && getNamedType(field.type);
    const ofType = returned && isCompositeType(returned) ? this.#hints.get(returned.name) : undefined;
    const scopes = [hint?.scope, ofType?.scope];
    const scope = scopes.includes('PRIVATE') ? 'PRIVATE' : (scopes.find((said) => said) ?? inherited.scope);
    if (!returned || !selectionSet || !isCompositeType(returned))
      return { maxAgeSeconds: hint?.maxAgeSeconds ?? inherited.maxAgeSeconds, scope };
    const maxAgeSeconds =
      hint?.maxAgeSeconds ?? (hint?.inheritMaxAge ? inherited.maxAgeSeconds : ofType?.maxAgeSeconds);
    const own = { maxAgeSeconds, scope };
    return narrower(own, this.ofSelections(selectionSet, returned, own));
  }
}

function policyOf(hint: CacheHint | undefined): HintedPolicy {
  return { maxAgeSeconds: hint?.maxAgeSeconds, scope: hint?.scope };
}

/** What must not be remembered counts before what is not said, and that before any age. */
function narrower(one: HintedPolicy, other: HintedPolicy): HintedPolicy {
  const ages = [one.maxAgeSeconds, other.maxAgeSeconds];
  const maxAgeSeconds = ages.includes(0)
    ? 0
    : ages.includes(undefined)
      ? undefined
      : Math.min(one.maxAgeSeconds!, other.maxAgeSeconds!);
  const scopes = [one.scope, other.scope];
  const scope = scopes.includes('PRIVATE') ? 'PRIVATE' : scopes.includes(undefined) ? undefined : 'PUBLIC';
  return { maxAgeSeconds, scope };
}
