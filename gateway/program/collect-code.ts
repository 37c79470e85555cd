import type { FetchDataRewrite, QueryPlanFieldNode, QueryPlanSelectionNode, ResponsePath } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { possibleTypeNames } from '../execute/type-names.ts';
import { coverLine, keyPrefix, type Cover } from './covers.ts';
import { NotCompilable } from './not-compilable.ts';
import {
  childPosition,
  findSource,
  positionTypeNames,
  typeNameSource,
  type Position,
  type ResultSites,
  type Source,
} from './positions.ts';
import { concatenate, jsonObject, type TextPiece } from './text-code.ts';

/** A member of a representation: code that reads its value, the name that must not be undefined then, and its text. */
interface Member {
  key: string;
  line?: string;
  test?: string;
  pieces: TextPiece[];
}

/** What an entity fetch takes its representations from. */
export interface CollectInput {
  /** Number of the fetch; names the function. */
  fetch: number;
  /** Number of the fetches that share their results with this one. */
  group: number;
  path: ResponsePath;
  requires: readonly QueryPlanSelectionNode[];
  inputRewrites: readonly FetchDataRewrite[] | undefined;
  /** What other fetches take from the results. */
  covers: readonly Cover[];
}

/**
 * Writes `c<fetch>(asked)`: walks to the entities of a fetch, finds the result of each, and makes the representation of those
 * that were not asked for yet. It returns whether some were, and are still under way.
 */
export class CollectCode {
  readonly functions: string[] = [];
  readonly #results: ResultSites;
  readonly #schema: GraphQLSchema;
  #nested = 0;

  constructor(results: ResultSites, schema: GraphQLSchema) {
    this.#results = results;
    this.#schema = schema;
  }

  /** The position that a path leads to. */
  resolve(root: Position, path: ResponsePath): Position {
    let position = root;
    for (const element of path) {
      if (element === '@') continue;
      position = childPosition(position, String(element), this.#results).position;
      if (position.sites.length === 0) throw new NotCompilable(`nothing is known at ${path.join('.')}`);
    }
    return position;
  }

  collect(root: Position, input: CollectInput): void {
    const target = this.resolve(root, input.path);
    this.#representation(target, input);
    const property = `g${input.group}`;
    const visit = `if (o.${property} === undefined) {
    const r = q${input.fetch}(o, asked);
    if (r === undefined) o.${property} = null;
    else { o.${property} = PENDING; asked.objects.push(o); asked.results.push(r); }
  } else if (o.${property} === PENDING) waits = true;`;
    this.functions.push(`function c${input.fetch}(asked) {
  let waits = false;
  ${this.#walk(root, input.path, 'R', visit)}
  return waits;
}`);
  }

  #walk(position: Position, [element, ...rest]: ResponsePath, name: string, visit: string): string {
    if (element === undefined) return `{ const o = ${name};\n  ${visit} }`;
    const depth = name === 'R' ? 0 : Number(name.slice(1));
    const next = `v${depth + 1}`;
    if (element === '@') {
      const inner = this.#walk(position, rest, next, visit);
      return `for (const ${next} of ${name}) if (${next} !== null) ${inner}`;
    }
    const child = childPosition(position, String(element), this.#results);
    const inner = this.#walk(child.position, rest, next, visit);
    return `{ const ${next} = ${accessChain(name, child.sources)};\n  if (${next} !== null && ${next} !== undefined) ${inner} }`;
  }

  /** Writes `q<fetch>(o, asked)`: the object's result, or undefined where a field that the representation needs is not there. */
  #representation(target: Position, input: CollectInput): void {
    const { fetch } = input;
    const names = positionTypeNames(target, this.#results);
    const cases = names.flatMap((typeName) => {
      const body = this.#ofType(target, typeName, input);
      return body ? [[typeName, body] as const] : [];
    });
    if (names.length === 1) {
      const body = cases[0]?.[1] ?? 'return undefined;';
      this.functions.push(`function q${fetch}(o, asked) {\n  ${body}\n}`);
      return;
    }
    const source = typeNameSource(target, names, this.#results);
    const branches = cases.map(
      ([typeName, body]) => `    case ${JSON.stringify(JSON.stringify(typeName))}: {\n  ${body}\n    }`,
    );
    this.functions.push(`function q${fetch}(o, asked) {
  switch (${access('o', source)}) {
${branches.join('\n')}
  }
  return undefined;
}`);
  }

  #ofType(
    target: Position,
    typeName: string,
    { group, requires, inputRewrites, covers }: CollectInput,
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
    const covering = (cover: Cover): string =>
      coverLine(cover, this.#results, {
        taken: `new TakenLater(r, y${cover.id})`,
        member: (name) => parts.find(({ key }) => key === name)!.test!,
      });
    return [
      ...lines,
      ...tests,
      // What varies tells the representations of one type apart, and costs less to look up than all of their text.
      `const k = ${concatenate([{ text: keyPrefix(typeName, this.#results.get(group)!) }, ...varying])};`,
      `const known = R.k${group}.get(k);`,
      'if (known !== undefined) return known;',
      `const text = ${concatenate(jsonObject(parts.map(({ pieces }) => pieces)))};`,
      `const r = asked.add(text, ${JSON.stringify(JSON.stringify(typeName))});`,
      `R.k${group}.set(k, r);`,
      ...covers.filter((cover) => cover.typeName === typeName).map(covering),
      'return r;',
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

/** Code that reads a field of the object in a variable; undefined where no fetch that adds it found the entity. */
export function access(variable: string, source: Source): string {
  return accessOr(variable, source, 'undefined');
}

/** As {@link access}, with other code for where it is not found. */
export function accessOr(variable: string, { groups, field, fields }: Source, otherwise: string): string {
  for (const each of fields) each.isRead = true;
  if (groups.length === 0) return `${variable}.${field.property}`;
  const [group, ...others] = groups;
  if (others.length === 0) return `(${variable}.g${group} ? ${variable}.g${group}.${field.property} : ${otherwise})`;
  // A fetch that is still under way for some other place has nothing of it yet.
  const found = groups.map((each) => `${variable}.g${each}?.${field.property}`);
  return `(${[...found, otherwise].join(' ?? ')})`;
}

/** As {@link access}, for a field that objects of different types have from different fetches. */
function accessChain(variable: string, sources: readonly Source[]): string {
  const [first, ...rest] = sources.map((source) => access(variable, source));
  return rest.reduce((chain, next) => `(${chain} ?? ${next})`, first ?? 'undefined');
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
