import { Kind, type FragmentDefinitionNode, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import { refuse, type Refusal } from '../errors.ts';

/** Upper bounds on one operation, counted with every fragment spread out. */
export interface OperationLimits {
  /** Tokens of the text, checked while parsing. */
  maxTokens: number;
  /** Fields one inside the other. */
  maxDepth: number;
  /** Fields that are given another name. */
  maxAliases: number;
  /** Fields of the root type. */
  maxRootFields: number;
  /** Fields at every level. */
  maxFields: number;
}

/** What an operation amounts to; a circle of fragments counts once, for validation explains it. */
interface Size {
  depth: number;
  aliases: number;
  fields: number;
  ownFields: number;
}

/**
 * Checks an operation against the limits, before anything that is more than linear in its size runs.
 * Each fragment is measured once, so nested spreads that would unfold to billions of fields are counted in no time.
 */
export function checkLimits(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  limits: OperationLimits,
): Refusal | undefined {
  const size = new Measure(fragments).selectionSet(operation.selectionSet);
  if (size.depth > limits.maxDepth) return refuse('MAX_DEPTH_LIMIT', say(size.depth, limits.maxDepth));
  if (size.aliases > limits.maxAliases) return refuse('MAX_ALIASES_LIMIT', say(size.aliases, limits.maxAliases));
  if (size.ownFields > limits.maxRootFields)
    return refuse('MAX_ROOT_FIELDS_LIMIT', say(size.ownFields, limits.maxRootFields));
  if (size.fields > limits.maxFields) return refuse('MAX_FIELDS_LIMIT', say(size.fields, limits.maxFields));
  return undefined;
}

function say(found: number, allowed: number): string {
  return `Found ${found}, allowed ${allowed}.`;
}

class Measure {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #known = new Map<string, Size>();

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  selectionSet(node: SelectionSetNode): Size {
    const size: Size = { depth: 0, aliases: 0, fields: 0, ownFields: 0 };
    for (const selection of node.selections) {
      if (selection.kind === Kind.FIELD) {
        const inner = selection.selectionSet ? this.selectionSet(selection.selectionSet) : EMPTY;
        size.depth = Math.max(size.depth, inner.depth + 1);
        size.aliases += inner.aliases + (selection.alias ? 1 : 0);
        size.fields += inner.fields + 1;
        size.ownFields += 1;
        continue;
      }
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? this.selectionSet(selection.selectionSet)
          : this.#fragment(selection.name.value);
      size.depth = Math.max(size.depth, inner.depth);
      size.aliases += inner.aliases;
      size.fields += inner.fields;
      size.ownFields += inner.ownFields;
    }
    return size;
  }

  #fragment(name: string): Size {
    const known = this.#known.get(name);
    if (known) return known;
    const fragment = this.#fragments.get(name);
    if (!fragment) return EMPTY;
    // Whatever meets this fragment again while it is being measured is part of a circle.
    this.#known.set(name, EMPTY);
    const size = this.selectionSet(fragment.selectionSet);
    this.#known.set(name, size);
    return size;
  }
}

const EMPTY: Size = { depth: 0, aliases: 0, fields: 0, ownFields: 0 };
