import type { FetchNode, ResponsePath } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { readOwn, type DataObject } from './data.ts';
import type { Execution } from './execution.ts';
import { compileVariables, fetchTemplate } from './fetch-template.ts';
import type { FetchTemplate } from './fetcher.ts';
import { compileTargetPath, findPositions, findTargets } from './targets.ts';
import { possibleTypeNames } from './type-names.ts';
import { withoutVariables } from './without-variables.ts';

/** Objects that a subgraph is asked about with the same arguments. */
export interface TargetGroup {
  template: FetchTemplate;
  /** As in a request: members of the variables object, as JSON text. */
  variablesText: string;
  targets: DataObject[];
}

/** Finds the objects that a fetch of entities is for. */
export type FindGroups = (execution: Pick<Execution, 'data' | 'variables'>) => TargetGroup[];

/**
 * Compiles where a fetch of entities finds its objects, and with which arguments it asks about them. Those that
 * `@fromContext` takes from the objects above an entity may differ from one place to the next. What has the same is asked in
 * one request, what differs in another: each can then be answered from the cache by itself, and a value that the subgraph
 * refuses takes nothing from the others.
 */
export function compileGroups(node: FetchNode, path: ResponsePath, schema: GraphQLSchema): FindGroups {
  const targetPath = compileTargetPath(path, schema);
  const contextArguments = compileContextArguments(node, schema);
  if (contextArguments.size === 0) {
    const template = fetchTemplate(node, path);
    const variablesText = compileVariables(node);
    return ({ data, variables }) => [
      { template, variablesText: variablesText(variables), targets: findTargets(data, targetPath) },
    ];
  }
  const variants = new Variants(node, path, contextArguments);
  return ({ data, variables }) => {
    const groups = new Map<string, TargetGroup>();
    for (const { object, lineage } of findPositions(data, targetPath)) {
      const { text, absent } = valuesText(contextArguments, lineage);
      const known = groups.get(text);
      if (known) known.targets.push(object);
      else {
        const variant = variants.without(absent);
        if (!variant) continue;
        const variablesText = [variant.clientsText(variables), text].filter((part) => part !== '').join(',');
        groups.set(text, { template: variant.template, variablesText, targets: [object] });
      }
    }
    return [...groups.values()];
  };
}

interface Variant {
  template: FetchTemplate;
  /** The text of the variables that are the client's. */
  clientsText: ReturnType<typeof compileVariables>;
}

/** What to ask where some of the contextual arguments have values and others have none. */
class Variants {
  readonly #node: FetchNode;
  readonly #path: ResponsePath;
  readonly #contextArguments: ContextArguments;
  readonly #known = new Map<string, Variant | undefined>();

  constructor(node: FetchNode, path: ResponsePath, contextArguments: ContextArguments) {
    this.#node = node;
    this.#path = path;
    this.#contextArguments = contextArguments;
  }

  /** Undefined where nothing is left to be asked. */
  without(absent: readonly string[]): Variant | undefined {
    const key = absent.join();
    if (!this.#known.has(key)) this.#known.set(key, this.#make(new Set(absent)));
    return this.#known.get(key);
  }

  #make(absent: ReadonlySet<string>): Variant | undefined {
    const node = absent.size === 0 ? this.#node : withoutVariables(this.#node, absent);
    if (!node) return undefined;
    const variableUsages = node.variableUsages?.filter((name) => !this.#contextArguments.has(name)) ?? [];
    return {
      template: fetchTemplate(node, this.#path),
      clientsText: compileVariables({ ...node, variableUsages }),
    };
  }
}

/** Contextual arguments by the names of their variables. */
type ContextArguments = ReadonlyMap<string, readonly ContextSource[]>;

/** Where an argument's value comes from. */
interface ContextSource {
  /** How many objects above the entity. */
  levels: number;
  /** Whether that object is of the type that this is about. */
  appliesTo(object: DataObject): boolean;
  /** Undefined where it was never fetched. */
  read(object: DataObject): unknown;
}

/**
 * The arguments' values as members of a JSON object, and which have none. There is none where the object above is of another
 * type than those below which the client asked for the field, and where what the value is of was never fetched, which had its
 * error reported. Fields that need it are not asked for: null is a value, and the subgraph would compute with it.
 */
function valuesText(
  contextArguments: ContextArguments,
  lineage: readonly DataObject[],
): { text: string; absent: string[] } {
  const members: string[] = [];
  const absent: string[] = [];
  for (const [name, sources] of contextArguments) {
    const value = findValue(sources, lineage);
    if (value === undefined) absent.push(name);
    else members.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  }
  return { text: members.join(','), absent };
}

function findValue(sources: readonly ContextSource[], lineage: readonly DataObject[]): unknown {
  for (const { levels, appliesTo, read } of sources) {
    const object = lineage[lineage.length - 1 - levels];
    if (object && appliesTo(object)) return read(object);
  }
  return undefined;
}

/** Sources of one argument from the nearest on: of several objects above an entity that set a context, the nearest counts. */
function compileContextArguments({ contextRewrites = [] }: FetchNode, schema: GraphQLSchema): ContextArguments {
  const compiled = new Map<string, ContextSource[]>();
  for (const { path, renameKeyTo } of contextRewrites) {
    const known = compiled.get(renameKeyTo) ?? [];
    compiled.set(renameKeyTo, [...known, compileSource(path, schema)]);
  }
  for (const sources of compiled.values()) sources.sort((one, other) => one.levels - other.levels);
  return compiled;
}

/**
 * A path goes up by `..`, then through type conditions, written `... on Type`, and down by the names of fields. Without a
 * field, objects of that type have no value to give, which is null.
 */
function compileSource(path: readonly string[], schema: GraphQLSchema): ContextSource {
  const levels = path.filter((element) => element === '..').length;
  const conditions = path.filter((element) => element.startsWith('... on '));
  const fields = path.slice(levels + conditions.length);
  const possible = conditions.map((condition) => possibleTypeNames(condition.slice('... on '.length), schema));
  return {
    levels,
    // The planner asks for the type's name wherever there is more than one to be told from.
    appliesTo: ({ __typename: typeName }) => typeName === undefined || possible.every((names) => names.has(typeName)),
    read: (object) => (fields.length > 0 ? readAlong(object, fields) : null),
  };
}

function readAlong(value: unknown, [field, ...rest]: readonly string[]): unknown {
  if (field === undefined || value === undefined || value === null) return value;
  if (!Array.isArray(value)) return readAlong(readOwn(value as DataObject, field), rest);
  const items = value.map((item) => readAlong(item, [field, ...rest]));
  return items.includes(undefined) ? undefined : items;
}
