import {
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
} from 'graphql';
import type { Sdl } from '../sdl-files.ts';
import type { CollectionUse } from '../source-kind.ts';
import { ConversionFault, conversionOf, plainNumber, type Conversion } from './conversions.ts';
import type { FieldMapping, Manifest } from './manifest.ts';
import { keyFields } from './map-types.ts';
import { columnsInText } from './provenance.ts';

/** What a use is gathered in. */
interface Gathered {
  columns: Map<string, Conversion | undefined>;
  structures: Map<string, 'list' | 'object'>;
  keys: string[][];
  sought: string[][];
}

/**
 * What a department will ask of each collection, for sources that make ready for it: a column for each field that is read, by the field's
 * own name where the manifest has no other.
 *
 * @param isSpecial whether the department's own code answers a field
 */
export function collectionUses(
  manifest: Manifest,
  { schema }: Sdl,
  isSpecial: (type: string, field: string) => boolean,
): Map<string, CollectionUse> {
  const uses = new Map<string, Gathered>();
  const use = (collection: string): Gathered => {
    const known = uses.get(collection) ?? { columns: new Map(), structures: new Map(), keys: [], sought: [] };
    uses.set(collection, known);
    return known;
  };
  for (const [name, mapping] of Object.entries(manifest.types)) {
    const type = schema.getType(name);
    if (mapping.from === undefined || !isObjectType(type)) continue;
    const own = use(mapping.from);
    const columnOf = (field: string): string => mapping.fields[field]?.column ?? field;
    own.keys.push(...keyFields(type).map((fields) => fields.map(columnOf)));
    for (const field of Object.values(type.getFields()))
      if (!isSpecial(name, field.name)) addField(own, field, mapping.fields[field.name] ?? {});
    for (const text of Object.values({ ...manifest.provenance, ...mapping.provenance }))
      for (const column of columnsInText(String(text))) addColumn(own, columnOf(column), undefined);
  }
  addSought(manifest, schema.getQueryType(), use);
  return uses;
}

function addField(own: Gathered, field: GraphQLField<unknown, unknown>, said: FieldMapping): void {
  if (said.many !== undefined || said.one !== undefined) {
    const columns =
      typeof said.by === 'string' ? (said.one === undefined ? [] : [said.by]) : Object.values(said.by ?? {});
    for (const column of columns) addColumn(own, column, undefined);
    return;
  }
  const target = getNamedType(field.type);
  if (target.name === 'Provenance') return;
  const isNumber = target.name === 'Int' || target.name === 'Float';
  const isList = isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
  for (const other of Object.keys(said.when ?? {})) addColumn(own, other, undefined);
  const column = said.column ?? field.name;
  if (isObjectType(target)) own.structures.set(column, isList ? 'list' : 'object');
  else if (isList && said.split === undefined) own.structures.set(column, 'list');
  addColumn(own, column, safeConversion(said) ?? (isNumber && !isList ? plainNumber : undefined));
}

/** What is wrong with it is said where the field is mapped. */
function safeConversion(said: FieldMapping): Conversion | undefined {
  try {
    return conversionOf(said);
  } catch (error) {
    if (!(error instanceof ConversionFault)) throw error;
    return undefined;
  }
}

function addColumn({ columns }: Gathered, column: string, conversion: Conversion | undefined): void {
  columns.set(column, columns.get(column) ?? conversion);
}

/** Columns that rows are looked for by, from other types or from the outside. */
function addSought(
  manifest: Manifest,
  query: GraphQLObjectType | null | undefined,
  use: (collection: string) => Gathered,
): void {
  const add = (from: string | undefined, set: readonly string[]): void => {
    if (from === undefined || set.length === 0) return;
    const own = use(from);
    for (const column of set) addColumn(own, column, undefined);
    if (!own.sought.some((known) => known.join() === set.join())) own.sought.push([...set]);
  };
  for (const { fields } of Object.values(manifest.types))
    for (const { many, by, orderBy = [], arguments: args = {} } of Object.values(fields)) {
      if (many === undefined || by === undefined) continue;
      const theirs = typeof by === 'string' ? [by] : Object.keys(by);
      const { from } = manifest.types[many] ?? {};
      add(from, [...theirs, ...orderBy.map(({ column }) => column)]);
      for (const { column } of Object.values(args)) if (column !== undefined) add(from, [column]);
    }
  for (const [name, { orderBy = [], arguments: args }] of Object.entries(manifest.queries)) {
    const field = query?.getFields()[name];
    const from = field && manifest.types[getNamedType(field.type).name]?.from;
    add(
      from,
      orderBy.map(({ column }) => column),
    );
    for (const { column } of Object.values(args)) if (column !== undefined) add(from, [column]);
  }
}
