import {
  GraphQLError,
  Kind,
  parse,
  print,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type NamedTypeNode,
  type TypeNode,
} from 'graphql';
import { isFieldsDefinition, type FieldsDefinition } from './join-directives.ts';
import type { ContractRule } from './kept-contracts.ts';
import { buildSupergraph, SupergraphError, type ServedSupergraph } from './load.ts';
import { withPurposeDirective } from './purpose-directive.ts';

/**
 * A supergraph of which clients see a part. All else is as it is: it is planned, fetched and decided about by the whole.
 * @throws SupergraphError where nothing is left, or what is left is no schema
 */
export function contractOf(supergraph: ServedSupergraph, name: string, rule: ContractRule): ServedSupergraph {
  return { ...supergraph, apiSchema: withPurposeDirective(contractApi(supergraph.sdl, name, rule)) };
}

/** What clients see of a part of a graph. @throws SupergraphError as {@link contractOf} */
export function contractApi(supergraphSdl: string, name: string, rule: ContractRule): GraphQLSchema {
  const document = parse(supergraphSdl, { noLocation: true });
  const hidden = new HiddenElements(document, rule);
  try {
    return buildSupergraph(print(withInaccessible(document, hidden)))
      .apiSchema()
      .toGraphQLJSSchema();
  } catch (error) {
    if (!(error instanceof SupergraphError || error instanceof GraphQLError)) throw error;
    throw new SupergraphError(`The contract ${name} leaves no whole schema: ${error.message}`, { cause: error });
  }
}

/** What a contract hides, and what cannot be shown without it. */
class HiddenElements {
  /** Types by name, and fields as `Type.field`. */
  readonly #hidden = new Set<string>();
  readonly #types: readonly FieldsDefinition[];

  constructor(document: DocumentNode, { include, exclude }: ContractRule) {
    this.#types = document.definitions.filter(isFieldsDefinition);
    const isExcluded = (element: Tagged): boolean => hasTag(element, exclude);
    const isIncluded = (element: Tagged): boolean => include.length === 0 || hasTag(element, include);
    for (const definition of document.definitions)
      if ('name' in definition && 'directives' in definition && isExcluded(definition as Tagged))
        this.#hidden.add(definition.name.value);
    for (const type of this.#types)
      for (const field of type.fields ?? [])
        if (isExcluded(field) || !(isIncluded(type) || isIncluded(field))) this.#hidden.add(coordinate(type, field));
    let size = -1;
    while (size !== this.#hidden.size) {
      size = this.#hidden.size;
      this.#hideWhatFollows();
    }
  }

  hides(typeName: string, fieldName?: string): boolean {
    return this.#hidden.has(fieldName === undefined ? typeName : `${typeName}.${fieldName}`);
  }

  #hideWhatFollows(): void {
    for (const type of this.#types) {
      for (const field of type.fields ?? []) if (this.#mustHide(type, field)) this.#hidden.add(coordinate(type, field));
      const fields = type.fields ?? [];
      if (fields.every((field) => this.#hidden.has(coordinate(type, field)))) this.#hidden.add(type.name.value);
    }
  }

  /** What gives a hidden type; and an interface's field that one of its types does not show. */
  #mustHide(type: FieldsDefinition, field: FieldDefinitionNode): boolean {
    if (this.#hidden.has(type.name.value) || this.#hidden.has(namedTypeOf(field.type).name.value)) return true;
    if (type.kind !== Kind.INTERFACE_TYPE_DEFINITION) return false;
    const behind = this.#types.filter(({ interfaces = [] }) =>
      interfaces.some(({ name }) => name.value === type.name.value),
    );
    const shown = behind.filter(({ name }) => !this.#hidden.has(name.value));
    return shown.some((each) => this.#hidden.has(`${each.name.value}.${field.name.value}`));
  }
}

interface Tagged {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

function hasTag({ directives = [] }: Tagged, tags: readonly string[]): boolean {
  return directives.some(({ name, arguments: args = [] }) => {
    if (name.value !== 'tag') return false;
    const given = args.find((each) => each.name.value === 'name');
    return given !== undefined && tags.includes(String(valueFromASTUntyped(given.value)));
  });
}

function coordinate(type: FieldsDefinition, field: FieldDefinitionNode): string {
  return `${type.name.value}.${field.name.value}`;
}

function namedTypeOf(type: TypeNode): NamedTypeNode {
  return type.kind === Kind.NAMED_TYPE ? type : namedTypeOf(type.type);
}

const INACCESSIBLE: ConstDirectiveNode = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'inaccessible' } };
/** What the feature is, where the supergraph does not have it. @see https://specs.apollo.dev/inaccessible/v0.2 */
const FEATURE = parse(
  `extend schema @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
   directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION`,
  { noLocation: true },
).definitions;

function withInaccessible(document: DocumentNode, hidden: HiddenElements): DocumentNode {
  const definitions = document.definitions.map((definition) => withHidden(definition, hidden));
  const isThere = definitions.some(
    ({ kind, ...rest }) =>
      kind === Kind.DIRECTIVE_DEFINITION && (rest as { name: { value: string } }).name.value === 'inaccessible',
  );
  if (isThere) return { ...document, definitions };
  const [extension, directive] = FEATURE as [DefinitionNode & Tagged, DefinitionNode];
  const linked = definitions.map((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION
      ? { ...definition, directives: [...(definition.directives ?? []), ...(extension.directives ?? [])] }
      : definition,
  );
  return { ...document, definitions: [...linked, directive] };
}

function withHidden(definition: DefinitionNode, hidden: HiddenElements): DefinitionNode {
  if (!('name' in definition) || definition.kind === Kind.DIRECTIVE_DEFINITION) return definition;
  const typeName = definition.name.value;
  const whole = hidden.hides(typeName) ? hide(definition as DefinitionNode & Tagged) : definition;
  if (!isFieldsDefinition(whole)) return whole;
  const fields = whole.fields?.map((field) => (hidden.hides(typeName, field.name.value) ? hide(field) : field));
  return { ...whole, ...(fields && { fields }) };
}

function hide<Element extends Tagged>(element: Element): Element {
  const { directives = [] } = element;
  const isHidden = directives.some(({ name }) => name.value === 'inaccessible');
  return isHidden ? element : { ...element, directives: [...directives, INACCESSIBLE] };
}
