import type { GraphQLArgument, GraphQLField, GraphQLObjectType } from 'graphql';
import { placeOf } from '../sdl-files.ts';
import { canAskBy, columnOf, writerOf, type AskedScope } from './asked-values.ts';
import { leafReader } from './leaf-values.ts';
import type { QueryMapping } from './manifest.ts';
import type { Faults, FilterPlan } from './mapping.ts';
import { suggestion } from './strict-object.ts';

/** What is known of a list whose arguments narrow it. */
export interface FilterScope extends AskedScope {
  /** `Query.cities`, or `Place.cities`. */
  owner: string;
  /** What it is a list of. */
  type: GraphQLObjectType;
  /** What the manifest says of its arguments. */
  said: QueryMapping['arguments'];
  faults: Faults;
  /** Where that stands. */
  placeOf(argument: string): string;
  /** Whether the department's own code answers a field of the type. */
  isSpecial(field: string): boolean;
}

/** How the arguments of a list narrow it. @param others those that do something else */
export function mapFilters(
  scope: FilterScope,
  { args }: Pick<GraphQLField<unknown, unknown>, 'args'>,
  others: readonly string[],
): FilterPlan[] {
  const names = args.map(({ name }) => name);
  for (const name of Object.keys(scope.said))
    if (!names.includes(name))
      scope.faults.add(scope.placeOf(name), `${scope.owner} has no argument ${name}${suggestion(name, names)}`);
  return args.filter(({ name }) => !others.includes(name)).flatMap((argument) => mapFilter(scope, argument));
}

function mapFilter(scope: FilterScope, argument: GraphQLArgument): FilterPlan[] {
  const { mapping, type, faults, owner } = scope;
  const { name } = argument;
  const said = scope.said[name];
  const place = said ? scope.placeOf(name) : placeOf(argument.astNode);
  const own = mapping.fields[name];
  const { pattern, says } = { ...own, ...withoutUndefined(said) };
  const is = said?.is ?? 'equals';
  const plan = { argument: name, is, pattern, says };
  if (said?.column !== undefined) return [{ ...plan, column: said.column, write: (value) => value }];
  if (!isColumn(scope, name)) {
    faults.add(place, `${type.name} has no field ${name} with a column to narrow ${owner} by; name a column`);
    return [];
  }
  if (!canAskBy(scope, name) || (is !== 'equals' && !scope.sourceConverts && own?.values))
    faults.add(place, `${name} is converted when it is read, and the source cannot be asked by it`);
  return [{ ...plan, column: columnOf(scope, name), write: writerOf(scope, name) }];
}

function isColumn({ type, mapping, isSpecial }: FilterScope, name: string): boolean {
  const field = type.getFields()[name];
  const said = mapping.fields[name];
  const leads = said?.one !== undefined || said?.many !== undefined;
  return field !== undefined && !leads && !isSpecial(name) && leafReader(field.type) !== undefined;
}

function withoutUndefined<T extends object>(value: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, each]) => each !== undefined)) as Partial<T>;
}
