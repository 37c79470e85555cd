import type { ResponsePath } from '@apollo/query-planner';
import { Kind, type FieldNode, type SelectionSetNode, type TypeNode } from 'graphql';
import { namedTypeOf, type MemberTypes } from './member-types.ts';
import { fieldsOf, fieldSteps, passesBy, type PathStep } from '../plan-path.ts';
import { responseKey, type PlanHost } from './plan-hosts.ts';

/** A fetch that supplies a part of a place's objects. */
export interface Source {
  host: PlanHost;
  /** The type there in the host's department; undefined where the fetch adds to objects that another one gave. */
  typeName: string | undefined;
  /** Response names in the host's answer, from the objects it is for. */
  keys: readonly string[];
  selections: readonly SelectionSetNode[];
}

/** A place in the data, with what the client selects there and the fetches that supply it. */
export interface Place {
  path: ResponsePath;
  /** The type there in the supergraph. */
  typeName: string;
  /** Whether it may hold a type that one of the departments does not know there. */
  isDiffering: boolean;
  client: readonly SelectionSetNode[];
  sources: readonly Source[];
  /** Fetches that are made below the place, and not for these objects: something on the way is of another type. */
  passed: ReadonlySet<PlanHost>;
}

/** Fields by their name in the data, each with the nodes that select it. */
export type Fields = ReadonlyMap<string, readonly FieldNode[]>;

/** What walking a plan depends on beside the plan. */
export interface WalkContext {
  types: MemberTypes;
  /** The client's fields that lead to a place which may hold a type that one of the departments does not know there. */
  relevant: ReadonlySet<FieldNode>;
  /** Told of the fields that the client selects of a type at a place, and no fetch supplies. */
  onMissing(place: Place, typeName: string, fields: Fields): void;
}

/** A fetch with the fields on its path. */
interface PlacedHost {
  host: PlanHost;
  steps: readonly PathStep[];
}

/** Walks what a client selects and what a plan's fetches select side by side. */
export class PlanWalk {
  readonly #context: WalkContext;
  readonly #hosts: readonly PlacedHost[];
  readonly #identify = identities();

  constructor(hosts: readonly PlanHost[], context: WalkContext) {
    this.#hosts = hosts.map((host) => ({ host, steps: fieldSteps(host.path) }));
    this.#context = context;
  }

  run(rootType: string, client: SelectionSetNode): void {
    const passed = new Set<PlanHost>();
    const sources = this.#sourcesAt([], passed);
    this.#visit({ path: [], typeName: rootType, isDiffering: false, client: [client], sources, passed });
  }

  #visit(place: Place): void {
    const { types, relevant, onMissing } = this.#context;
    const children = new Map<string, Place>();
    for (const typeName of this.#typesAt(place)) {
      const supplied = place.sources.map(({ host, selections }) =>
        collect(selections, typeName, types, (node) => host.dataKey(node)),
      );
      const missing = new Map<string, readonly FieldNode[]>();
      for (const [key, nodes] of collect(place.client, typeName, types, responseKey)) {
        if (key === '__typename') continue;
        if (!supplied.some((fields) => fields.has(key))) missing.set(key, nodes);
        else if (nodes.some((node) => relevant.has(node))) {
          const child = this.#child(place, typeName, { key, nodes, supplied });
          if (child) children.set(this.#signature(key, child), child);
        }
      }
      if (place.isDiffering && missing.size > 0) onMissing(place, typeName, missing);
    }
    for (const child of children.values()) this.#visit(child);
  }

  /** The object types that the departments can give at a place. */
  #typesAt({ typeName, sources }: Place): ReadonlySet<string> {
    const { types } = this.#context;
    const names = sources.flatMap(({ host, typeName: own }) => {
      if (own === undefined) return [];
      return [...(types.possibleTypes(own, host.graph) ?? types.possibleTypes(typeName) ?? [])];
    });
    return new Set(names);
  }

  #child(
    { path, sources, passed: passedAbove }: Place,
    parentType: string,
    { key, nodes, supplied }: { key: string; nodes: readonly FieldNode[]; supplied: readonly Fields[] },
  ): Place | undefined {
    const { types } = this.#context;
    const name = nodes[0]!.name.value;
    const type = types.fieldType(parentType, name);
    if (!type) return undefined;
    const at = [...path, key, ...listMarks(type)];
    const passing = this.#hosts.filter(({ steps }) => passesBy(steps, fieldsOf(path), parentType));
    const passed = new Set([...passedAbove, ...passing.map(({ host }) => host)]);
    const below = sources.flatMap(({ host, keys }, index): Source[] => {
      const own = supplied[index]!.get(key);
      const ownType = types.fieldType(parentType, name, host.graph);
      if (!own || !ownType) return [];
      const ownKeys = [...keys, responseKey(own[0]!)];
      return [{ host, typeName: namedTypeOf(ownType), keys: ownKeys, selections: selectionSetsOf(own) }];
    });
    return {
      path: at,
      typeName: namedTypeOf(type),
      isDiffering: types.differingFields.has(name),
      client: selectionSetsOf(nodes),
      sources: [...below, ...this.#sourcesAt(at, passed)],
      passed,
    };
  }

  /** Fetches for the objects at a path. */
  #sourcesAt(path: ResponsePath, passed: ReadonlySet<PlanHost>): Source[] {
    const at = fieldsOf(path).join('.');
    return this.#hosts
      .filter(({ host, steps }) => !passed.has(host) && steps.map(({ key }) => key).join('.') === at)
      .map(({ host }) => ({ host, typeName: host.rootType, keys: [], selections: [host.selectionSet] }));
  }

  /** Types of an interface mostly have the same below a field: that is one place and not many, at every level again. */
  #signature(key: string, { typeName, client, sources, passed }: Place): string {
    const parts = sources.map(({ typeName: own, selections }) => [own, ...selections.map(this.#identify)]);
    return JSON.stringify([key, typeName, client.map(this.#identify), parts, [...passed].map(this.#identify)]);
  }
}

export function selectionSetsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}

function collect(
  selections: readonly SelectionSetNode[],
  typeName: string,
  types: MemberTypes,
  keyOf: (node: FieldNode) => string,
): Fields {
  const fields = new Map<string, FieldNode[]>();
  const add = (selectionSet: SelectionSetNode): void => {
    for (const node of selectionSet.selections) {
      if (node.kind === Kind.FIELD) {
        const known = fields.get(keyOf(node));
        if (known) known.push(node);
        else fields.set(keyOf(node), [node]);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (!node.typeCondition || types.satisfies(typeName, node.typeCondition.name.value)) add(node.selectionSet);
      }
    }
  };
  for (const selectionSet of selections) add(selectionSet);
  return fields;
}

function listMarks(type: TypeNode): '@'[] {
  if (type.kind === Kind.NAMED_TYPE) return [];
  return type.kind === Kind.LIST_TYPE ? ['@', ...listMarks(type.type)] : listMarks(type.type);
}

/** Gives each object a number of its own. */
function identities(): (object: object) => number {
  const known = new Map<object, number>();
  return (object) => {
    const identity = known.get(object) ?? known.size;
    known.set(object, identity);
    return identity;
  };
}
