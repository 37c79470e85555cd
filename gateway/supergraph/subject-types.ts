import {
  isObjectType,
  Kind,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
} from 'graphql';
import type { AccessConditions } from './access-conditions.ts';
import { fieldsDefinitions, JoinDirective, parseFieldSet } from './join-directives.ts';

/** Names of a key's fields, in their order; only of keys whose fields have none of their own. */
export type FlatKey = readonly string[];

/** The flat keys by which entities can be asked for, by type, as departments have them. */
export type EntityKeys = ReadonlyMap<string, readonly FlatKey[]>;

/** Reads the keys of a supergraph's entities that are resolvable and flat; the first a department has comes first. */
export function readEntityKeys(supergraph: DocumentNode): EntityKeys {
  const found = new Map<string, FlatKey[]>();
  for (const type of fieldsDefinitions(supergraph).values())
    if (type.kind === Kind.OBJECT_TYPE_DEFINITION) found.set(type.name.value, flatKeys(type));
  return found;
}

function flatKeys(type: { readonly directives?: readonly ConstDirectiveNode[] | undefined }): FlatKey[] {
  const keys = new Map<string, FlatKey>();
  for (const { key, isResolvable } of JoinDirective.of(type, 'join__type')) {
    const names = key !== undefined && isResolvable ? flatFields(key) : undefined;
    if (names) keys.set(names.join(' '), names);
  }
  return [...keys.values()];
}

function flatFields(fieldSet: string): FlatKey | undefined {
  const { selections } = parseFieldSet(fieldSet);
  const names = selections.flatMap((node) => (node.kind === Kind.FIELD && !node.selectionSet ? node.name.value : []));
  return names.length === selections.length ? names.toSorted((one, other) => (one < other ? -1 : 1)) : undefined;
}

/** A type of entities that requests are about. */
export interface SubjectType {
  /** What they are named by: the first of these that is known of an entity. */
  readonly keys: readonly FlatKey[];
  /** The fields of the first key, to be asked for wherever such an entity is. The same nodes each time. */
  readonly fields: readonly FieldNode[];
}

/** The types of entities that requests are about, by name. */
export type SubjectTypes = ReadonlyMap<string, SubjectType>;

/** What finding them depends on. */
export interface SubjectSource {
  apiSchema: GraphQLSchema;
  entityKeys: EntityKeys;
  access: AccessConditions;
}

/**
 * The types of entities that requests are about: those with a field that has an access class, and those that callers are or act for.
 * These are named by the key that is called as the claim is, so that callers find themselves; others by the first key there is, in the
 * order of the departments' names. An entity without a flat key that clients may know of has no name.
 *
 * @param claims which type of entity a claim holds the key of, by the claim's name
 */
export function subjectTypes(
  { apiSchema, entityKeys, access }: SubjectSource,
  claims: Readonly<Record<string, string>>,
): SubjectTypes {
  const names = new Set([...classedTypes(access), ...Object.values(claims)]);
  const found = new Map<string, SubjectType>();
  for (const name of names) {
    const type = apiSchema.getType(name);
    const fields = isObjectType(type) ? type.getFields() : {};
    const keys = (entityKeys.get(name) ?? []).filter((key) => key.every((field) => field in fields));
    const claimed = (key: FlatKey): boolean => key.length === 1 && claims[key[0]!] === name;
    keys.sort((one, other) => Number(claimed(other)) - Number(claimed(one)));
    const [first] = keys;
    if (first) found.set(name, { keys, fields: first.map(fieldNode) });
  }
  return found;
}

function classedTypes({ byField, conditions }: AccessConditions): string[] {
  return [...byField].flatMap(([coordinate, numbers]) =>
    numbers.some((number) => conditions[number]!.kind === 'class') ? coordinate.slice(0, coordinate.indexOf('.')) : [],
  );
}

function fieldNode(name: string): FieldNode {
  return { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } };
}

/** Finds the fields of the first key that are all among some fields; undefined where none is. */
export function keyAmong<Field extends { readonly node: FieldNode }>(
  { keys }: SubjectType,
  fields: readonly Field[],
): Field[] | undefined {
  for (const key of keys) {
    const found = key.flatMap(
      (name) => fields.find(({ node }) => node.name.value === name && !hasArguments(node)) ?? [],
    );
    if (found.length === key.length) return found;
  }
  return undefined;
}

function hasArguments({ arguments: given = [] }: FieldNode): boolean {
  return given.length > 0;
}
