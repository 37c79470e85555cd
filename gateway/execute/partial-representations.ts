import type { FetchDataRewrite, QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { getNamedType, isObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { FieldAccess } from '../operation/field-access.ts';
import { isDataObject, readOwn, type DataObject } from './data.ts';
import type { Execution } from './execution.ts';
import { compileRewrites } from './rewrites.ts';
import { possibleTypeNames } from './type-names.ts';

/** The member of a representation that names what the caller may not see of what is required, as paths such as `taxpayer.address`. */
const WITHHELD = '_withheld';

/** What a partial representation is made by. */
export interface PartialContext {
  schema: GraphQLSchema;
  /** What the caller may see. */
  access: FieldAccess;
  /** Names of the fields that a type's keys name. */
  keyNames(typeName: string): ReadonlySet<string>;
}

/** Makes the representation of an entity from what there is; undefined where its key is not there. */
export type PartialBuilder = (entity: DataObject, execution: Execution) => DataObject | undefined;

interface Collecting {
  execution: Pick<Execution, 'unfilled' | 'verdicts'>;
  withheld: Set<string>;
}

/**
 * Compiles a fetch's `requires` into a builder for departments that tolerate what is missing. What a department answered to have nothing of is
 * null; what failed is left out; and what the caller may not see as it is is left out and named.
 */
export function compilePartialRepresentation(
  requires: readonly QueryPlanSelectionNode[],
  inputRewrites: readonly FetchDataRewrite[] | undefined,
  context: PartialContext,
): PartialBuilder {
  const parts = requires.flatMap((node) => {
    const type = node.kind === 'InlineFragment' ? context.schema.getType(node.typeCondition ?? '') : undefined;
    if (node.kind !== 'InlineFragment' || !isObjectType(type)) return [];
    const keys = context.keyNames(type.name);
    return { type, keys, names: possibleTypeNames(type.name, context.schema), selections: fieldsOf(node.selections) };
  });
  const rewrite = compileRewrites(inputRewrites, context.schema);
  return (entity, execution) => {
    const part = parts.find(({ names }) => names.has(entity['__typename']));
    if (!part) return undefined;
    const isKey = ({ name }: QueryPlanFieldNode): boolean => name === '__typename' || part.keys.has(name);
    if (part.selections.some((node) => isKey(node) && readOwn(entity, node.alias ?? node.name) === undefined))
      return undefined;
    const collecting: Collecting = { execution, withheld: new Set() };
    const collector = new PartialCollector(context, collecting);
    const keys = collector.plain(entity, part.selections.filter(isKey));
    const others = part.selections.filter((node) => !isKey(node));
    const representation = { ...keys, ...collector.object(entity, { type: part.type, selections: others, path: '' }) };
    rewrite(representation);
    return collecting.withheld.size > 0
      ? { ...representation, [WITHHELD]: [...collecting.withheld].toSorted() }
      : representation;
  };
}

interface Selected {
  type: GraphQLObjectType;
  selections: readonly QueryPlanFieldNode[];
  /** Of the object, from the entity on, with a dot at its end; empty for the entity. */
  path: string;
}

class PartialCollector {
  readonly #context: PartialContext;
  readonly #collecting: Collecting;

  constructor(context: PartialContext, collecting: Collecting) {
    this.#context = context;
    this.#collecting = collecting;
  }

  plain(source: DataObject, selections: readonly QueryPlanFieldNode[]): DataObject {
    return Object.fromEntries(selections.map((node) => [node.alias ?? node.name, source[node.alias ?? node.name]]));
  }

  object(source: DataObject, { type, selections, path }: Selected): DataObject {
    const target: DataObject = {};
    for (const node of selections) {
      const key = node.alias ?? node.name;
      const at = path + node.name;
      if (!this.#isGiven(source, type.name, node.name)) {
        this.#collecting.withheld.add(at);
        continue;
      }
      const value = readOwn(source, key);
      if (value !== undefined) target[key] = this.#value(value, node, { type, at });
      else if (!this.#hasFailed(source, type.name, node)) target[key] = null;
    }
    return target;
  }

  #value(value: unknown, node: QueryPlanFieldNode, { type, at }: { type: GraphQLObjectType; at: string }): unknown {
    if (Array.isArray(value)) return value.map((item: unknown) => this.#value(item, node, { type, at }));
    if (!isDataObject(value) || !node.selections) return value;
    const below = getNamedType(type.getFields()[node.name]?.type);
    const selections = fieldsOf(node.selections);
    return isObjectType(below)
      ? this.object(value, { type: below, selections, path: `${at}.` })
      : this.plain(value, selections);
  }

  /** Whether the caller may see a field of an object as it is. */
  #isGiven(source: DataObject, typeName: string, fieldName: string): boolean {
    const verdict = this.#context.access.of(typeName, fieldName);
    if (verdict?.kind !== 'byRecord') return verdict === undefined;
    const decided = this.#collecting.execution.verdicts.get(source)?.get(verdict.id);
    // What nobody has decided about was not asked for.
    return decided === undefined ? readOwn(source, fieldName) === undefined : decided.kind === 'given';
  }

  #hasFailed(source: DataObject, typeName: string, node: QueryPlanFieldNode): boolean {
    const isUndecided = this.#context.access.of(typeName, node.name)?.kind === 'byRecord';
    const verdicts = this.#collecting.execution.verdicts.get(source);
    return (
      this.#collecting.execution.unfilled.get(source)?.has(node.alias ?? node.name) === true ||
      (isUndecided && verdicts === undefined)
    );
  }
}

function fieldsOf(selections: readonly QueryPlanSelectionNode[]): QueryPlanFieldNode[] {
  return selections.flatMap((node) => (node.kind === 'Field' ? [node] : fieldsOf(node.selections)));
}
