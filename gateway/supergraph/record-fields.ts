import { Kind, type DocumentNode, type FieldDefinitionNode, type FieldNode } from 'graphql';
import {
  fieldsDefinitions,
  eachRequiredField,
  JoinDirective,
  namedType,
  parseFieldSet,
  type FieldsDefinition,
} from './join-directives.ts';
import { readJoinedDirectives } from './joined-directives.ts';

/** What a supergraph says of its records: which fields can be asked for of one record alone, and what leads from a record to others. */
export interface RecordFields {
  /**
   * Whether a field can be asked for of some records of its type and not of others: every department that gives it can be asked by a
   * key of the type, and the field is no part of a key, be it of another type. Nor is it an object that a department requires: the planner
   * takes what objects below it require along with it.
   */
  isSeparate(typeName: string, fieldName: string): boolean;
  /**
   * The coordinates of the fields that a path such as `enterprise.uscc` leads through, for each type that objects may have there; undefined
   * where it does not lead to a value, or needs arguments.
   */
  follow(typeName: string, path: string): readonly string[] | undefined;
  /** A field that a key of a type consists of; undefined where there is none. */
  keyOf(typeName: string): string | undefined;
  /** Whether a field can be asked for in several ways. */
  hasArguments(typeName: string, fieldName: string): boolean;
  /** By type, of those that are groups: the field with the number of members, `@aggregate(count:)`. */
  readonly groupCounts: ReadonlyMap<string, string>;
}

/** Reads what a supergraph says of its records. */
export function readRecordFields(supergraph: DocumentNode): RecordFields {
  const types = fieldsDefinitions(supergraph);
  const leaves = new Set(
    supergraph.definitions.flatMap((definition) =>
      definition.kind === Kind.ENUM_TYPE_DEFINITION || definition.kind === Kind.SCALAR_TYPE_DEFINITION
        ? [definition.name.value]
        : [],
    ),
  );
  for (const name of ['ID', 'String', 'Int', 'Float', 'Boolean']) leaves.add(name);
  const keyFields = readKeyFields(types);
  const requiredObjects = readRequiredObjects(types);
  const groups = readJoinedDirectives(supergraph, 'aggregate').map(
    ({ element, args }) => [element, String(args['count'])] as const,
  );
  return {
    isSeparate: (typeName, fieldName) =>
      !keyFields.has(`${typeName}.${fieldName}`) &&
      !requiredObjects.has(`${typeName}.${fieldName}`) &&
      isSeparate(types.get(typeName), fieldName),
    follow: (typeName, path) => follow(typeName, path.split('.'), { types, leaves }),
    keyOf: (typeName) => singleKeyOf(types.get(typeName)),
    hasArguments: (typeName, fieldName) => (findField(types.get(typeName), fieldName)?.arguments?.length ?? 0) > 0,
    groupCounts: new Map(groups),
  };
}

/** `Type.field` of everything that a key names, at whatever depth. */
function readKeyFields(types: ReadonlyMap<string, FieldsDefinition>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const type of types.values())
    for (const { key } of JoinDirective.of(type, 'join__type')) addNamed([type, key], types, found);
  return found;
}

/** `Type.field` of the fields with fields below them that a requirement names. */
function readRequiredObjects(types: ReadonlyMap<string, FieldsDefinition>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const type of types.values())
    for (const field of type.fields ?? [])
      for (const { requires } of JoinDirective.of(field, 'join__field'))
        addNamed([type, requires], types, found, ({ selectionSet }) => selectionSet !== undefined);
  return found;
}

/** Adds the coordinates of what a field set names, for each type that objects may have there. @param counts Default: all */
function addNamed(
  [type, fieldSet]: readonly [FieldsDefinition, string | undefined],
  types: ReadonlyMap<string, FieldsDefinition>,
  found: Set<string>,
  counts: (field: FieldNode) => boolean = () => true,
): void {
  if (fieldSet === undefined) return;
  eachRequiredField(parseFieldSet(fieldSet), type.name.value, types, (field, parentName) => {
    if (!counts(field)) return;
    for (const each of withImplementers(parentName, types)) found.add(`${each}.${field.name.value}`);
  });
}

/** A type and, of an interface, the types that objects of it may have. */
function withImplementers(typeName: string, types: ReadonlyMap<string, FieldsDefinition>): string[] {
  const implementing = [...types.values()].filter(({ interfaces = [] }) =>
    interfaces.some(({ name }) => name.value === typeName),
  );
  return [typeName, ...implementing.map(({ name }) => name.value)];
}

function isSeparate(type: FieldsDefinition | undefined, fieldName: string): boolean {
  const field = findField(type, fieldName);
  if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION || !field) return false;
  const joined = JoinDirective.of(type, 'join__type');
  return givers(type, field).every((graph) =>
    joined.some((each) => each.graph === graph && each.key !== undefined && each.isResolvable),
  );
}

/** The graphs of the departments that give a field; absent where it is given through an interface known as an object. */
function givers(type: FieldsDefinition, field: FieldDefinitionNode): (string | undefined)[] {
  const joined = JoinDirective.of(field, 'join__field');
  const giving = joined.filter(({ isExternal, isUsedOverridden }) => !isExternal && !isUsedOverridden);
  return (joined.length > 0 ? giving : JoinDirective.of(type, 'join__type')).map(({ graph }) => graph);
}

interface Following {
  types: ReadonlyMap<string, FieldsDefinition>;
  leaves: ReadonlySet<string>;
}

function follow(typeName: string, [name, ...rest]: readonly string[], following: Following): string[] | undefined {
  const field = findField(following.types.get(typeName), name!);
  if (!field || field.arguments?.length) return undefined;
  const through = withImplementers(typeName, following.types).map((each) => `${each}.${name!}`);
  if (rest.length === 0) return following.leaves.has(namedType(field)) ? through : undefined;
  const below = follow(namedType(field), rest, following);
  return below && [...through, ...below];
}

function singleKeyOf(type: FieldsDefinition | undefined): string | undefined {
  if (!type) return undefined;
  return JoinDirective.of(type, 'join__type').find(({ key }) => key !== undefined && /^\w+$/.test(key))?.key;
}

function findField(type: FieldsDefinition | undefined, fieldName: string): FieldDefinitionNode | undefined {
  return type?.fields?.find(({ name }) => name.value === fieldName);
}
