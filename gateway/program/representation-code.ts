import type { FetchDataRewrite, QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { possibleTypeNames } from '../execute/type-names.ts';
import { access } from './access-code.ts';
import { keyPrefix } from './covers.ts';
import { NotCompilable } from './not-compilable.ts';
import {
  childPosition,
  findSource,
  positionTypeNames,
  typeNameSource,
  type Position,
  type ResultSites,
} from './positions.ts';
import { concatenate, jsonObject, type TextPiece } from './text-code.ts';

/** A member of a representation: code that reads its value, the name that must not be undefined then, and its text. */
interface Member {
  key: string;
  line?: string;
  test?: string;
  pieces: TextPiece[];
}

/** What the representations of a fetch are made from. */
export interface RepresentationInput {
  /** Number of the fetch; names the function. */
  fetch: number;
  /** Number of the fetches that share their results with this one. */
  group: number;
  requires: readonly QueryPlanSelectionNode[];
  inputRewrites: readonly FetchDataRewrite[] | undefined;
}

/**
 * What is done with the representation of an object of a type: code for where it stands in what is handed in, which `k` tells
 * by, and then for adding it, its text being in `text` and the type's name in what `type` says.
 */
export interface RepresentationUse {
  find: readonly string[];
  add(typeName: string, member: (name: string) => string): readonly string[];
}

/**
 * Writes `q<fetch>(o, to)`: makes the representation of an object; what it gives is for the use to say, or undefined where a
 * field that the representation needs is not there.
 */
export class RepresentationCode {
  readonly functions: string[] = [];
  readonly #results: ResultSites;
  readonly #schema: GraphQLSchema;
  #nested = 0;

  constructor(results: ResultSites, schema: GraphQLSchema) {
    this.#results = results;
    this.#schema = schema;
  }

  /** @param target where the entities stand */
  write(target: Position, input: RepresentationInput, use: RepresentationUse): void {
    const { fetch } = input;
    const names = positionTypeNames(target, this.#results);
    const cases = names.flatMap((typeName) => {
      const body = this.#ofType(target, { ...input, typeName }, use);
      return body ? [[typeName, body] as const] : [];
    });
    if (names.length === 1) {
      const body = cases[0]?.[1] ?? 'return undefined;';
      this.functions.push(`function q${fetch}(o, to) {\n  ${body}\n}`);
      return;
    }
    const source = typeNameSource(target, names, this.#results);
    const branches = cases.map(
      ([typeName, body]) => `    case ${JSON.stringify(JSON.stringify(typeName))}: {\n  ${body}\n    }`,
    );
    this.functions.push(`function q${fetch}(o, to) {
  switch (${access('o', source)}) {
${branches.join('\n')}
  }
  return undefined;
}`);
  }

  #ofType(
    target: Position,
    { typeName, group, requires, inputRewrites }: RepresentationInput & { typeName: string },
    use: RepresentationUse,
  ): string | undefined {
    const matching = requires.filter(
      (node) => node.kind === 'InlineFragment' && matches(node.typeCondition, typeName, this.#schema),
    );
    if (requires.some(({ kind }) => kind === 'Field') || matching.length > 1)
      throw new NotCompilable('a representation in parts');
    const [fragment] = matching;
    if (!fragment) return undefined;
    const rewrites = (inputRewrites ?? []).filter(({ path }) => appliesTo(path, typeName, this.#schema));
    const parts = fragment.selections!.map((node) => this.#member(target, typeName, plainField(node), rewrites));
    const tests = parts.flatMap(({ test }) => (test ? [`if (${test} === undefined) return undefined;`] : []));
    const lines = parts.flatMap(({ line }) => (line ? [line] : []));
    const varying = parts
      .flatMap(({ pieces }) => pieces.filter((piece) => 'code' in piece))
      .flatMap((piece, index) => (index === 0 ? [piece] : [{ text: ',' }, piece]));
    return [
      ...lines,
      ...tests,
      // What varies tells the representations of one type apart, and costs less to look up than all of their text.
      `const k = ${concatenate([{ text: keyPrefix(typeName, this.#results.get(group)!) }, ...varying])};`,
      ...use.find,
      `const text = ${concatenate(jsonObject(parts.map(({ pieces }) => pieces)))};`,
      `const type = ${JSON.stringify(JSON.stringify(typeName))};`,
      ...use.add(typeName, (name) => parts.find(({ key }) => key === name)!.test!),
    ].join('\n  ');
  }

  #member(target: Position, typeName: string, node: QueryPlanFieldNode, rewrites: readonly FetchDataRewrite[]): Member {
    const key = node.alias ?? node.name;
    const rewritten = rewriteOf(rewrites, key);
    if (rewritten?.kind === 'ValueSetter')
      return { key, pieces: [{ text: `${JSON.stringify(key)}:${JSON.stringify(rewritten.setValueTo)}` }] };
    const start = { text: `${JSON.stringify(rewritten?.renameKeyTo ?? key)}:` };
    if (node.name === '__typename' && key === '__typename')
      return { key, pieces: [start, { text: JSON.stringify(typeName) }] };
    const source = findSource(target, typeName, key, this.#results);
    if (!source) throw new NotCompilable(`${typeName}.${key} is required and not fetched`);
    const name = `x${this.#nested++}`;
    const value = node.selections
      ? `${this.#nestedFunction(childPosition(target, key, this.#results).position, node.selections)}(${access('o', source)})`
      : access('o', source);
    return { key, line: `const ${name} = ${value};`, test: name, pieces: [start, { code: name }] };
  }

  /** Writes a function that gives the text of a required object, or of lists of them. */
  #nestedFunction(position: Position, selections: readonly QueryPlanSelectionNode[]): string {
    const names = positionTypeNames(position, this.#results);
    if (names.length !== 1) throw new NotCompilable('an abstract type is required');
    const name = `n${this.#nested++}`;
    const members = selections.map((node) => this.#member(position, names[0]!, plainField(node), []));
    const lines = members.flatMap(({ line, test }) => [
      ...(line ? [line] : []),
      ...(test ? [`if (${test} === undefined) return undefined;`] : []),
    ]);
    this.functions.push(`function ${name}(o) {
  if (o === null || o === undefined) return o === null ? 'null' : undefined;
  if (Array.isArray(o)) {
    const items = o.map(${name});
    return items.includes(undefined) ? undefined : '[' + items.join(',') + ']';
  }
  ${lines.join('\n  ')}
  return ${concatenate(jsonObject(members.map(({ pieces }) => pieces)))};
}`);
    return name;
  }
}

function plainField(node: QueryPlanSelectionNode): QueryPlanFieldNode {
  if (node.kind !== 'Field') throw new NotCompilable('a condition inside a representation');
  return node;
}

function matches(condition: string | undefined, typeName: string, schema: GraphQLSchema): boolean {
  return condition === undefined || possibleTypeNames(condition, schema).has(typeName);
}

function appliesTo(path: readonly string[], typeName: string, schema: GraphQLSchema): boolean {
  const [condition, , ...deeper] = path;
  if (!condition?.startsWith('... on ') || deeper.length > 0)
    throw new NotCompilable('a rewrite of a part of a representation');
  return possibleTypeNames(condition.slice('... on '.length), schema).has(typeName);
}

function rewriteOf(rewrites: readonly FetchDataRewrite[], key: string): FetchDataRewrite | undefined {
  const found = rewrites.filter(({ path }) => path[1] === key);
  if (found.length > 1) throw new NotCompilable('several rewrites of one field');
  return found[0];
}
