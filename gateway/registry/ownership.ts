import {
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  valueFromASTUntyped,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import type { SubgraphSource } from '../supergraph/composition.ts';
import type { PublishedSubgraph } from './version.ts';

/** Something in a subgraph by which its department would change what is another's. */
export interface Trespass {
  readonly code: 'OVERRIDES_ANOTHERS_FIELD' | 'HIDES_ANOTHERS_FIELD';
  readonly message: string;
  /** `Type.field` */
  readonly coordinate: string;
  readonly line: number;
  readonly advice: string;
}

/** What decides whose a field is. */
export interface Ownership {
  /** The subgraphs before, with their owners. */
  subgraphs: readonly PublishedSubgraph[];
  /** Their schemas, by name. */
  schemas: ReadonlyMap<string, string>;
  /** The API before and after. */
  before: GraphQLSchema | undefined;
  after: GraphQLSchema;
}

/** How a subgraph would take away what is another department's: by taking its field over, or by hiding it from everybody. */
export function findTrespasses(changed: SubgraphSource & { owner: string }, ownership: Ownership): Trespass[] {
  const document = parse(changed.sdl);
  return [...findOverrides(document, changed.owner, ownership), ...findHidden(document, changed, ownership)];
}

function findOverrides(document: DocumentNode, owner: string, { subgraphs }: Ownership): Trespass[] {
  return fieldsOf(document).flatMap(({ coordinate, node, line }) => {
    const directive = node.directives?.find(({ name }) => name.value === 'override');
    const from = directive?.arguments?.find(({ name }) => name.value === 'from');
    const other = subgraphs.find(({ name }) => from && name === valueFromASTUntyped(from.value));
    if (!other || other.owner === owner) return [];
    const message = `${coordinate} is of department ${other.owner}, and @override(from: "${other.name}") takes it over.`;
    const advice = `Have ${other.owner} agree: an administrator of the registry publishes it for both.`;
    return [{ code: 'OVERRIDES_ANOTHERS_FIELD' as const, message, coordinate, line, advice }];
  });
}

function findHidden(
  document: DocumentNode,
  { name, owner }: { name: string; owner: string },
  { subgraphs, schemas, before, after }: Ownership,
): Trespass[] {
  const others = subgraphs.filter((each) => each.name !== name && each.owner !== owner);
  return fieldsOf(document).flatMap(({ coordinate, line }) => {
    if (!has(before, coordinate) || has(after, coordinate)) return [];
    const other = others.find((each) => definesField(schemas.get(each.name), coordinate));
    if (!other) return [];
    const message = `${coordinate} is of department ${other.owner} too, and would be seen by nobody any more.`;
    const advice = `Take @inaccessible from it in ${name}, or define no such field there.`;
    return [{ code: 'HIDES_ANOTHERS_FIELD' as const, message, coordinate, line, advice }];
  });
}

function definesField(sdl: string | undefined, coordinate: string): boolean {
  return sdl !== undefined && fieldsOf(parse(sdl)).some((field) => field.coordinate === coordinate);
}

function fieldsOf(document: DocumentNode) {
  return document.definitions.flatMap((definition) => {
    const isObject =
      definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
      definition.kind === Kind.OBJECT_TYPE_EXTENSION ||
      definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
    if (!isObject) return [];
    return (definition.fields ?? []).map((node) => ({
      coordinate: `${definition.name.value}.${node.name.value}`,
      node,
      line: node.loc?.startToken.line ?? 1,
    }));
  });
}

function has(schema: GraphQLSchema | undefined, coordinate: string): boolean {
  const [typeName = '', fieldName = ''] = coordinate.split('.');
  const type = schema?.getType(typeName);
  return (isObjectType(type) || isInterfaceType(type)) && type.getFields()[fieldName] !== undefined;
}
