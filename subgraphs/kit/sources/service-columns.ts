import { Misfit } from '../misfit.ts';
import type { SourceValue } from '../record-source.ts';
import { asList, asObject, numberIn, textIn } from './json-values.ts';
import type { JsonSchema, ServiceDocument } from './service-document.ts';

/** What a document says of the records that an operation gives. */
export interface RecordShape {
  /** By their names; those in objects with the objects before them, such as `address.city`. */
  columns: ReadonlyMap<string, JsonSchema>;
  /** Those that every record has, as far as the document says. */
  required: ReadonlySet<string>;
  /** Whether there may be columns that the document does not name. */
  isOpen: boolean;
  /** What holds for columns that it does not name. */
  others: JsonSchema | undefined;
}

/** Objects in objects whose properties are columns. */
const MAX_DEPTH = 4;
/** Columns of one collection. */
const MAX_COLUMNS = 2_000;

/** The columns of a schema of records. */
export function recordShape(document: ServiceDocument, record: JsonSchema): RecordShape {
  const columns = new Map<string, JsonSchema>();
  // Level by level, so that in a schema without end what is near is found.
  let level = [{ schema: record, before: '' }];
  for (let depth = 1; depth <= MAX_DEPTH && columns.size < MAX_COLUMNS; depth += 1) {
    const found = level.flatMap(({ schema, before }) =>
      Object.entries(asObject(schema['properties']) ?? {}).map(([name, given]) => ({
        column: `${before}${name}`,
        schema: document.schema(given),
      })),
    );
    for (const { column, schema } of found) columns.set(column, schema);
    level = found.slice(0, MAX_COLUMNS).map(({ column, schema }) => ({ schema, before: `${column}.` }));
  }
  const { additionalProperties: others } = record;
  const isOpen = columns.size === 0 || others === true || asObject(others) !== undefined;
  const required = new Set(asList(record['required']).filter((name) => typeof name === 'string'));
  return { columns, required, isOpen, others: asObject(others) && document.schema(others) };
}

/** Says what a value must be where it is something else. Null fits everything: it is what a missing value is. */
export type ValueCheck = (value: SourceValue) => Misfit | undefined;

/** Checks that were made, by their schemas: each question needs them anew. */
const CHECKS = new WeakMap<JsonSchema, ValueCheck>();

/** What a schema says of a single value; objects and lists are looked into by nobody. */
export function valueCheck(schema: JsonSchema): ValueCheck {
  const check = CHECKS.get(schema) ?? makeCheck(schema);
  CHECKS.set(schema, check);
  return check;
}

function makeCheck(schema: JsonSchema): ValueCheck {
  const tests = [typeTest(schema), ...rangeTests(schema), patternTest(schema), enumTest(schema)].filter(
    (test) => test !== undefined,
  );
  return (value) =>
    value === null || value instanceof Misfit ? undefined : tests.find(({ fits }) => !fits(value))?.misfit;
}

interface ValueTest {
  fits(value: SourceValue): boolean;
  misfit: Misfit;
}

const TYPE_TESTS: Readonly<Record<string, ValueTest>> = {
  string: { fits: (value) => typeof value === 'string', misfit: new Misfit('a text') },
  integer: {
    fits: (value) => Number.isInteger(value) || typeof value === 'bigint',
    misfit: new Misfit('a whole number'),
  },
  number: { fits: (value) => typeof value === 'number' || typeof value === 'bigint', misfit: new Misfit('a number') },
  boolean: { fits: (value) => typeof value === 'boolean', misfit: new Misfit('true or false') },
  array: { fits: Array.isArray, misfit: new Misfit('a list') },
  object: { fits: (value) => asObject(value) !== undefined, misfit: new Misfit('an object') },
};

function typeTest({ type }: JsonSchema): ValueTest | undefined {
  const tests = (Array.isArray(type) ? type : [type]).flatMap((name) => TYPE_TESTS[String(name)] ?? []);
  if (tests.length < 2) return tests[0];
  const misfit = new Misfit(tests.map((test) => test.misfit.mustBe).join(' or '));
  return { fits: (value) => tests.some((test) => test.fits(value)), misfit };
}

function rangeTests(schema: JsonSchema): ValueTest[] {
  const least = numberIn(schema['minimum']);
  const most = numberIn(schema['maximum']);
  // In 3.0 true beside the bound, in 3.1 a bound itself.
  const above = schema['exclusiveMinimum'] === true ? least : numberIn(schema['exclusiveMinimum']);
  const below = schema['exclusiveMaximum'] === true ? most : numberIn(schema['exclusiveMaximum']);
  const bound = (limit: number | undefined, words: string, isWithin: (value: number, limit: number) => boolean) =>
    limit === undefined
      ? []
      : [
          {
            fits: (value: SourceValue) => typeof value !== 'number' || isWithin(value, limit),
            misfit: new Misfit(`a number ${words} ${limit}`),
          },
        ];
  return [
    ...bound(least, 'not below', (value, limit) => value >= limit),
    ...bound(most, 'not above', (value, limit) => value <= limit),
    ...bound(above, 'above', (value, limit) => value > limit),
    ...bound(below, 'below', (value, limit) => value < limit),
  ];
}

/** Texts longer than any that a pattern is meant for: a slow pattern would take long with them. */
const MAX_PATTERN_TEXT = 1_000;

function patternTest(schema: JsonSchema): ValueTest | undefined {
  const source = textIn(schema['pattern']);
  const pattern = source === undefined ? undefined : regExp(source);
  if (!pattern) return undefined;
  return {
    fits: (value) => typeof value !== 'string' || (value.length <= MAX_PATTERN_TEXT && pattern.test(value)),
    misfit: new Misfit(`a text such as ${source}`),
  };
}

/** Undefined where it is in a dialect of its own. */
function regExp(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'u');
  } catch {
    return undefined;
  }
}

function enumTest(schema: JsonSchema): ValueTest | undefined {
  const values = schema['const'] === undefined ? asList(schema['enum']) : [schema['const']];
  if (values.length === 0) return undefined;
  return { fits: (value) => values.includes(value), misfit: new Misfit(`one of ${values.join(', ')}`) };
}

/** The value of a column, which may stand in objects; null where there is none. */
export function columnIn(record: Readonly<Record<string, unknown>>, column: string): SourceValue {
  if (Object.hasOwn(record, column)) return (record[column] ?? null) as SourceValue;
  if (!column.includes('.')) return null;
  let found: unknown = record;
  for (const step of column.split('.')) {
    if (found instanceof Misfit) return found;
    const object = asObject(found);
    found = object && Object.hasOwn(object, step) ? object[step] : null;
  }
  return (found ?? null) as SourceValue;
}
