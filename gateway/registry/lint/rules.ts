import { getNamedType, isNonNullType, isSpecifiedScalarType, Kind, type GraphQLSchema, type TypeNode } from 'graphql';
import type { LintRule } from '../../config/registry.ts';
import { argumentOf, directive, directives, keyFields, type Element, type OwnType } from './elements.ts';

/** What rules know beside the element itself. */
export interface LintContext {
  /** The composed graph as clients see it: a description may be another department's. */
  readonly api: GraphQLSchema;
  /** Names of types that another department has as well. */
  readonly othersTypes: ReadonlySet<string>;
  /** Types that a field of this schema gives. */
  readonly ledTo: ReadonlySet<string>;
  /** The department has rules about who may see what. */
  readonly hasRules: boolean;
}

/** What is wrong with an element, and what to do about it. */
type Objection = readonly [message: string, advice: string] | undefined;

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);
/** Arguments by which a list is bounded. */
const BOUNDS = new Set(['first', 'last', 'limit']);
const NAMES = {
  type: [/^[A-Z][A-Za-z0-9]*$/, 'PascalCase'],
  field: [/^[a-z][A-Za-z0-9]*$/, 'camelCase'],
  enumValue: [/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/, 'UPPER_CASE'],
} as const;

/** What a schema should keep, by rule. */
export const RULES: Readonly<Record<LintRule, (element: Element, context: LintContext) => Objection>> = {
  'types-have-descriptions': ({ kind, node }, { api }) => {
    if (kind !== 'type' || node.kind.endsWith('Extension') || ROOTS.has(node.name.value)) return undefined;
    const { description } = { description: undefined, ...node };
    if (description?.value || api.getType(node.name.value)?.description) return undefined;
    return [`Nothing says what ${node.name.value} is.`, 'Say it in a "…" above it: others find it by these words.'];
  },
  'fields-have-descriptions': ({ kind, node, type, coordinate }, { api }) => {
    if ((kind !== 'field' && kind !== 'inputField') || node.description?.value || keyFields(type).has(node.name.value))
      return undefined;
    const known = api.getType(type.name.value);
    if (known && 'getFields' in known && known.getFields()[node.name.value]?.description) return undefined;
    return [`Nothing says what ${coordinate} is.`, 'Say it in a "…" above it, with unit and origin where it has them.'];
  },
  'type-names-are-pascal-case': (element) => (element.kind === 'type' ? misnamed(element, NAMES.type) : undefined),
  'field-names-are-camel-case': (element) =>
    element.kind === 'type' || element.kind === 'enumValue' ? undefined : misnamed(element, NAMES.field),
  'enum-values-are-upper-case': (element) =>
    element.kind === 'enumValue' ? misnamed(element, NAMES.enumValue) : undefined,
  'deprecations-have-reasons': ({ kind, node, coordinate }) => {
    const deprecated = kind === 'type' ? undefined : directive(node, 'deprecated');
    const reason = deprecated && argumentOf(deprecated, 'reason');
    if (!deprecated || (typeof reason === 'string' && reason.trim() !== '')) return undefined;
    return [`${coordinate} is deprecated, and nobody is told why.`, 'Give a `reason`: what to ask for instead.'];
  },
  'root-lists-are-bounded': ({ kind, node, type, coordinate }) => {
    if (kind !== 'field' || type.name.value !== 'Query' || !isList(node.type)) return undefined;
    const isBounded = (node.arguments ?? []).some(
      ({ name, type: given }) => BOUNDS.has(name.value) || (given.kind === Kind.NON_NULL_TYPE && isList(given)),
    );
    if (isBounded || directive(node, 'listSize')) return undefined;
    return [`${coordinate} gives a list of any length.`, 'Give it an argument `first: Int = 20`, and a largest value.'];
  },
  'entities-have-resolvable-keys': ({ kind, node, type, coordinate }) => {
    const keys = kind === 'type' ? directives(node, 'key') : [];
    if (keys.length === 0 || keys.some((key) => argumentOf(key, 'resolvable') !== false)) return undefined;
    const own = 'fields' in type ? (type.fields ?? []) : [];
    const given = own.filter((field) => !keyFields(type).has(field.name.value) && !directive(field, 'external'));
    if (given.length === 0) return undefined;
    return [
      `${coordinate} has ${given.map(({ name }) => name.value).join(', ')}, and none of its keys is resolvable.`,
      'Make one of its keys resolvable, so that others can be joined with it.',
    ];
  },
  'contributed-fields-are-nullable': ({ kind, node, type, coordinate }, { othersTypes, ledTo }) => {
    if (kind !== 'field' || node.type.kind !== Kind.NON_NULL_TYPE || !isContributedTo(type, othersTypes, ledTo))
      return undefined;
    if (keyFields(type).has(node.name.value) || directive(node, 'shareable')) return undefined;
    return [
      `${coordinate} is never null, and ${type.name.value} is another department's: where this one does not answer, all of it is lost.`,
      'Make it nullable: what is missing is then a gap, with an error that says whose.',
    ];
  },
  'fields-have-access-classes': ({ kind, node, type, coordinate }, { api, hasRules }) => {
    if (kind !== 'field' || !hasRules || ROOTS.has(type.name.value) || !isLeaf(api, type.name.value, node.name.value))
      return undefined;
    if (directive(node, 'access') || directive(type, 'access') || keyFields(type).has(node.name.value))
      return undefined;
    return [
      `${coordinate} has no class: rules decide about it as "unclassified".`,
      'Say with @access(class: "…") which class it is of.',
    ];
  },
};

function misnamed({ node, coordinate }: Element, [pattern, style]: readonly [RegExp, string]): Objection {
  if (pattern.test(node.name.value)) return undefined;
  return [
    `${coordinate} is not in ${style}.`,
    'Add it under the usual name, deprecate this one, and remove it when nobody asks for it any more.',
  ];
}

function isList(type: TypeNode): boolean {
  return type.kind === Kind.NON_NULL_TYPE ? isList(type.type) : type.kind === Kind.LIST_TYPE;
}

/** Another department has the type, and nothing here leads to it: what it gives stands beside what others give. */
function isContributedTo(type: OwnType, others: ReadonlySet<string>, ledTo: ReadonlySet<string>): boolean {
  const { value: name } = type.name;
  return others.has(name) && !ROOTS.has(name) && !ledTo.has(name) && directive(type, 'key') !== undefined;
}

/** A field whose type has fields is as open as those are. */
function isLeaf(api: GraphQLSchema, typeName: string, fieldName: string): boolean {
  const type = api.getType(typeName);
  if (!type || !('getFields' in type)) return false;
  const given = type.getFields()[fieldName]?.type;
  if (!given) return false;
  const named = getNamedType(isNonNullType(given) ? given.ofType : given);
  return isSpecifiedScalarType(named) || !('getFields' in named || 'getTypes' in named);
}
