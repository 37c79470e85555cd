import {
  isListType,
  isNonNullType,
  isObjectType,
  getNamedType,
  isLeafType,
  Kind,
  parse,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

const MAX_LEAVES = 4;

/** Fields of types, by the type's name. */
export type FieldsOfTypes = ReadonlyMap<string, ReadonlySet<string>>;

/** What SDLs define. */
export function fieldsOfTypes(sdls: readonly string[]): FieldsOfTypes {
  const fields = new Map<string, Set<string>>();
  for (const { definitions } of sdls.map((sdl) => parse(sdl, { noLocation: true })))
    for (const definition of definitions) {
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
      const known = fields.get(definition.name.value) ?? new Set();
      for (const { name } of definition.fields ?? []) known.add(name.value);
      fields.set(definition.name.value, known);
    }
  return fields;
}

/**
 * A query that asks a new department for some records, and others for what these lead to; undefined where it has no list.
 *
 * @param schema of the whole graph
 * @param own what the department itself has
 * @param others what the departments that answer have
 */
export function firstQuery(schema: GraphQLSchema, own: FieldsOfTypes, others: FieldsOfTypes): string | undefined {
  const roots = Object.values(schema.getQueryType()?.getFields() ?? {});
  const lists = roots.filter((field) => own.get('Query')?.has(field.name) && isList(field) && isOptional(field));
  const ranked = lists.map((field) => ({ field, ...selectionOf(getNamedType(field.type), own, others) }));
  const best = ranked.find(({ joins }) => joins) ?? ranked[0];
  if (!best) return undefined;
  const first = best.field.args.some(({ name }) => name === 'first') ? '(first: 3)' : '';
  return `{ ${best.field.name}${first} { ${best.text} } }`;
}

function selectionOf(type: unknown, own: FieldsOfTypes, others: FieldsOfTypes): { text: string; joins: boolean } {
  if (!isObjectType(type)) return { text: '__typename', joins: false };
  const joins = Object.values(type.getFields()).flatMap((field) => {
    const target = getNamedType(field.type);
    if (!isObjectType(target) || !isOptional(field) || !own.get(type.name)?.has(field.name)) return [];
    const foreign = leavesOf(target).filter(
      (name) => others.get(target.name)?.has(name) && !own.get(target.name)?.has(name),
    );
    return foreign.length > 0 ? [`${field.name} { ${foreign.slice(0, 2).join(' ')} }`] : [];
  });
  const leaves = leavesOf(type).filter((name) => own.get(type.name)?.has(name));
  const parts = [...leaves.slice(0, MAX_LEAVES), ...joins.slice(0, 1)];
  return { text: parts.join(' ') || '__typename', joins: joins.length > 0 };
}

/** What a person would look at first. */
const TELLING = new Set(['name', 'title', 'label']);

function leavesOf(type: GraphQLObjectType): string[] {
  const fields = Object.values(type.getFields()).filter((field) => isOptional(field) && !isList(field));
  const names = fields.filter((field) => isLeafType(getNamedType(field.type))).map(({ name }) => name);
  return names.toSorted((one, other) => Number(TELLING.has(other)) - Number(TELLING.has(one)));
}

function isList({ type }: GraphQLField<unknown, unknown>): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

/** Whether it can be asked for without saying anything. */
function isOptional({ args }: GraphQLField<unknown, unknown>): boolean {
  return args.every(({ type, defaultValue }) => !isNonNullType(type) || defaultValue !== undefined);
}
