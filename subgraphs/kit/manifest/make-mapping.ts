import { StartError } from '../program.ts';
import type { Column, QuestionShape, RecordSource } from '../record-source.ts';
import { mapQueries } from './map-queries.ts';
import { mapTypes, refuseUnknownTypes, type MappingInput } from './map-types.ts';
import type { Faults, FieldPlan, Mapping, QueryPlan, TypePlan } from './mapping.ts';
import { suggestion } from './strict-object.ts';

/** A question that will be asked, and whose it is: `Place.cities`. */
interface OwnedQuestion {
  field: string;
  shape: QuestionShape;
}

/**
 * Checks a manifest, the SDL and what the source has against each other.
 * @throws StartError with everything that does not fit, each with its place
 */
export async function makeMapping(input: Omit<MappingInput, 'columnsOf'>, source: RecordSource): Promise<Mapping> {
  const faults = new FaultList();
  refuseUnknownTypes(input, faults);
  faults.throwIfAny();
  const collections = await describeAll(input, source, faults);
  // What comes after would only say again that a collection is missing.
  faults.throwIfAny();
  const whole: MappingInput = { ...input, columnsOf: collections };
  const types = mapTypes(whole, faults);
  const queries = mapQueries(whole, faults, types);
  for (const question of questionsOf(types, queries))
    checkQuestion(question, { collections, source, faults, input: whole });
  faults.throwIfAny();
  return { schema: input.sdl.schema, types, queries };
}

/** What there is in each collection that the manifest names. */
async function describeAll(
  { manifest, yaml }: Pick<MappingInput, 'manifest' | 'yaml'>,
  source: RecordSource,
  faults: Faults,
): Promise<Map<string, readonly Column[] | undefined>> {
  const named = [
    ...Object.entries(manifest.types).map(([name, { from }]) => ({ from, at: ['types', name, 'from'] })),
    ...Object.entries(manifest.queries).map(([name, { from }]) => ({ from, at: ['queries', name, 'from'] })),
  ];
  const collections = new Map<string, readonly Column[] | undefined>();
  for (const { from, at } of named) {
    if (from === undefined || collections.has(from)) continue;
    collections.set(from, undefined);
    try {
      collections.set(from, (await source.describe(from)).columns);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      faults.add(yaml.place(at), error.message);
    }
  }
  return collections;
}

class FaultList implements Faults {
  readonly #lines: string[] = [];

  add(place: string, message: string): undefined {
    this.#lines.push(`${place}: ${message}`);
  }

  throwIfAny(): void {
    if (this.#lines.length > 0) throw new StartError([...new Set(this.#lines)].join('\n'));
  }
}

function questionsOf(types: ReadonlyMap<string, TypePlan>, queries: ReadonlyMap<string, QueryPlan>): OwnedQuestion[] {
  const ofTypes = [...types.values()].flatMap((type) => [
    ...(type.collection === undefined ? [] : type.keys).map(({ columns }) =>
      keyQuestion(type.name, type.collection!, columns),
    ),
    ...[...type.fields].flatMap(([field, plan]) => questionOfField(`${type.name}.${field}`, plan, types)),
  ]);
  return [...ofTypes, ...[...queries].flatMap(([field, plan]) => questionOfQuery(`Query.${field}`, plan, types))];
}

function questionOfField(field: string, plan: FieldPlan, types: ReadonlyMap<string, TypePlan>): OwnedQuestion[] {
  if (plan.kind !== 'one' && plan.kind !== 'many') return [];
  const collection = types.get(plan.type)?.collection;
  if (collection === undefined) return [];
  const keyColumns = plan.links.map(({ theirs }) => theirs);
  if (plan.kind === 'one') return [keyQuestion(field, collection, keyColumns)];
  const { orderBy, where } = plan;
  return [{ field, shape: { kind: 'related', collection, keyColumns, where, orderBy } }];
}

function questionOfQuery(field: string, plan: QueryPlan, types: ReadonlyMap<string, TypePlan>): OwnedQuestion[] {
  const collection = types.get(plan.type)?.collection;
  if (plan.kind === 'get') return plan.from === undefined ? [] : [keyQuestion(field, plan.from, plan.key.columns)];
  if (collection === undefined) return [];
  const { orderBy, where, after } = plan;
  return [{ field, shape: { kind: 'page', collection, where, orderBy, hasAfter: after !== undefined } }];
}

function keyQuestion(field: string, collection: string, keyColumns: readonly string[]): OwnedQuestion {
  return { field, shape: { kind: 'keys', collection, keyColumns } };
}

function checkQuestion(
  { field, shape }: OwnedQuestion,
  {
    collections,
    source,
    faults,
    input,
  }: {
    collections: ReadonlyMap<string, readonly Column[] | undefined>;
    source: RecordSource;
    faults: Faults;
    input: MappingInput;
  },
): void {
  const [type = '', name = ''] = field.split('.');
  const place = input.yaml.place(type === 'Query' ? ['queries', name] : ['types', type, 'fields', name]);
  const columns = collections.get(shape.collection)?.map((column) => column.name);
  const missing = columns && columnsOfShape(shape).filter((column) => !columns.includes(column));
  for (const column of missing ?? [])
    faults.add(place, `${shape.collection} has no column ${column} for ${field}${suggestion(column, columns ?? [])}`);
  if (missing?.length) return;
  const refusal = source.refusalOf(shape);
  if (refusal !== undefined) faults.add(place, `${field} cannot be answered because ${refusal}`);
}

function columnsOfShape(shape: QuestionShape): string[] {
  const ordered = shape.kind === 'keys' ? [] : shape.orderBy;
  const asked = shape.kind === 'keys' ? [] : shape.where;
  const keys = shape.kind === 'page' ? [] : shape.keyColumns;
  return [...keys, ...[...ordered, ...asked].map(({ column }) => column)];
}
