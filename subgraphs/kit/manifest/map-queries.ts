import {
  getNamedType,
  isListType,
  isNonNullType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
} from 'graphql';
import type { KeyValue, Order } from '../record-source.ts';
import { mapFilters } from './map-filters.ts';
import { askedScope, type MappingInput } from './map-types.ts';
import type { QueryMapping } from './manifest.ts';
import type { AskedValue, Faults, KeyPlan, QueryPlan, TypePlan } from './mapping.ts';
import { placeOf } from '../sdl-files.ts';
import { suggestion } from './strict-object.ts';

/** What is known while one field of Query is mapped. */
interface QueryScope {
  input: MappingInput;
  faults: Faults;
  field: GraphQLField<unknown, unknown>;
  mapping: QueryMapping;
  type: TypePlan;
}

/** Maps every field of Query that the department's code does not answer. */
export function mapQueries(
  input: MappingInput,
  faults: Faults,
  types: ReadonlyMap<string, TypePlan>,
): Map<string, QueryPlan> {
  const { manifest, sdl, yaml } = input;
  const fields = sdl.schema.getQueryType()?.getFields() ?? {};
  for (const name of Object.keys(manifest.queries))
    if (!fields[name])
      faults.add(yaml.place(['queries', name]), `Query has no field ${name}${suggestion(name, Object.keys(fields))}`);
  const queries = new Map<string, QueryPlan>();
  for (const field of Object.values(fields)) {
    if (field.name.startsWith('_') || input.isSpecial('Query', field.name)) continue;
    const mapping = manifest.queries[field.name] ?? { arguments: {} };
    const type = types.get(getNamedType(field.type).name);
    const plan = type?.collection === undefined ? undefined : mapQuery({ input, faults, field, mapping, type });
    if (plan) queries.set(field.name, plan);
    else if (type?.collection === undefined) faults.add(placeOf(field.astNode), nothingAnswers(field.name));
  }
  return queries;
}

function nothingAnswers(field: string): string {
  return `nothing answers Query.${field}: give its type a collection ("from") in the manifest, or answer it in the department's code`;
}

function mapQuery(scope: QueryScope): QueryPlan | undefined {
  const { field, type, mapping } = scope;
  if (isListType(isNonNullType(field.type) ? field.type.ofType : field.type)) return mapPage(scope);
  const names = field.args.map(({ name }) => name);
  const key = type.keys.find(({ parts }) =>
    sameNames(
      parts.map((part) => part.field),
      names,
    ),
  );
  if (key && mapping.from === undefined) return { kind: 'get', type: type.name, key, from: undefined };
  if (mapping.from !== undefined)
    return { kind: 'get', type: type.name, key: keyOfArguments(scope), from: mapping.from };
  scope.faults.add(
    placeOf(field.astNode),
    `the arguments of Query.${field.name} are no key of ${type.name}; name a collection that has them ("from"), or answer it in the department's code`,
  );
  return undefined;
}

/** Arguments as a key of another collection: each the column of its name, unless the manifest has another. */
function keyOfArguments({ field, mapping }: QueryScope): KeyPlan {
  const parts = field.args.map(({ name }) => {
    const { column = name, pattern, says } = mapping.arguments[name] ?? {};
    return { field: name, column, pattern, says, write: (value: KeyValue) => value };
  });
  return { parts, columns: parts.map(({ column }) => column) };
}

function sameNames(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}

function mapPage(query: QueryScope): QueryPlan | undefined {
  const { input, faults, field, mapping, type } = query;
  const [key] = type.keys;
  const orderBy = withKey(mapping.orderBy ?? [], key);
  if (orderBy.length === 0)
    return faults.add(placeOf(field.astNode), `Query.${field.name} has no order: ${type.name} has no key`);
  const argument = (name: string): GraphQLArgument | undefined => field.args.find((each) => each.name === name);
  const { max, default: fallback, argument: sizeName } = mapping.first ?? { max: 100, argument: 'first' };
  const first = argument(sizeName);
  const said = fallback ?? (typeof first?.defaultValue === 'number' ? first.defaultValue : 20);
  const scope = {
    ...askedScope(input, type.name),
    ...{ owner: `Query.${field.name}`, said: mapping.arguments, faults },
    type: getNamedType(field.type) as GraphQLObjectType,
    placeOf: (name: string) => input.yaml.place(['queries', field.name, 'arguments', name]),
    isSpecial: (name: string) => input.isSpecial(type.name, name),
  };
  return {
    kind: 'page',
    type: type.name,
    orderBy,
    first: first && { argument: sizeName, fallback: said, max },
    after: argument('after') && mapAfter(query, orderBy, key),
    where: mapFilters(scope, field, [sizeName, 'after']),
  };
}

/** The key tells rows apart that are else the same, so that none is left out between two pages. */
function withKey(orderBy: readonly Order[], key: KeyPlan | undefined): Order[] {
  const more = (key?.columns ?? []).filter((column) => !orderBy.some((order) => order.column === column));
  return [...orderBy, ...more.map((column) => ({ column, descending: false }))];
}

function mapAfter(
  { input, faults, field, type }: QueryScope,
  orderBy: readonly Order[],
  key: KeyPlan | undefined,
): AskedValue | undefined {
  if (key?.parts.length === 1 && orderBy.length === 1) return key.parts[0];
  faults.add(
    input.yaml.place(['queries', field.name]),
    `Query.${field.name} has an argument after, which names a record by its key: so it must be in the order of one key of ${type.name} and nothing else`,
  );
  return undefined;
}
