import type { FetchNode, PlanNode, QueryPlan, ResponsePath, SubscriptionNode } from '@apollo/query-planner';
import {
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { MemberTypes } from './member-types.ts';
import { PlanHost, plannedPart } from './plan-hosts.ts';
import { PlanWalk, selectionSetsOf, type Fields, type Place, type Source } from './plan-places.ts';

/** A field that objects of a type lack at a place, because no department can be asked for it there. */
export interface UnsuppliedField {
  /** Where the objects are in the data; `@` for each item of a list. */
  path: ResponsePath;
  typeName: string;
  /** The field's name in the data. */
  key: string;
}

/** A plan that fetches what is asked of every type that its departments can give. */
export interface WholePlan extends QueryPlan {
  /** What is missing from it all the same. Absent where nothing is. */
  unsupplied?: UnsuppliedField[];
}

type PlanDocument = (document: DocumentNode) => QueryPlan;

/**
 * Apollo's planner leaves a fragment out altogether as soon as one of the ways to where it stands ends in a department that
 * does not know its type, though the plan then goes another way, to a department that does: objects which that one gives
 * lack the fragment's fields. Here such fields are planned by themselves, from the department that gives the objects, and
 * what comes of it is added to the fetch from there.
 *
 * The plan's way is kept. Another would ask another department for the same list, and its items need not be the same.
 *
 * @param document an operation in its normal form
 * @param plan the planner
 */
export function planWholly(document: DocumentNode, types: MemberTypes, plan: PlanDocument): WholePlan {
  const planned: WholePlan = plan(document);
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (!planned.node || !isUnconditional(planned.node) || !operation) return planned;
  const relevant = new Set<FieldNode>();
  if (!findRelevant(operation.selectionSet, types.differingFields, relevant)) return planned;
  const hosts = hostsOf(planned.node, [], types);
  const supply = new MemberSupply(operation, types, (part) => planWholly(part, types, plan));
  const walk = new PlanWalk(hosts, {
    types,
    relevant,
    onMissing: (place, typeName, fields) => supply.add(place, typeName, fields),
  });
  walk.run(operation.operation === OperationTypeNode.MUTATION ? 'Mutation' : 'Query', operation.selectionSet);
  const after = new Map(hosts.flatMap((host) => (host.after ? [[host.fetch, host.after] as const] : [])));
  if (after.size > 0) planned.node = extended(planned.node, after);
  if (supply.unsupplied.length > 0) planned.unsupplied = supply.unsupplied;
  return planned;
}

/** Finds the fields that give other types in other departments, and those above them; gives whether there are any. */
function findRelevant(
  { selections }: SelectionSetNode,
  differingFields: ReadonlySet<string>,
  relevant: Set<FieldNode>,
): boolean {
  let isAny = false;
  for (const node of selections) {
    if (node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet) continue;
    const isAbove = findRelevant(node.selectionSet, differingFields, relevant);
    const isOne = node.kind === Kind.FIELD && differingFields.has(node.name.value);
    if (node.kind === Kind.FIELD && (isAbove || isOne)) relevant.add(node);
    isAny ||= isAbove || isOne;
  }
  return isAny;
}

/** Plans of normal forms are: they have neither conditions nor deferred parts, and what has is left as it is. */
function isUnconditional(node: PlanNode | SubscriptionNode): node is PlanNode {
  if (node.kind === 'Sequence' || node.kind === 'Parallel') return node.nodes.every((child) => isUnconditional(child));
  return node.kind === 'Fetch' || (node.kind === 'Flatten' && isUnconditional(node.node));
}

function hostsOf(node: PlanNode, path: ResponsePath, types: MemberTypes): PlanHost[] {
  switch (node.kind) {
    case 'Fetch': {
      const graph = types.graphOf(node.serviceName);
      return graph === undefined ? [] : [new PlanHost(node, path, graph)];
    }
    case 'Flatten':
      return hostsOf(node.node, [...path, ...node.path], types);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap((child) => hostsOf(child, path, types));
    default:
      return [];
  }
}

/** The plan with what comes after some of its fetches. */
function extended(node: PlanNode, after: ReadonlyMap<FetchNode, PlanNode>): PlanNode {
  if (node.kind === 'Parallel') return { ...node, nodes: node.nodes.map((child) => extended(child, after)) };
  if (node.kind === 'Sequence') {
    const nodes = node.nodes.map((child) => extended(child, after));
    return { ...node, nodes: nodes.flatMap((child) => (child.kind === 'Sequence' ? child.nodes : [child])) };
  }
  const fetch = node.kind === 'Flatten' ? node.node : node;
  const next = fetch.kind === 'Fetch' ? after.get(fetch) : undefined;
  if (!next) return node;
  return { kind: 'Sequence', nodes: [node, ...(next.kind === 'Sequence' ? next.nodes : [next])] };
}

type MissingField = readonly [key: string, nodes: readonly FieldNode[]];

/** Adds to fetches what is missing of the types they give. */
class MemberSupply {
  readonly unsupplied: UnsuppliedField[] = [];
  readonly #operation: OperationDefinitionNode;
  readonly #types: MemberTypes;
  readonly #plan: (document: DocumentNode) => WholePlan;

  constructor(operation: OperationDefinitionNode, types: MemberTypes, plan: (document: DocumentNode) => WholePlan) {
    this.#operation = operation;
    this.#types = types;
    this.#plan = plan;
  }

  add(place: Place, typeName: string, fields: Fields): void {
    const giving = place.sources.filter(({ host, typeName: own }) => {
      const isGiven = own !== undefined && this.#types.possibleTypes(own, host.graph)?.has(typeName);
      return isGiven && this.#types.entrance(typeName, host.graph) !== undefined;
    });
    if (giving.length === 0) return;
    let missing: readonly MissingField[] = [...fields];
    for (const source of giving) missing = this.#addTo(source, place, typeName, missing);
    for (const [key] of missing) this.unsupplied.push({ path: place.path, typeName, key });
  }

  /** Adds fields all together if they can be, or else each that can be; gives the rest. */
  #addTo(source: Source, place: Place, typeName: string, fields: readonly MissingField[]): readonly MissingField[] {
    if (fields.length === 0 || this.#addPart(source, place, typeName, fields)) return [];
    return fields.length > 1 ? fields.flatMap((field) => this.#addTo(source, place, typeName, [field])) : fields;
  }

  #addPart(
    { host, keys, selections }: Source,
    { path }: Place,
    typeName: string,
    fields: readonly MissingField[],
  ): boolean {
    const planned = this.#planPart(this.#types.entrance(typeName, host.graph)!, fields);
    const part = planned && plannedPart(planned, typeName);
    if (!part) return false;
    host.add(part, { keys, path, selectionSet: selections[0]! }, this.#types);
    for (const each of planned.unsupplied ?? [])
      this.unsupplied.push({ ...each, path: [...path, ...each.path.slice(1)] });
    return true;
  }

  /** Undefined where the planner finds no way: it says so by an error, for there should have been one. */
  #planPart(entrance: string, fields: readonly MissingField[]): WholePlan | undefined {
    const selections = fields.map(([, nodes]) => withSelections(nodes[0]!, selectionSetsOf(nodes)));
    const root: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: entrance } };
    const part: OperationDefinitionNode = {
      ...this.#operation,
      operation: OperationTypeNode.QUERY,
      directives: [],
      selectionSet: { kind: Kind.SELECTION_SET, selections: [withSelections(root, [selectionSetOf(selections)])] },
    };
    try {
      return this.#plan({ kind: Kind.DOCUMENT, definitions: [part] });
    } catch {
      return undefined;
    }
  }
}

function selectionSetOf(selections: readonly FieldNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}

function withSelections(node: FieldNode, selectionSets: readonly SelectionSetNode[]): FieldNode {
  if (selectionSets.length === 0) return node;
  const selections = selectionSets.flatMap((selectionSet) => selectionSet.selections);
  return { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}
