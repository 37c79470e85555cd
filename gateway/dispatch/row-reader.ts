import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isLeafType,
  isListType,
  isObjectType,
  isInterfaceType,
  Kind,
  parse,
  validate,
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { DispatchDefinition } from './definition.ts';
import type { DeliveredValue, DeliveryColumn } from './delivery.ts';
import { DispatchRefusal } from './refusal.ts';

/** Reads the rows of an answer. */
export interface RowReader {
  readonly columns: readonly DeliveryColumn[];
  /** Rows of an answer's data, and how many items the list has, those that are null included; undefined where the list is not there. */
  read(data: unknown): { rows: DeliveredValue[][]; count: number } | undefined;
  /** The values of a row's key. */
  keyOf(row: readonly DeliveredValue[]): DeliveredValue[];
  /** The value of a row's column. */
  valueOf(row: readonly DeliveredValue[], column: string): DeliveredValue;
}

/** Where a column's value stands below its row. */
interface PlacedColumn extends DeliveryColumn {
  path: readonly string[];
}

const MAX_COLUMNS = 500;

/** Says how a dispatch's rows are read from its answers. @throws DispatchRefusal where it does not fit the graph */
export function rowReader(definition: DispatchDefinition, schema: GraphQLSchema): RowReader {
  const document = parsed(definition.operation, schema);
  const operation = onlyQuery(document);
  checkVariables(definition, operation);
  const walk = new SelectionWalk(document, schema);
  const path = definition.rows.split('.');
  const fields = walk.below(path, operation);
  const columns = chosenColumns(definition, leavesBelow(walk, fields));
  const indexOf = (column: string): number => columns.findIndex(({ name }) => name === column);
  for (const name of [...definition.key, ...(definition.pages ? [definition.pages.from] : [])])
    if (indexOf(name) < 0) throw new DispatchRefusal(`There is no column ${name}: there are ${namesOf(columns)}.`);
  const keyIndexes = definition.key.map(indexOf);
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    read(data) {
      const items = itemsAt(data, path);
      // A row that is not there is none.
      const rows = items?.filter((each) => each !== null && each !== undefined);
      return rows && { rows: rows.map((row) => columns.map((column) => valueAt(row, column))), count: items!.length };
    },
    keyOf: (row) => keyIndexes.map((index) => row[index]!),
    valueOf: (row, column) => row[indexOf(column)]!,
  };
}

function parsed(operation: string, schema: GraphQLSchema): DocumentNode {
  try {
    const document = parse(operation, { maxLexicalTokens: 10_000 });
    const [error] = validate(schema, document);
    if (error) throw error;
    return document;
  } catch (error) {
    throw new DispatchRefusal(`The operation does not fit the graph: ${(error as Error).message}`, { cause: error });
  }
}

function onlyQuery({ definitions }: DocumentNode): OperationDefinitionNode {
  const operations = definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (operations.length !== 1 || operation?.operation !== 'query')
    throw new DispatchRefusal('The operation is one query, and nothing else: nothing is changed by a dispatch.');
  return operation;
}

function checkVariables({ variables, pages }: DispatchDefinition, operation: OperationDefinitionNode): void {
  const declared = new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
  const named = [...Object.keys(variables), ...(pages ? [pages.variable, pages.sizeVariable] : [])];
  const missing = named.find((name) => !declared.has(name));
  if (missing !== undefined) throw new DispatchRefusal(`The operation has no variable $${missing}.`);
}

function chosenColumns({ columns }: DispatchDefinition, leaves: readonly PlacedColumn[]): readonly PlacedColumn[] {
  if (!columns) return leaves;
  return Object.entries(columns).map(([name, place]) => {
    const leaf = leaves.find(({ path }) => path.join('.') === place);
    if (!leaf)
      throw new DispatchRefusal(
        `Column ${name}: the rows have no ${place}, but ${leaves.map(({ path }) => path.join('.')).join(', ')}.`,
      );
    return { ...leaf, name };
  });
}

function namesOf(columns: readonly DeliveryColumn[]): string {
  return columns.map(({ name }) => name).join(', ');
}

/** A field of a selection with its type. */
interface TypedField {
  node: FieldNode;
  type: GraphQLOutputType;
}

/** Walks down an operation's selections, through its fragments. */
class SelectionWalk {
  readonly #fragments: ReadonlyMap<string, { selectionSet: SelectionSetNode; on: string }>;
  readonly #schema: GraphQLSchema;

  constructor({ definitions }: DocumentNode, schema: GraphQLSchema) {
    const fragments = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(
      fragments.map(({ name, selectionSet, typeCondition }) => [
        name.value,
        { selectionSet, on: typeCondition.name.value },
      ]),
    );
    this.#schema = schema;
  }

  /** The fields of the items of the list at a path. */
  below(path: readonly string[], { selectionSet }: OperationDefinitionNode): TypedField[] {
    let fields = this.fields(selectionSet, this.#schema.getQueryType()!);
    let isInList = false;
    for (const name of path) {
      const named = fields.filter(({ node }) => responseName(node) === name);
      if (named.length === 0)
        throw new DispatchRefusal(
          `rows: the operation has no ${name} there, but ${fields.map(({ node }) => responseName(node)).join(', ')}.`,
        );
      isInList ||= isListType(getNullableType(named[0]!.type));
      fields = this.inside(named);
    }
    if (!isInList || fields.length === 0)
      throw new DispatchRefusal(`rows: ${path.join('.')} is no list of objects, and rows are its items.`);
    return fields;
  }

  /** The fields inside fields of one response name. */
  inside(fields: readonly TypedField[]): TypedField[] {
    return fields.flatMap(({ node, type }) =>
      node.selectionSet ? this.fields(node.selectionSet, getNamedType(type)) : [],
    );
  }

  fields({ selections }: SelectionSetNode, parent: GraphQLNamedType): TypedField[] {
    return selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return this.#field(selection, parent);
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? this.#fragments.get(selection.name.value)!
          : { selectionSet: selection.selectionSet, on: selection.typeCondition?.name.value };
      const type = fragment.on === undefined ? parent : this.#schema.getType(fragment.on)!;
      return this.fields(fragment.selectionSet, type);
    });
  }

  #field(node: FieldNode, parent: GraphQLNamedType): TypedField[] {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return [];
    const field = parent.getFields()[node.name.value];
    return field ? [{ node, type: field.type }] : [];
  }
}

function responseName({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

/** Each leaf once, whichever fragments it stands in. What is a list is one column. */
function leavesBelow(walk: SelectionWalk, rows: readonly TypedField[]): PlacedColumn[] {
  const leaves = new Map<string, PlacedColumn>();
  const collect = (fields: readonly TypedField[], before: readonly string[]): void => {
    for (const name of new Set(fields.map(({ node }) => responseName(node)))) {
      const same = fields.filter(({ node }) => responseName(node) === name);
      const path = [...before, name];
      const { type } = same[0]!;
      const isList = isListType(getNullableType(type));
      if (!isList && isCompositeType(getNamedType(type))) collect(walk.inside(same), path);
      else leaves.set(path.join('_'), { name: path.join('_'), type: isList ? 'json' : columnType(type), path });
    }
  };
  collect(rows, []);
  if (leaves.size > MAX_COLUMNS)
    throw new DispatchRefusal(`Rows have ${leaves.size} columns; at most ${MAX_COLUMNS} are delivered.`);
  return [...leaves.values()];
}

function columnType(type: GraphQLOutputType): DeliveryColumn['type'] {
  const named = getNamedType(type);
  if (!isLeafType(named) || isEnumType(named)) return 'text';
  if (named.name === 'Int' || named.name === 'Float') return 'number';
  return named.name === 'Boolean' ? 'boolean' : 'text';
}

/** What stands at a path: through lists, the items of all of them. */
function itemsAt(data: unknown, path: readonly string[]): unknown[] | undefined {
  let found: unknown[] = [data];
  for (const name of path) {
    const next = found.map((each) => (each as Record<string, unknown> | null | undefined)?.[name] ?? undefined);
    if (next.length > 0 && next.every((each) => each === undefined)) return undefined;
    found = next.flat(Number.POSITIVE_INFINITY);
  }
  return found;
}

function valueAt(row: unknown, { path, type }: PlacedColumn): DeliveredValue {
  let value = row;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  if (value === null || value === undefined) return null;
  if (type === 'json' || typeof value === 'object') return JSON.stringify(value);
  // A scalar of the departments' own may be any of them.
  if (type === 'text') return typeof value === 'string' ? value : JSON.stringify(value);
  return value as DeliveredValue;
}
