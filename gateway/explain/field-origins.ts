import {
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import {
  collectFields,
  type CollectedField,
  type Fragments,
  type SelectionGroup,
} from '../operation/collect-fields.ts';
import type { PreparedOperation } from '../operation/prepare.ts';
import { fieldsOf } from '../plan/plan-path.ts';
import type { PlannedFetch } from './planned-fetches.ts';

/** Where a field of the answer comes from. */
export interface FieldOrigin {
  /** The client's response names, with dots between them. */
  path: string;
  /** For objects of these types; absent where all types it is selected for have it from the same. */
  types?: string[];
  /** The fetches that ask for it there. Several have parts of one object, or the same value; none has what nobody can give. */
  from: { fetch: number; service: string }[];
  /** Whether the gateway says it by itself, as it does of types and of the schema. Default: no. */
  byGateway?: true;
}

/** What finding fields' origins depends on. */
export interface OriginContext {
  apiSchema: GraphQLSchema;
  fullSchema: GraphQLSchema;
  /** Values of the variables in `@skip` and `@include`. */
  variables: Readonly<Record<string, unknown>>;
}

/**
 * Finds where each field of the answer comes from: walks what the client selects beside what the fetches select, which both
 * have the same data keys, and takes up each fetch at the place that it is for.
 */
export function findFieldOrigins(
  { operation, fragments, dataKeys }: Pick<PreparedOperation, 'operation' | 'fragments' | 'dataKeys'>,
  fetches: readonly PlannedFetch[],
  context: OriginContext,
): FieldOrigin[] {
  const root = context.apiSchema.getRootType(operation.operation)!;
  const walk = new OriginWalk(fetches, { ...context, fragments, dataKeys });
  walk.run(root, operation.selectionSet);
  return walk.origins;
}

interface WalkContext extends OriginContext {
  fragments: Fragments;
  dataKeys: PreparedOperation['dataKeys'];
}

/** What one fetch selects at the place where the walk is. */
interface Cursor {
  source: FetchSource;
  selections: SelectionGroup;
}

/** What of a fetch is the same in all places. */
interface FetchSource {
  number: number;
  service: string;
  fragments: Fragments;
  /** Data keys, where they are not the names in the department's answer. */
  renamed: ReadonlyMap<string, string>;
}

/** Objects at one place of the answer that the client selects the same of, and that come from the same. */
interface Branch {
  types: Set<GraphQLObjectType>;
  selections: SelectionGroup;
  /** Data keys from the root, with dots between them. */
  dataPath: string;
  cursors: readonly Cursor[];
}

/** One field of one type of a branch. */
interface Part {
  type: GraphQLObjectType;
  field: CollectedField;
  dataPath: string;
  /** What each fetch that asks for the field selects below it. */
  cursors: readonly Cursor[];
}

class OriginWalk {
  readonly origins: FieldOrigin[] = [];
  readonly #context: WalkContext;
  readonly #entering = new Map<string, Cursor[]>();
  readonly #ids = new Map<object, number>();

  constructor(fetches: readonly PlannedFetch[], context: WalkContext) {
    this.#context = context;
    for (const fetch of fetches) {
      const at = fieldsOf(fetch.path).join('.');
      this.#entering.set(at, [...(this.#entering.get(at) ?? []), cursorOf(fetch)]);
    }
  }

  run(type: GraphQLObjectType, selectionSet: SelectionGroup[number]): void {
    const cursors = this.#entering.get('') ?? [];
    this.#visit([{ types: new Set([type]), selections: [selectionSet], dataPath: '', cursors }], []);
  }

  #visit(branches: readonly Branch[], above: readonly string[]): void {
    const byName = new Map<string, Part[]>();
    for (const part of branches.flatMap((branch) => this.#partsOf(branch))) {
      const known = byName.get(part.field.key);
      if (known) known.push(part);
      else byName.set(part.field.key, [part]);
    }
    for (const [name, parts] of byName) {
      const path = [...above, name];
      this.origins.push(...originsOf(path.join('.'), parts));
      const below = this.#branchesBelow(parts);
      if (below.length > 0) this.#visit(below, path);
    }
  }

  #partsOf({ types, selections, dataPath, cursors }: Branch): Part[] {
    const { apiSchema: schema, fragments, dataKeys, variables } = this.#context;
    return [...types].flatMap((type) => {
      const supplied = cursors.map((cursor) => this.#suppliedFields(type, cursor));
      return collectFields(type, selections, { schema, fragments, variables }).map((field): Part => {
        const key = dataKeys.get(field.node)!;
        // The type of an object that can have but one is known without asking.
        const isKnown = field.node.name.value === '__typename' && types.size === 1;
        const asked = isKnown ? [] : supplied.flatMap((byKey) => byKey.get(key) ?? []);
        return { type, field, dataPath: dataPath === '' ? key : `${dataPath}.${key}`, cursors: asked };
      });
    });
  }

  /** What a fetch selects below each field of a type, by data key. */
  #suppliedFields(type: GraphQLObjectType, { source, selections }: Cursor): Map<string, Cursor> {
    const { fullSchema: schema, variables } = this.#context;
    const fields = collectFields(type, selections, { schema, fragments: source.fragments, variables });
    return new Map(fields.map(({ key, inner }) => [source.renamed.get(key) ?? key, { source, selections: inner }]));
  }

  /** Objects of several types are gone through once where nothing tells them apart. */
  #branchesBelow(parts: readonly Part[]): Branch[] {
    const branches = new Map<string, Branch>();
    for (const { type, field, dataPath, cursors } of parts) {
      const possible = this.#typesOf(type, field.node);
      if (possible.length === 0 || field.inner.length === 0) continue;
      const below = [...cursors, ...(this.#entering.get(dataPath) ?? [])];
      const key = [dataPath, field.inner, ...below.map(({ selections }) => selections)]
        .map((part) => (typeof part === 'string' ? part : part.map((node) => this.#idOf(node)).join(',')))
        .join(';');
      const known = branches.get(key);
      if (known) for (const each of possible) known.types.add(each);
      else branches.set(key, { types: new Set(possible), selections: field.inner, dataPath, cursors: below });
    }
    return [...branches.values()];
  }

  /** Types that the objects of a field can have; none for leaves, and for the schema's own fields. */
  #typesOf(parent: GraphQLObjectType, node: FieldNode): readonly GraphQLObjectType[] {
    const { apiSchema } = this.#context;
    const field = parent.getFields()[node.name.value];
    const type = field && getNamedType(field.type);
    if (!isCompositeType(type)) return [];
    return isObjectType(type) ? [type] : apiSchema.getPossibleTypes(type);
  }

  #idOf(node: object): number {
    let id = this.#ids.get(node);
    if (id === undefined) this.#ids.set(node, (id = this.#ids.size));
    return id;
  }
}

function cursorOf({ number, node, template }: PlannedFetch): Cursor {
  const { service, fragments, isEntityFetch, selectionSet } = template;
  const [entities] = selectionSet.selections;
  const isEntities = isEntityFetch && entities?.kind === Kind.FIELD && entities.selectionSet;
  const renamed = new Map<string, string>();
  for (const rewrite of node.outputRewrites ?? [])
    if (rewrite.kind === 'KeyRenamer') renamed.set(rewrite.path.at(-1)!, rewrite.renameKeyTo);
  return {
    source: { number, service, fragments, renamed },
    selections: [isEntities ? entities.selectionSet : selectionSet],
  };
}

/** One row where all types have the field from the same, else one for each group of types that have. */
function originsOf(path: string, parts: readonly Part[]): FieldOrigin[] {
  const groups = new Map<string, FieldOrigin & { types: string[] }>();
  for (const { type, cursors } of parts) {
    const from = cursors.map(({ source: { number, service } }) => ({ fetch: number, service }));
    const key = from.map(({ fetch }) => fetch).join();
    const known = groups.get(key);
    if (known) known.types = [...new Set([...known.types, type.name])];
    else groups.set(key, { path, types: [type.name], from });
  }
  // A type that no department gives at this place has its fields from nowhere, which tells nobody anything.
  const given = [...groups.values()].filter(({ from }) => from.length > 0);
  const isOfSchema = parts[0]!.field.node.name.value.startsWith('__');
  if (given.length === 0 && isOfSchema) return [{ path, from: [], byGateway: true }];
  const rows = given.length > 0 ? given : [...groups.values()];
  return rows.length === 1 ? [{ path, from: rows[0]!.from }] : rows;
}
