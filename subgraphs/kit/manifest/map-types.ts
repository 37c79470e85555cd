import {
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
} from 'graphql';
import { Misfit } from '../misfit.ts';
import { textOf, type Column, type SourceValue } from '../record-source.ts';
import { columnOf, writerOf, type AskedScope } from './asked-values.ts';
import { ConversionFault, conversionOf, type Conversion } from './conversions.ts';
import { leafReader } from './leaf-values.ts';
import { mapFilters, type FilterScope } from './map-filters.ts';
import type { FieldMapping, Manifest, ProvenanceMapping, TypeMapping } from './manifest.ts';
import type { AskedValue, Faults, FieldPlan, KeyPart, KeyPlan, Link, TypePlan } from './mapping.ts';
import { columnsInText, withColumnNames } from './provenance.ts';
import { placeOf, type Sdl } from '../sdl-files.ts';
import { suggestion } from './strict-object.ts';
import type { YamlFile } from './yaml-file.ts';

/** What the mapping of one department is made from. */
export interface MappingInput {
  manifest: Manifest;
  yaml: YamlFile;
  sdl: Sdl;
  /** Columns of each collection that says them. */
  columnsOf: ReadonlyMap<string, readonly Column[] | undefined>;
  /** Whether the source converts values when it takes them in: then they come converted, and are asked for so. */
  sourceConverts: boolean;
  /** Whether the department's own code answers a field. */
  isSpecial(type: string, field: string): boolean;
}

/** The type whose fields say where a record comes from. */
const PROVENANCE_TYPE = 'Provenance';

const NO_MAPPING: TypeMapping = { whenMissing: 'null', fields: {}, provenance: {} };
const FEDERATION_TYPES = new Set(['_Service']);

/** What is known while one type is mapped. */
interface TypeScope {
  input: MappingInput;
  faults: Faults;
  type: GraphQLObjectType;
  mapping: TypeMapping;
  /** Undefined where the source does not say. */
  columns: ReadonlySet<string> | undefined;
}

/** Maps every object type of the SDL. Whatever does not fit is a fault. */
export function mapTypes(input: MappingInput, faults: Faults): Map<string, TypePlan> {
  const types = recordTypes(input);
  return new Map(types.map((type) => [type.name, mapType(input, faults, type)]));
}

/** Faults for types of the manifest that the SDL does not have. */
export function refuseUnknownTypes(input: Omit<MappingInput, 'columnsOf'>, faults: Faults): void {
  const known = recordTypes(input).map(({ name }) => name);
  for (const name of Object.keys(input.manifest.types))
    if (!known.includes(name))
      faults.add(input.yaml.place(['types', name]), `the SDL has no type ${name}${suggestion(name, known)}`);
}

function recordTypes({ sdl }: Pick<MappingInput, 'sdl'>): GraphQLObjectType[] {
  return Object.values(sdl.schema.getTypeMap()).filter(isRecordType(sdl));
}

function isRecordType({ schema }: Sdl) {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  return (type: unknown): type is GraphQLObjectType =>
    isObjectType(type) && !roots.has(type) && !type.name.startsWith('__') && !FEDERATION_TYPES.has(type.name);
}

function mapType(input: MappingInput, faults: Faults, type: GraphQLObjectType): TypePlan {
  const mapping = input.manifest.types[type.name] ?? NO_MAPPING;
  const listed = mapping.from === undefined ? undefined : input.columnsOf.get(mapping.from);
  const columns = listed && new Set(listed.map(({ name }) => name));
  const scope: TypeScope = { input, faults, type, mapping, columns };
  refuseUnknownFields(scope);
  const keys = keyFields(type).map((fields) => mapKey(scope, fields));
  const fields = new Map<string, FieldPlan>();
  if (type.name !== PROVENANCE_TYPE)
    for (const field of Object.values(type.getFields())) {
      const plan = input.isSpecial(type.name, field.name) ? undefined : mapField(scope, field, keys);
      if (plan) fields.set(field.name, plan);
    }
  const provenance = mapProvenance(scope);
  const hasProvenance = [...fields.values()].some(({ kind }) => kind === 'provenance');
  const needed = [
    ...keys.flatMap((key) => key.columns),
    ...[...fields.values()].flatMap(columnsOfPlan),
    ...(hasProvenance ? ['$readAt'] : []),
    ...(hasProvenance ? Object.values(provenance).flatMap((text) => columnsInText(String(text))) : []),
  ];
  return {
    name: type.name,
    collection: mapping.from,
    whenMissing: mapping.whenMissing,
    keys,
    fields,
    select: [...new Set(needed)].filter((column) => !column.startsWith('$') || columns?.has(column)),
    provenance,
  };
}

/** A name in braces is a field's or a column's. */
function mapProvenance(scope: TypeScope): ProvenanceMapping {
  const said = { ...scope.input.manifest.provenance, ...scope.mapping.provenance };
  const columns = Object.entries(said).map(([name, text]) => [
    name,
    typeof text === 'string' ? withColumnNames(text, (field) => columnOf(scope, field)) : text,
  ]);
  return Object.fromEntries(columns) as ProvenanceMapping;
}

function refuseUnknownFields({ input, faults, type, mapping }: TypeScope): void {
  const fields = type.getFields();
  for (const name of Object.keys(mapping.fields))
    if (!fields[name])
      faults.add(
        input.yaml.place(['types', type.name, 'fields', name]),
        `${type.name} has no field ${name}${suggestion(name, Object.keys(fields))}`,
      );
}

/** The fields of each `@key` that has none in other objects. */
export function keyFields(type: GraphQLObjectType): string[][] {
  const nodes = [type.astNode, ...type.extensionASTNodes].flatMap((node) => node?.directives ?? []);
  return nodes
    .filter(({ name }) => name.value === 'key' || name.value === 'federation__key')
    .flatMap(({ arguments: args = [] }) => {
      const value = args.find(({ name }) => name.value === 'fields')?.value;
      const text = value?.kind === 'StringValue' ? value.value : '';
      const [definition] = parse(`{ ${text} }`).definitions as [OperationDefinitionNode];
      const fields = definition.selectionSet.selections;
      const names = fields.flatMap((each) => (each.kind === 'Field' && !each.selectionSet ? [each.name.value] : []));
      return names.length === fields.length ? [names] : [];
    });
}

function mapKey(scope: TypeScope, fields: readonly string[]): KeyPlan {
  const parts = fields.map((field): KeyPart => ({ field, ...askedValue(scope, field) }));
  return { parts, columns: parts.map(({ column }) => column) };
}

function askedValue(scope: TypeScope, field: string): AskedValue {
  const mapping = scope.mapping.fields[field] ?? {};
  const { pattern, says } = mapping;
  return {
    column: columnOf(scope, field),
    pattern,
    says,
    write: writerOf({ ...scope, sourceConverts: scope.input.sourceConverts }, field),
  };
}

function mapField(
  scope: TypeScope,
  field: GraphQLField<unknown, unknown>,
  keys: readonly KeyPlan[],
): FieldPlan | undefined {
  const { input, type, mapping } = scope;
  const said = mapping.fields[field.name] ?? {};
  const target = getNamedType(field.type);
  if (said.one !== undefined || said.many !== undefined) return mapRelation(scope, field, { said, keys });
  if (target.name === PROVENANCE_TYPE) return { kind: 'provenance' };
  const column = columnOf(scope, field.name);
  if (!isKnownColumn(scope, field, column)) return undefined;
  const read = leafReader(field.type);
  const when = Object.entries(said.when ?? {}).map(([other, value]) => ({ column: other, value: String(value) }));
  for (const { column: other } of when) isKnownColumn(scope, field, other);
  if (read) return { kind: 'column', column, when, read: valueReader(scope, field, { said, read }) };
  if (isObjectType(target) && !input.manifest.types[target.name]?.from)
    return { kind: 'nested', column, type: target.name, isList: isList(field.type) };
  scope.faults.add(
    placeOf(field.astNode),
    `nothing says how ${type.name}.${field.name} leads to ${target.name}: give it "one" or "many" under types.${type.name}.fields.${field.name}`,
  );
  return undefined;
}

function isKnownColumn(scope: TypeScope, field: GraphQLField<unknown, unknown>, column: string): boolean {
  const { input, type, mapping, columns, faults } = scope;
  if (!columns || columns.has(column)) return true;
  const isSaid = mapping.fields[field.name]?.column !== undefined;
  const place = isSaid ? input.yaml.place(['types', type.name, 'fields', field.name]) : placeOf(field.astNode);
  const why = isSaid
    ? ''
    : `; name one under types.${type.name}.fields.${field.name}, or answer it in the department's code`;
  faults.add(
    place,
    `${mapping.from} has no column ${column} for ${type.name}.${field.name}${suggestion(column, [...columns])}${why}`,
  );
  return false;
}

/** Null stays null, or becomes what counts in its place. */
function valueReader(
  scope: TypeScope,
  field: GraphQLField<unknown, unknown>,
  { said, read }: { said: FieldMapping; read(value: never): unknown },
): (value: unknown) => unknown {
  const conversion = checkedConversion(scope, field, said);
  // What stands in other records comes as it is from every source.
  const isConverted = scope.input.sourceConverts && scope.mapping.from !== undefined;
  const convert = isConverted ? undefined : conversion;
  const { split, otherwise = null } = said;
  const none = noneOf(said);
  return (value) => {
    if (value === null || value === undefined) return otherwise;
    if (none.size > 0 && none.has(textOf(value as SourceValue))) return otherwise;
    if (value instanceof Misfit) return value;
    const converted = convert ? convert.read(value as never) : value;
    if (converted === null) return otherwise;
    if (converted instanceof Misfit) return converted;
    return read(
      (split !== undefined && typeof converted === 'string' ? itemsOf(converted, split) : converted) as never,
    );
  };
}

/** What stands for nothing, as texts. */
function noneOf({ none = [] }: FieldMapping): ReadonlySet<string> {
  return new Set((Array.isArray(none) ? none : [none]).map(String));
}

function itemsOf(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function checkedConversion(
  { input, faults, type }: TypeScope,
  field: GraphQLField<unknown, unknown>,
  said: FieldMapping,
): Conversion | undefined {
  try {
    return conversionOf(said);
  } catch (error) {
    if (!(error instanceof ConversionFault)) throw error;
    faults.add(input.yaml.place(['types', type.name, 'fields', field.name]), error.message);
    return undefined;
  }
}

function mapRelation(
  scope: TypeScope,
  field: GraphQLField<unknown, unknown>,
  { said, keys }: { said: FieldMapping; keys: readonly KeyPlan[] },
): FieldPlan | undefined {
  const { input, faults, type } = scope;
  const place = input.yaml.place(['types', type.name, 'fields', field.name]);
  const name = getNamedType(field.type).name;
  const target = said.one ?? said.many;
  if (target !== name) faults.add(place, `${type.name}.${field.name} leads to ${name}, not to ${target}`);
  if (isList(field.type) !== (said.many !== undefined))
    faults.add(
      place,
      `${type.name}.${field.name} is ${isList(field.type) ? 'a list: "many"' : 'one record: "one"'} leads there`,
    );
  const links = linksOf(scope, said, { target: name, keys });
  if (typeof links === 'string') return faults.add(place, `${type.name}.${field.name}: ${links}`);
  for (const { ours } of links)
    if (scope.columns && !scope.columns.has(ours))
      faults.add(place, `${scope.mapping.from} has no column ${ours}${suggestion(ours, [...scope.columns])}`);
  if (said.one !== undefined) return { kind: 'one', type: name, links, none: noneOf(said) };
  if (input.manifest.types[name]?.from === undefined)
    return faults.add(place, `${name} has no collection ("from"), so that there is nowhere to look for many`);
  const argument = said.first?.argument ?? 'first';
  const first = field.args.find(({ name: given }) => given === argument);
  if (said.first && !first) faults.add(place, `${type.name}.${field.name} has no argument ${argument}`);
  const fallback = said.first?.default ?? (typeof first?.defaultValue === 'number' ? first.defaultValue : 20);
  return {
    kind: 'many',
    type: name,
    links,
    orderBy: said.orderBy ?? [],
    where: mapFilters(filterScope(scope, field, said), field, [argument]),
    first: first && { argument, fallback, max: said.first?.max ?? 100 },
  };
}

function filterScope(
  { input, faults, type }: TypeScope,
  field: GraphQLField<unknown, unknown>,
  said: FieldMapping,
): FilterScope {
  const target = getNamedType(field.type) as GraphQLObjectType;
  const at = ['types', type.name, 'fields', field.name, 'arguments'];
  return {
    ...askedScope(input, target.name),
    ...{ owner: `${type.name}.${field.name}`, type: target, said: said.arguments ?? {}, faults },
    placeOf: (argument) => input.yaml.place([...at, argument]),
    isSpecial: (name) => input.isSpecial(target.name, name),
  };
}

/** Of a type, what is needed to ask by its fields. */
export function askedScope({ manifest, columnsOf, sourceConverts }: MappingInput, type: string): AskedScope {
  const mapping = manifest.types[type] ?? NO_MAPPING;
  const listed = mapping.from === undefined ? undefined : columnsOf.get(mapping.from);
  return { mapping, columns: listed && new Set(listed.map(({ name }) => name)), sourceConverts };
}

/** Which columns lead to another type, or what keeps them from it. */
function linksOf(
  { input }: TypeScope,
  { by, one }: FieldMapping,
  { target, keys }: { target: string; keys: readonly KeyPlan[] },
): Link[] | string {
  if (by === undefined) return `"by" is missing: the column that leads to ${target}`;
  if (typeof by !== 'string') return Object.entries(by).map(([theirs, ours]) => ({ theirs, ours }));
  if (one === undefined) {
    const ours = keys.find(({ columns }) => columns.length === 1)?.columns[0];
    return ours === undefined
      ? 'this type has no key of one column; say "by" as "column there: column here"'
      : [{ theirs: by, ours }];
  }
  const type = input.sdl.schema.getType(target);
  const [field] = (isObjectType(type) ? keyFields(type) : []).find((fields) => fields.length === 1) ?? [];
  if (field === undefined) return `${target} has no key of one field; say "by" as "column there: column here"`;
  return [{ theirs: columnOf(askedScope(input, target), field), ours: by }];
}

/** Columns that a plan reads of its own record. */
function columnsOfPlan(plan: FieldPlan): string[] {
  if (plan.kind === 'provenance') return [];
  if (plan.kind === 'column') return [plan.column, ...plan.when.map(({ column }) => column)];
  return plan.kind === 'nested' ? [plan.column] : plan.links.map(({ ours }) => ours);
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
