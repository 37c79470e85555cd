import type { GraphQLFieldResolver } from 'graphql';
import { badInput, checkFirst, systemBadAnswer } from '../faults.ts';
import { textOf, type Condition, type KeyValue, type SourceRow, type SourceValue } from '../record-source.ts';
import type { Resolvers } from '../sdl-files.ts';
import { Misfit } from '../misfit.ts';
import type {
  AskedValue,
  FieldPlan,
  FilterPlan,
  FirstPlan,
  Mapping,
  QueryPlan,
  TypePlan,
  WhenColumn,
} from './mapping.ts';
import type { MisfitCount } from './misfit-count.ts';
import { provenanceOf } from './provenance.ts';
import { MAX_WHOLE_LIST, type RecordLoaders } from './record-loaders.ts';
import { findKey, rowOf, SourceRecord } from './source-record.ts';

/** What resolvers find in a request's context. */
export interface RecordContext {
  records: RecordLoaders;
}

type Arguments = Readonly<Record<string, unknown>>;
type Resolver = GraphQLFieldResolver<unknown, RecordContext, Arguments>;
type RecordResolver = (record: SourceRecord, args: Arguments, context: RecordContext) => unknown;

/** Resolvers for everything that a mapping has a plan for. @param misfits counts values that do not fit */
export function createResolvers({ types, queries }: Mapping, misfits: MisfitCount): Resolvers {
  const ofTypes = [...types.values()].map((type): [string, Record<string, unknown>] => {
    const fields = [...type.fields].map(([name, plan]): [string, RecordResolver] => [
      name,
      fieldResolver({ type, types, misfits }, name, plan),
    ]);
    const reference = type.keys.length > 0 ? { __resolveReference: referenceResolver(type) } : {};
    return [type.name, { ...Object.fromEntries(fields), ...reference }];
  });
  const query = [...queries].map(([name, plan]): [string, Resolver] => [name, queryResolver(plan, types)]);
  return Object.fromEntries([
    ...ofTypes.filter(([, fields]) => Object.keys(fields).length > 0),
    ...(query.length > 0 ? [['Query', Object.fromEntries(query)]] : []),
  ]) as Resolvers;
}

function referenceResolver(type: TypePlan) {
  return (reference: Arguments, { records }: RecordContext): SourceRecord | null | Promise<SourceRecord | null> => {
    const found = findKey(type.keys, reference);
    if (!found) return null;
    const { key, values } = found;
    if (type.collection !== undefined && type.whenMissing !== 'empty') return records.byKey(type, key.columns, values);
    const { row, ...known } = ledTo(type, key.columns, values);
    return new SourceRecord(type, { ...required(type, reference), ...row }, known);
  };
}

/** What other departments give with a key, where a field requires it. */
function required(type: TypePlan, reference: Arguments): SourceRow {
  const given = [...type.fields].flatMap(([name, plan]) =>
    plan.kind === 'column' && reference[name] !== undefined ? [[plan.column, reference[name] as SourceValue]] : [],
  );
  return Object.fromEntries(given) as SourceRow;
}

/** A record of which nothing is known but how it was led to; it is read when something else of it is asked for. */
function ledTo(type: TypePlan, columns: readonly string[], values: readonly SourceValue[]): SourceRecord {
  return new SourceRecord(type, rowOf(columns, values), { isWhole: false, readAtMs: Date.now() });
}

/** The record that a key leads to, of which nothing else is known. @throws TypeError where the fields are no key of the type */
export function recordOf(type: TypePlan, key: Arguments): SourceRecord {
  const found = findKey(type.keys, key);
  if (!found) throw new TypeError(`${Object.keys(key).join(', ')}: no key of ${type.name}`);
  return ledTo(type, found.key.columns, found.values);
}

interface FieldScope {
  type: TypePlan;
  types: ReadonlyMap<string, TypePlan>;
  misfits: MisfitCount;
}

function fieldResolver({ type, types, misfits }: FieldScope, name: string, plan: FieldPlan): RecordResolver {
  switch (plan.kind) {
    case 'column':
      return withColumns([plan.column, ...plan.when.map(({ column }) => column)], (record) => {
        const value = wrongColumn(record, plan) ?? plan.read(record.row[plan.column] ?? null);
        if (Array.isArray(value))
          return value.map((item) => fitting(item, { record, name, misfits, column: plan.column }));
        return fitting(value, { record, name, misfits, column: plan.column });
      });
    case 'nested': {
      const inner = types.get(plan.type)!;
      return withColumns([plan.column], (record) => {
        const value = nestedIn(record, plan, inner);
        return fitting(value, { record, name, misfits, column: plan.column });
      });
    }
    case 'one': {
      const target = types.get(plan.type)!;
      return withColumns(
        plan.links.map(({ ours }) => ours),
        (record, _, { records }) => {
          const values = plan.links.map(({ ours }) => record.row[ours] ?? null);
          const misfit = plan.links.find((_, at) => values[at] instanceof Misfit);
          if (misfit) return fitting(record.row[misfit.ours], { record, name, misfits, column: misfit.ours });
          if (values.some((value) => value === null || plan.none.has(textOf(value)))) return null;
          const columns = plan.links.map(({ theirs }) => theirs);
          return target.collection === undefined || target.whenMissing === 'empty'
            ? ledTo(target, columns, values)
            : records.byKey(target, columns, values as KeyValue[]);
        },
      );
    }
    case 'many': {
      const target = types.get(plan.type)!;
      return withColumns(
        plan.links.map(({ ours }) => ours),
        (record, args, { records }) => {
          const first = firstOf(args, plan.first);
          const key = plan.links.map(({ ours }) => record.row[ours] ?? null);
          const where = conditionsOf(plan.where, args);
          return key.includes(null) ? [] : records.related(plan, target, { key: key as KeyValue[], first, where });
        },
      );
    }
    case 'provenance':
      return (record, _, { records }) => {
        const known = (whole: SourceRecord) => provenanceOf(whole, type.provenance);
        return record.isWhole ? known(record) : records.whole(record).then(known);
      };
  }
}

/** What does not fit where another column does not say what the field means. */
function wrongColumn({ row }: SourceRecord, { column, when }: { column: string; when: readonly WhenColumn[] }) {
  if ((row[column] ?? null) === null) return undefined;
  const wrong = when.find((other) => textOf(row[other.column] ?? null) !== other.value);
  return wrong && new Misfit(`a value whose ${wrong.column} is ${wrong.value}`);
}

/** Reads the record first where a column is not known yet. */
function withColumns(columns: readonly string[], resolve: RecordResolver): RecordResolver {
  return (record, args, context) =>
    record.isWhole || columns.every((column) => column in record.row)
      ? resolve(record, args, context)
      : context.records.whole(record).then((whole) => resolve(whole, args, context));
}

/** A value that does not fit is an error in its place: GraphQL reports it there, and the rest of the answer stays. */
function fitting(
  value: unknown,
  { record, name, column, misfits }: { record: SourceRecord; name: string; column: string; misfits: MisfitCount },
): unknown {
  if (!(value instanceof Misfit)) return value;
  misfits.add(`${record.type.name}.${name}`);
  return systemBadAnswer(
    `The department's system gave a value that does not fit in ${name} of ${record.label}: its column ${column} must be ${value.mustBe}.`,
  );
}

const OBJECT = new Misfit('an object');
const LIST = new Misfit('a list of objects');

function nestedIn(record: SourceRecord, plan: Extract<FieldPlan, { kind: 'nested' }>, type: TypePlan): unknown {
  const value = record.row[plan.column] ?? null;
  if (value === null) return null;
  const inner = (row: SourceValue): SourceRecord | null =>
    isObject(row) ? new SourceRecord(type, row, { isWhole: true, readAtMs: record.readAtMs }) : null;
  if (!plan.isList) return inner(value) ?? OBJECT;
  if (!Array.isArray(value)) return LIST;
  const records = value.map(inner);
  return records.includes(null) ? LIST : records;
}

function isObject(value: SourceValue): value is SourceRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function queryResolver(plan: QueryPlan, types: ReadonlyMap<string, TypePlan>): Resolver {
  const type = types.get(plan.type)!;
  if (plan.kind === 'get') {
    const asked = plan.from === undefined ? type : { ...type, collection: plan.from };
    return (_, args, { records }) => {
      const found = findKey([plan.key], args);
      return found && records.byKey(asked, found.key.columns, found.values);
    };
  }
  return async (_, args, { records }) => {
    const first = firstOf(args, plan.first);
    const after = argumentValue('after', plan.after, args['after']);
    const where = conditionsOf(plan.where, args);
    const page = await records.page(type, {
      where,
      orderBy: plan.orderBy,
      after: after === null ? null : [after],
      first,
    });
    if (plan.first || page.length <= MAX_WHOLE_LIST) return page;
    throw systemBadAnswer(
      `The department's system has more than ${MAX_WHOLE_LIST} rows here, too many for a list that cannot be asked for in parts.`,
    );
  };
}

function firstOf(args: Arguments, first: FirstPlan | undefined): number {
  return first ? checkFirst(args[first.argument] as number | null, first) : MAX_WHOLE_LIST + 1;
}

function conditionsOf(filters: readonly FilterPlan[], args: Arguments): Condition[] {
  return filters.flatMap((filter) => {
    const value = argumentValue(filter.argument, filter, asText(args[filter.argument], filter));
    return value === null ? [] : [{ column: filter.column, is: filter.is, value }];
  });
}

/** Blanks around a text that is looked for in others do not count. */
function asText(value: unknown, { is }: FilterPlan): unknown {
  return typeof value === 'string' && (is === 'contains' || is === 'startsWith') ? value.trim() : value;
}

/** @throws GraphQLError BAD_USER_INPUT where it is not what it must be */
function argumentValue(name: string, asked: AskedValue | undefined, value: unknown): KeyValue | null {
  if (!asked || value === null || value === undefined) return null;
  const plain = value as KeyValue;
  const written = asked.pattern && !asked.pattern.test(String(plain)) ? undefined : asked.write(plain);
  if (written !== undefined) return written;
  throw badInput(
    `${name} is ${typeof plain === 'string' ? `"${plain}"` : plain}; it must be ${asked.says ?? 'a value that the department knows'}.`,
  );
}
