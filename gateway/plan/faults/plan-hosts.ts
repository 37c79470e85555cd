import type { FetchDataRewrite, FetchNode, PlanNode, QueryPlan, ResponsePath } from '@apollo/query-planner';
import {
  Kind,
  OperationTypeNode,
  parse,
  print,
  stripIgnoredCharacters,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
} from 'graphql';
import { namedTypeOf, type MemberTypes } from './member-types.ts';

/** A place in the answer of a fetch that gives objects. */
export interface HostPlace {
  /** Response names in the fetch's own answer, from the objects it is for. */
  keys: readonly string[];
  /** Where the place is in the plan's data. */
  path: ResponsePath;
  /** What the fetch selects there; belongs to the host. */
  selectionSet: SelectionSetNode;
}

/** What is to be fetched of objects of one type: planned as an operation of its own, from a root field that gives the type. */
export interface PlannedPart {
  typeName: string;
  /** The fetch from the department that gives the objects. */
  fetch: FetchNode;
  /** What the root field selects in it. */
  selectionSet: SelectionSetNode;
  /** What other departments are asked afterwards. */
  rest: readonly PlanNode[];
}

/** A fetch of a plan that parts can be added to. */
export class PlanHost {
  readonly fetch: FetchNode;
  /** Where the objects it is for are in the plan's data; empty at the root. */
  readonly path: ResponsePath;
  /** The department's value of `join__Graph`. */
  readonly graph: string;
  /** The root type; undefined for a fetch of entities. */
  readonly rootType: string | undefined;
  /** What it selects of the objects it is for. */
  readonly selectionSet: SelectionSetNode;
  readonly #operation: OperationDefinitionNode;
  readonly #variables: Map<string, VariableDefinitionNode>;
  #dataKeys: ReadonlyMap<string, string>;
  readonly #after: PlanNode[] = [];

  constructor(fetch: FetchNode, path: ResponsePath, graph: string) {
    this.fetch = fetch;
    this.path = path;
    this.graph = graph;
    this.#operation = parseOperation(fetch);
    this.#variables = new Map(variablesOf(this.#operation));
    this.#dataKeys = renamedKeys(fetch);
    this.rootType = fetch.requires ? undefined : rootTypeName(this.#operation.operation);
    const { selectionSet } = this.#operation;
    this.selectionSet = fetch.requires ? (selectionSet.selections[0] as FieldNode).selectionSet! : selectionSet;
  }

  /** The name under which a field's value stands in the plan's data. */
  dataKey(node: FieldNode): string {
    const key = responseKey(node);
    return this.#dataKeys.get(key) ?? key;
  }

  /** Adds a part for objects of a type at a place. */
  add(part: PlannedPart, place: HostPlace, types: MemberTypes): void {
    const { fetch } = this;
    const renamed = renameClashes(this, part, place, types);
    addSelections(place.selectionSet, part);
    for (const [name, definition] of variablesOf(parseOperation(part.fetch))) this.#variables.set(name, definition);
    const operation = { ...this.#operation, variableDefinitions: [...this.#variables.values()] };
    fetch.operation = stripIgnoredCharacters(print(operation));
    fetch.variableUsages = [...new Set([...(fetch.variableUsages ?? []), ...(part.fetch.variableUsages ?? [])])];
    const at = [...place.keys, `... on ${part.typeName}`];
    const rewrites = (part.fetch.outputRewrites ?? []).map((each): FetchDataRewrite => rebasedRewrite(each, at));
    // Each gives back the names that those after it go by.
    const all = [...renamed, ...rewrites, ...(fetch.outputRewrites ?? [])];
    if (all.length > 0) fetch.outputRewrites = all;
    this.#dataKeys = renamedKeys(fetch);
    const [first, ...others] = part.rest.map((node) => rebased(node, place.path));
    if (first) this.#after.push(others.length > 0 ? { kind: 'Sequence', nodes: [first, ...others] } : first);
  }

  /** What is to be fetched after it, because of what was added. */
  get after(): PlanNode | undefined {
    return this.#after.length > 1 ? { kind: 'Parallel', nodes: this.#after } : this.#after[0];
  }
}

export function responseKey({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

/** Takes a plan for an operation with one root field apart; undefined where it is of another form. */
export function plannedPart({ node }: QueryPlan, typeName: string): PlannedPart | undefined {
  const nodes = node?.kind === 'Sequence' ? node.nodes : node?.kind === 'Fetch' ? [node] : [];
  const [fetch, ...rest] = nodes;
  if (fetch?.kind !== 'Fetch' || fetch.requires) return undefined;
  const [entrance] = parseOperation(fetch).selectionSet.selections;
  if (entrance?.kind !== Kind.FIELD || !entrance.selectionSet) return undefined;
  return { typeName, fetch, selectionSet: entrance.selectionSet, rest };
}

/**
 * A department can give one shape of values under one name, whatever the types around it are (GraphQL specification,
 * section 5.3.2). What would have another shape than what is asked already gets another name on its way.
 */
function renameClashes(
  { selectionSet, rootType, graph }: PlanHost,
  part: PlannedPart,
  { keys }: HostPlace,
  types: MemberTypes,
): FetchDataRewrite[] {
  const shapes = new Map<string, string>();
  const renamed = new Map<string, FetchDataRewrite>();
  eachValue({ selectionSet, typeName: rootType, keys: [] }, { types, graph }, (node, shape, above) => {
    shapes.set([...above, responseKey(node)].join('.'), shape);
  });
  eachValue({ ...part, keys }, { types, graph }, (node, shape, above) => {
    const key = responseKey(node);
    const at = [...above, key].join('.');
    if ((shapes.get(at) ?? shape) === shape) return;
    const alias = `${key}__of_${part.typeName}`;
    // In place, as with all that was parsed here.
    Object.assign(node, { alias: { kind: Kind.NAME, value: alias } });
    renamed.set(at, { kind: 'KeyRenamer', path: [...above, alias], renameKeyTo: key });
  });
  return [...renamed.values()];
}

/** Visits the fields of a department's selection with the shape of their values and the response names above them. */
function eachValue(
  {
    selectionSet,
    typeName,
    keys,
  }: { selectionSet: SelectionSetNode; typeName: string | undefined; keys: readonly string[] },
  department: { types: MemberTypes; graph: string },
  visitField: (node: FieldNode, shape: string, keys: readonly string[]) => void,
): void {
  for (const node of selectionSet.selections) {
    if (node.kind === Kind.INLINE_FRAGMENT) {
      const inner = { ...node, typeName: node.typeCondition?.name.value ?? typeName, keys };
      eachValue(inner, department, visitField);
    }
    if (node.kind !== Kind.FIELD || typeName === undefined) continue;
    const type = department.types.fieldType(typeName, node.name.value, department.graph);
    if (!type) continue;
    const named = namedTypeOf(type);
    visitField(node, node.selectionSet ? print(type).replace(named, '{}') : print(type), keys);
    if (node.selectionSet)
      eachValue(
        { selectionSet: node.selectionSet, typeName: named, keys: [...keys, responseKey(node)] },
        department,
        visitField,
      );
  }
}

function parseOperation({ operation }: FetchNode): OperationDefinitionNode {
  const [definition] = parse(operation, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError(`"${operation}" is not one operation`);
  return definition;
}

function variablesOf({ variableDefinitions = [] }: OperationDefinitionNode): [string, VariableDefinitionNode][] {
  return variableDefinitions.map((each) => [each.variable.name.value, each]);
}

function rootTypeName(operation: OperationTypeNode): string {
  return operation === OperationTypeNode.MUTATION ? 'Mutation' : 'Query';
}

/** The planner renames fields that a department could not give under one name, and back afterwards. */
function renamedKeys({ outputRewrites = [] }: FetchNode): ReadonlyMap<string, string> {
  return new Map(
    outputRewrites.flatMap((each) => (each.kind === 'KeyRenamer' ? [[each.path.at(-1)!, each.renameKeyTo]] : [])),
  );
}

/** In place: the selection set was parsed here and is nobody else's. */
function addSelections(selectionSet: SelectionSetNode, { typeName, selectionSet: added }: PlannedPart): void {
  const selections = selectionSet.selections as SelectionNode[];
  const isTyped = selections.some((node) => node.kind === Kind.FIELD && responseKey(node) === '__typename');
  if (!isTyped) selections.unshift({ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } });
  selections.push({
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: typeName } },
    selectionSet: added,
  });
}

/** The same with a place instead of the root field of which it speaks. */
function rebased(node: PlanNode, path: ResponsePath): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((child) => rebased(child, path)) };
    case 'Flatten':
      return { ...node, path: [...path, ...node.path.slice(1)] };
    default:
      return node;
  }
}

function rebasedRewrite<Rewrite extends FetchDataRewrite>(rewrite: Rewrite, at: readonly string[]): Rewrite {
  return { ...rewrite, path: [...at, ...rewrite.path.slice(1)] };
}
