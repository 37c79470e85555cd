import {
  isTypeDefinitionNode,
  isTypeExtensionNode,
  type DirectiveNode,
  type DocumentNode,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  type TypeNode,
} from 'graphql';

/** What is known of the graph that a department joins. */
export interface KnownGraph {
  /** Names that types of it have. */
  types: ReadonlySet<string>;
  /** Fields of its Query. */
  rootFields: ReadonlySet<string>;
  /** Types that other departments can lead to, each by a key of one field. */
  entities: readonly KnownEntity[];
  /** Whether a type `Provenance` of the kit's fields may be defined beside those that there are. */
  sharesProvenance: boolean;
}

/** A type with a key of one field. */
export interface KnownEntity {
  type: string;
  key: string;
  /** The key's type as SDL has it, without the exclamation mark: `ID`. */
  keyType: string;
  description: string;
  /** Its fields, of all departments. */
  fields: ReadonlySet<string>;
}

type ObjectNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;

/** What is known where there is no graph. */
export const NO_GRAPH: KnownGraph = { types: new Set(), rootFields: new Set(), entities: [], sharesProvenance: true };

/** Reads subgraphs' SDLs, or the one document of a supergraph. */
export function readKnownGraph(documents: readonly DocumentNode[]): KnownGraph {
  const definitions = documents.flatMap((document) => document.definitions);
  const objects = definitions.filter(
    (each): each is ObjectNode => each.kind === 'ObjectTypeDefinition' || each.kind === 'ObjectTypeExtension',
  );
  const types = definitions.flatMap((each) =>
    isTypeDefinitionNode(each) || isTypeExtensionNode(each) ? [each.name.value] : [],
  );
  const query = objects.filter(({ name }) => name.value === 'Query');
  const provenance = objects.filter(({ name }) => name.value === 'Provenance');
  const entities = new Map(objects.flatMap(entitiesOf).map((entity) => [`${entity.type}.${entity.key}`, entity]));
  const whole = [...entities.values()].map((entity): KnownEntity => {
    const parts = objects.filter(({ name }) => name.value === entity.type);
    const described = parts.flatMap((part) =>
      part.kind === 'ObjectTypeDefinition' && part.description ? [part.description.value] : [],
    );
    const fields = parts.flatMap((part) => (part.fields ?? []).map(({ name }) => name.value));
    return { ...entity, description: described[0] ?? '', fields: new Set(fields) };
  });
  return {
    types: new Set(types),
    rootFields: new Set(query.flatMap(({ fields = [] }) => fields.map(({ name }) => name.value))),
    entities: whole,
    sharesProvenance: provenance.every(isShareable),
  };
}

/** Keys stand in `@key` of a subgraph, and in `@join__type` of a supergraph. */
function entitiesOf({
  name,
  directives = [],
  fields = [],
}: ObjectNode): Pick<KnownEntity, 'type' | 'key' | 'keyType'>[] {
  return directives
    .filter((directive) => ['key', 'federation__key', 'join__type'].includes(directive.name.value))
    .flatMap((directive) => {
      const key = textArgument(directive, 'fields') ?? textArgument(directive, 'key');
      const field = fields.find((each) => each.name.value === key?.trim());
      return field ? [{ type: name.value, key: field.name.value, keyType: namedType(field.type) }] : [];
    });
}

function textArgument({ arguments: args = [] }: DirectiveNode, name: string): string | undefined {
  const value = args.find((argument) => argument.name.value === name)?.value;
  return value?.kind === 'StringValue' ? value.value : undefined;
}

function namedType(type: TypeNode): string {
  return type.kind === 'NamedType' ? type.name.value : namedType(type.type);
}

/** In a supergraph nothing says it but that it is of several departments; then each of them shares it. */
function isShareable({ directives = [] }: ObjectNode): boolean {
  return (
    directives.some(({ name }) => name.value === 'shareable') ||
    directives.some(({ name }) => name.value === 'join__type')
  );
}
