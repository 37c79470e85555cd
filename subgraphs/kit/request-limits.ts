import {
  GraphQLError,
  type ASTVisitor,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** Fields inside fields. What gateways ask for is a few deep. */
const MAX_DEPTH = 30;
/** Fields of an operation, each fragment as often as it is spread. */
const MAX_FIELDS = 10_000;

/** What an operation comes to. */
interface Size {
  depth: number;
  fields: number;
}

/**
 * Refuses operations that are too deep or have too many fields, whoever asks. Fragments are measured once, so that one that spreads
 * others many times is refused as quickly as it is read.
 */
export const requestLimits: ValidationRule = (context: ValidationContext): ASTVisitor => {
  const measured = new Map<string, Size>();
  return {
    OperationDefinition({ selectionSet }) {
      const { depth, fields } = measure(selectionSet, context, measured);
      const report = (message: string): void =>
        context.reportError(new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } }));
      if (depth > MAX_DEPTH) report(`The operation is ${depth} fields deep; it may be ${MAX_DEPTH} at most.`);
      if (fields > MAX_FIELDS) report(`The operation has more than ${MAX_FIELDS} fields.`);
    },
  };
};

function measure(selectionSet: SelectionSetNode, context: ValidationContext, measured: Map<string, Size>): Size {
  const size: Size = { depth: 0, fields: 0 };
  for (const selection of selectionSet.selections) {
    const inner =
      selection.kind === 'FragmentSpread'
        ? measureFragment(selection.name.value, context, measured)
        : selection.selectionSet
          ? measure(selection.selectionSet, context, measured)
          : { depth: 0, fields: 0 };
    const own = selection.kind === 'Field' ? 1 : 0;
    size.depth = Math.max(size.depth, inner.depth + own);
    size.fields += inner.fields + own;
  }
  return size;
}

/** A fragment that spreads itself is another rule's to refuse; here it counts nothing. */
function measureFragment(name: string, context: ValidationContext, measured: Map<string, Size>): Size {
  const known = measured.get(name);
  if (known) return known;
  measured.set(name, { depth: 0, fields: 0 });
  const fragment = context.getFragment(name);
  const size = fragment ? measure(fragment.selectionSet, context, measured) : { depth: 0, fields: 0 };
  measured.set(name, size);
  return size;
}
