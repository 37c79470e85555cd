import { Kind, parse, print, type FieldNode, type OperationDefinitionNode, type SelectionNode } from 'graphql';
import { suggestion } from '../manifest/strict-object.ts';
import { isList, namedTypeOf, type GivenField, type GraphTypes } from './graph-types.ts';

/** What is required of a type: fields, and what is required of the objects that they lead to. */
export interface FieldSet {
  readonly typeName: string;
  readonly fields: ReadonlyMap<string, RequiredField>;
}

export interface RequiredField {
  readonly given: GivenField;
  /** The named type of its values. */
  readonly typeName: string;
  readonly isList: boolean;
  /** With its arguments, as it is required. */
  readonly node: FieldNode;
  /** Absent for a leaf. */
  readonly below?: FieldSet;
}

/** What keeps a text from being a field set. */
export class FieldSetFault extends Error {
  override name = 'FieldSetFault';
}

/** Reads a field set and finds its fields. @throws FieldSetFault */
export function readFieldSet(text: string, typeName: string, graph: GraphTypes): FieldSet {
  return toFieldSet(parseSelections(text), typeName, graph);
}

/** A field set as `@requires` takes it. */
export function printFieldSet({ fields }: FieldSet): string {
  return [...fields.values()].map(printField).join(' ');
}

function printField({ node, below }: RequiredField): string {
  const args = (node.arguments ?? []).map((arg) => print(arg));
  const given = args.length > 0 ? `(${args.join(', ')})` : '';
  return `${node.name.value}${given}${below ? ` { ${printFieldSet(below)} }` : ''}`;
}

/** A field by the names that lead to it. @throws FieldSetFault naming what is not required */
export function requiredField(set: FieldSet, path: readonly string[]): RequiredField {
  const [name = '', ...rest] = path;
  const field = set.fields.get(name);
  if (!field)
    throw new FieldSetFault(`"${name}" is not required of ${set.typeName}${suggestion(name, [...set.fields.keys()])}`);
  if (rest.length === 0) return field;
  if (!field.below) throw new FieldSetFault(`${set.typeName}.${name} is a value and leads no further`);
  return requiredField(field.below, rest);
}

function parseSelections(text: string): readonly SelectionNode[] {
  try {
    const [definition] = parse(`{ ${text} }`, { noLocation: true }).definitions;
    return (definition as OperationDefinitionNode).selectionSet.selections;
  } catch (error) {
    throw new FieldSetFault(`this is no field set: ${(error as Error).message}`);
  }
}

function toFieldSet(selections: readonly SelectionNode[], typeName: string, graph: GraphTypes): FieldSet {
  const fields = new Map<string, RequiredField>();
  for (const node of selections) {
    if (node.kind !== Kind.FIELD || node.alias || node.directives?.length)
      throw new FieldSetFault(
        `${typeName}: fields alone can be required here, without aliases, fragments and directives`,
      );
    if (fields.has(node.name.value)) throw new FieldSetFault(`${typeName}.${node.name.value} is required twice`);
    fields.set(node.name.value, toField(node, typeName, graph));
  }
  return { typeName, fields };
}

function toField(node: FieldNode, typeName: string, graph: GraphTypes): RequiredField {
  const name = node.name.value;
  const given = graph.field(typeName, name);
  if (!given)
    throw new FieldSetFault(`no department gives ${typeName}.${name}${suggestion(name, graph.fieldNames(typeName))}`);
  refuseUnknownArguments(node, typeName, given);
  const leadsTo = namedTypeOf(given.definition.type);
  const whole = node.selectionSet === undefined && leadsTo === 'Provenance' ? withAllFields(node, graph) : node;
  const field = { given, typeName: leadsTo, isList: isList(given.definition.type), node: whole };
  const kind = graph.other(leadsTo)?.kind;
  if (kind === Kind.INTERFACE_TYPE_DEFINITION || kind === Kind.UNION_TYPE_DEFINITION)
    throw new FieldSetFault(`${typeName}.${name} is of several types (${leadsTo}), which a fact cannot be read from`);
  if (graph.isObject(leadsTo) !== (whole.selectionSet !== undefined))
    throw new FieldSetFault(
      `${typeName}.${name} ${whole.selectionSet ? 'is a value and has no fields' : `leads to ${leadsTo}: say which of its fields are required`}`,
    );
  return whole.selectionSet ? { ...field, below: toFieldSet(whole.selectionSet.selections, leadsTo, graph) } : field;
}

/** All that is said of where a value comes from belongs to a claim. */
function withAllFields(node: FieldNode, graph: GraphTypes): FieldNode {
  const selections = graph
    .fieldNames('Provenance')
    .map((value): FieldNode => ({ kind: Kind.FIELD, name: { kind: Kind.NAME, value } }));
  return { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function refuseUnknownArguments(
  { name, arguments: args = [] }: FieldNode,
  typeName: string,
  { definition }: GivenField,
): void {
  const known = (definition.arguments ?? []).map((each) => each.name.value);
  for (const arg of args)
    if (!known.includes(arg.name.value))
      throw new FieldSetFault(
        `${typeName}.${name.value} has no argument "${arg.name.value}"${suggestion(arg.name.value, known)}`,
      );
}

/** One field set that asks for what several ask for. @throws FieldSetFault where they want a field with different arguments */
export function mergeFieldSets(typeName: string, sets: readonly FieldSet[]): FieldSet {
  const fields = new Map<string, RequiredField>();
  for (const [name, field] of sets.flatMap((set) => [...set.fields])) {
    const known = fields.get(name);
    fields.set(name, known ? mergeFields(known, field, typeName) : field);
  }
  return { typeName, fields };
}

function mergeFields(one: RequiredField, other: RequiredField, typeName: string): RequiredField {
  const [first, second] = [one, other].map(({ node }) =>
    (node.arguments ?? [])
      .map((arg) => print(arg))
      .toSorted()
      .join(),
  );
  if (first !== second)
    throw new FieldSetFault(
      `${typeName}.${one.node.name.value} is required with different arguments by two claims of one fact`,
    );
  return one.below && other.below ? { ...one, below: mergeFieldSets(one.typeName, [one.below, other.below]) } : one;
}
