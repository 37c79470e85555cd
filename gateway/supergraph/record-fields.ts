import { Kind, type DocumentNode, type FieldDefinitionNode } from 'graphql';
import {
  fieldsDefinitions,
  JoinDirective,
  namedType,
  topLevelNames,
  type FieldsDefinition,
} from './join-directives.ts';
import { readJoinedDirectives } from './joined-directives.ts';

/** What a supergraph says of its records: which fields can be asked for of one record alone, and what leads from a record to others. */
export interface RecordFields {
  /**
   * Whether a field can be asked for of some records of its type and not of others: every department that gives it can be asked by a
   * key of the type, and the field is no part of a key.
   */
  isSeparate(typeName: string, fieldName: string): boolean;
  /**
   * The coordinates of the fields that a path such as `enterprise.uscc` leads through, the first being one of the type; undefined
   * where it does not lead to a value, or needs arguments.
   */
  follow(typeName: string, path: string): readonly string[] | undefined;
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
  const groups = readJoinedDirectives(supergraph, 'aggregate').map(
    ({ element, args }) => [element, String(args['count'])] as const,
  );
  return {
    isSeparate: (typeName, fieldName) => isSeparate(types.get(typeName), fieldName),
    follow: (typeName, path) => follow(typeName, path.split('.'), { types, leaves }),
    hasArguments: (typeName, fieldName) => (findField(types.get(typeName), fieldName)?.arguments?.length ?? 0) > 0,
    groupCounts: new Map(groups),
  };
}

function isSeparate(type: FieldsDefinition | undefined, fieldName: string): boolean {
  const field = findField(type, fieldName);
  if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION || !field) return false;
  const joined = JoinDirective.of(type, 'join__type');
  if (joined.some(({ key }) => key !== undefined && topLevelNames(key).includes(fieldName))) return false;
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
  const coordinate = `${typeName}.${name!}`;
  if (rest.length === 0) return following.leaves.has(namedType(field)) ? [coordinate] : undefined;
  const below = follow(namedType(field), rest, following);
  return below && [coordinate, ...below];
}

function findField(type: FieldsDefinition | undefined, fieldName: string): FieldDefinitionNode | undefined {
  return type?.fields?.find(({ name }) => name.value === fieldName);
}
