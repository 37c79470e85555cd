import { asList, asObject, numberIn, textIn } from '../sources/json-values.ts';
import type { RecordShape } from '../sources/service-columns.ts';
import type { JsonSchema, ServiceDocument } from '../sources/service-document.ts';
import type { LeafName, SurveyedColumn } from './survey.ts';

/** Objects in objects in a record lead on to other records: what is in the first ones is columns, as far as a person would write it. */
const MAX_DOTS = 1;

/** Values of an enumeration that are worth a type of their own. */
const MAX_VALUES = 50;

const LEAVES: Readonly<Record<string, LeafName>> = {
  string: 'String',
  integer: 'Int',
  number: 'Float',
  boolean: 'Boolean',
};

const FORMATS: Readonly<Record<string, string>> = {
  date: 'A day, `YYYY-MM-DD`.',
  'date-time': 'A time, as ISO 8601 writes it.',
};

/**
 * The columns of a service's records that are leaves, or lists of them.
 * @param leaveOut told of each other, with why
 */
export function leafColumns(
  document: ServiceDocument,
  shape: RecordShape,
  leaveOut: (column: string, reason: string) => void,
): SurveyedColumn[] {
  const near = [...shape.columns].filter(([name]) => name.split('.').length <= MAX_DOTS + 1);
  return near.flatMap(([name, schema]): SurveyedColumn[] => {
    const column = columnOf(document, shape, { name, schema });
    if (column) return [column];
    // What stands in an object has columns of its own.
    if (Object.keys(asObject(schema['properties']) ?? {}).length === 0)
      leaveOut(name, 'its values are objects, or lists of them');
    return [];
  });
}

function columnOf(
  document: ServiceDocument,
  { required }: RecordShape,
  { name, schema }: { name: string; schema: JsonSchema },
): SurveyedColumn | undefined {
  const isList = typesOf(schema).includes('array');
  const inner = isList ? document.schema(schema['items']) : schema;
  const leaf = leafOf(inner);
  if (leaf === undefined) return undefined;
  const values = isList ? [] : asList(schema['enum']).filter((value) => typeof value === 'string');
  const isEnum = leaf === 'String' && values.length > 0 && values.length <= MAX_VALUES;
  const format = textIn(schema['format']);
  return {
    name,
    leaf,
    isList,
    ...(isEnum && { values }),
    isRequired: required.has(name) && !isNullable(schema),
    isNeverEmpty: false,
    isCategory: isEnum,
    description: textIn(schema['description']) ?? (format === undefined ? undefined : FORMATS[format]),
    questions: [],
  };
}

/** Undefined for objects, for lists of them, and for what the document says nothing of but that it has properties. */
function leafOf(schema: JsonSchema): LeafName | undefined {
  const [type, second] = typesOf(schema);
  if (type === undefined)
    return asObject(schema['properties']) && Object.keys(schema['properties'] as object).length > 0
      ? undefined
      : 'String';
  if (second !== undefined) return 'String';
  const leaf = LEAVES[type];
  const isLarge = schema['format'] === 'int64' || (numberIn(schema['maximum']) ?? 0) >= 2 ** 31;
  return leaf === 'Int' && isLarge ? 'Float' : leaf;
}

/** What a value can be, but for null. */
function typesOf({ type }: JsonSchema): string[] {
  return [type].flat().filter((each) => typeof each === 'string' && each !== 'null') as string[];
}

/** In 3.0 it stands beside the type, in 3.1 it is one of its types, or null one of its values. */
function isNullable({ type, nullable, ...schema }: JsonSchema): boolean {
  return nullable === true || [type].flat().includes('null') || asList(schema['enum']).includes(null);
}
