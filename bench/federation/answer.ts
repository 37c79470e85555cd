import {
  Kind,
  parse,
  valueFromASTUntyped,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { BenchSubgraph, Entity, FieldValue, Representation, Values } from '../workloads/workload.ts';

/** Answers one GraphQL request with the text of a whole response. */
export type AnswerOperation = (query: string, variables: Values) => string;

/** What is selected of an object; types are told apart once they are met. */
interface Selection {
  sets: readonly SelectionSetNode[];
  fields: Map<string, readonly Field[]>;
  /** Text already written, by object; none where objects are made anew for every request. */
  texts: Map<Entity, string> | undefined;
}

interface Field {
  name: string;
  /** `"key":`, ready to be written. */
  head: string;
  node: FieldNode;
  selection: Selection | undefined;
}

interface Operation {
  fields: readonly Field[];
  write(selection: Selection | undefined, value: FieldValue | undefined): string;
}

/**
 * A subgraph's server, without HTTP: just enough of GraphQL for what gateways send (aliases, fragments on object types,
 * variables), and as fast as can be: an operation is prepared once, the text of an object is written once.
 */
export function createAnswerer(subgraph: BenchSubgraph): AnswerOperation {
  const operations = new Map<string, Operation>();
  return (query, variables) => {
    let operation = operations.get(query);
    if (!operation) operations.set(query, (operation = prepare(query, subgraph.isFixed ?? true)));
    const { fields, write } = operation;
    const parts = fields.map((field) => field.head + write(field.selection, rootValue(subgraph, field, variables)));
    return `{"data":{${parts.join(',')}}}`;
  };
}

function rootValue({ roots, entities }: BenchSubgraph, { name, node }: Field, variables: Values): FieldValue {
  if (name === '__typename') return 'Query';
  const values = Object.fromEntries(
    (node.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value, variables)]),
  );
  if (name !== '_entities') {
    const root = roots?.[name];
    if (!root) throw new Error(`There is no Query.${name}.`);
    return root(values);
  }
  return (values['representations'] as Representation[]).map((representation) => {
    const find = entities?.[representation.__typename];
    if (!find) throw new Error(`${representation.__typename} is no entity here.`);
    return find(representation);
  });
}

function prepare(query: string, isFixed: boolean): Operation {
  const { definitions } = parse(query, { noLocation: true });
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const operation = definitions.find(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );
  if (!operation) throw new Error('The document has no operation.');

  const collect = (sets: readonly SelectionSetNode[], typeName: string, into: Map<string, FieldNode[]>): void => {
    for (const node of sets.flatMap((set) => set.selections)) {
      if (node.directives?.length) throw new Error('Directives are not served here.');
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        const same = into.get(key);
        if (same) same.push(node);
        else into.set(key, [node]);
        continue;
      }
      const part = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value)! : node;
      const condition = part.typeCondition?.name.value ?? typeName;
      if (condition === typeName) collect([part.selectionSet], typeName, into);
    }
  };
  const fieldsOf = (sets: readonly SelectionSetNode[], typeName: string): Field[] => {
    const byKey = new Map<string, FieldNode[]>();
    collect(sets, typeName, byKey);
    return [...byKey].map(([key, nodes]) => {
      const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      return {
        name: nodes[0]!.name.value,
        head: `"${key}":`,
        node: nodes[0]!,
        selection: below.length ? select(below) : undefined,
      };
    });
  };
  const select = (sets: readonly SelectionSetNode[]): Selection => ({
    sets,
    fields: new Map(),
    texts: isFixed ? new Map() : undefined,
  });
  return { fields: fieldsOf([operation.selectionSet], 'Query'), write: createWriter(fieldsOf) };
}

function createWriter(fieldsOf: (sets: readonly SelectionSetNode[], typeName: string) => Field[]): Operation['write'] {
  const write: Operation['write'] = (selection, value) => {
    if (value === undefined) throw new Error('A field that is not here was asked for.');
    if (Array.isArray(value)) return `[${value.map((item: FieldValue) => write(selection, item)).join(',')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    if (!selection) throw new Error('An object was asked for as if it were a leaf.');
    const known = selection.texts?.get(value as Entity);
    if (known !== undefined) return known;
    const text = writeObject(selection, value as Entity);
    selection.texts?.set(value as Entity, text);
    return text;
  };
  const writeObject = (selection: Selection, entity: Entity): string => {
    let fields = selection.fields.get(entity.__typename);
    if (!fields) selection.fields.set(entity.__typename, (fields = fieldsOf(selection.sets, entity.__typename)));
    return `{${fields.map(({ head, name, selection: below }) => head + write(below, entity[name])).join(',')}}`;
  };
  return write;
}
