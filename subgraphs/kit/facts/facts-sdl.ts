import { Kind, print, type TypeNode } from 'graphql';
import type { CheckedClaim, CheckedFact } from './checked-fact.ts';
import { FACT_HEAD, NUMBER_TYPES, PROVENANCE_TYPE, SHARED_TYPES, TEXT_TYPES } from './fact-types.ts';
import { printFieldSet, type FieldSet } from './field-set.ts';
import { namedTypeOf, signatureOf, type GraphTypes } from './graph-types.ts';

/** What the claims' subgraph says of an object type that facts are of, or lead through. */
interface DrawnType {
  /** Fields that are taken from departments, by name. */
  taken: Map<string, string>;
  /** Fields of its key. */
  keyed: Map<string, string>;
  key: string | undefined;
  facts: CheckedFact[];
}

/** Types that the claims' subgraph has itself: what is taken of them from a department needs no other definition. */
const OWN_OBJECTS = ['Provenance'];
const SCALARS = ['Int', 'Float', 'String', 'Boolean', 'ID'];

/** The schema of the subgraph that gives facts: each a field of its type that requires what the claims are read from. */
export function factsSdl(facts: readonly CheckedFact[], graph: GraphTypes): string {
  const sdl = new FactsSdl(graph);
  for (const fact of facts) sdl.add(fact);
  const kinds = new Set(facts.map(({ rules }) => (rules.kind === 'number' ? NUMBER_TYPES : TEXT_TYPES)));
  return [FACT_HEAD, sdl.print(), ...kinds, SHARED_TYPES, PROVENANCE_TYPE].join('\n').replace(/\n{3,}/g, '\n\n');
}

class FactsSdl {
  readonly #graph: GraphTypes;
  readonly #types = new Map<string, DrawnType>();
  readonly #others = new Map<string, string>();

  constructor(graph: GraphTypes) {
    this.#graph = graph;
  }

  add(fact: CheckedFact): void {
    const type = this.#type(fact.entry.of);
    type.facts.push(fact);
    this.#key(type, fact.key);
    this.#take(fact.requires);
  }

  print(): string {
    return [...[...this.#types].map(([name, type]) => printType(name, type)), ...this.#others.values()].join('\n\n');
  }

  #type(name: string): DrawnType {
    const type = this.#types.get(name) ?? { taken: new Map(), keyed: new Map(), key: undefined, facts: [] };
    this.#types.set(name, type);
    return type;
  }

  #key(type: DrawnType, set: FieldSet): void {
    type.key ??= printFieldSet(set);
    for (const [name, { given }] of set.fields) type.keyed.set(name, signatureOf(given.definition));
  }

  #take({ typeName, fields }: FieldSet): void {
    if (OWN_OBJECTS.includes(typeName)) return;
    const type = this.#type(typeName);
    for (const [name, { given, below }] of fields) {
      type.taken.set(name, signatureOf(given.definition));
      for (const arg of given.definition.arguments ?? []) this.#define(arg.type);
      if (below) this.#take(below);
      else this.#define(given.definition.type);
    }
  }

  /** An enum, a scalar or an input that a signature names. */
  #define(type: TypeNode): void {
    const name = namedTypeOf(type);
    const node = this.#graph.other(name);
    if (SCALARS.includes(name) || !node || this.#others.has(name)) return;
    this.#others.set(name, print(withoutDirectives(node)));
    if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      for (const field of node.fields ?? []) this.#define(field.type);
  }
}

/** A definition's bare form; what departments say of it besides is theirs. */
function withoutDirectives<Node extends { readonly kind: Kind }>(node: Node): Node {
  return JSON.parse(
    JSON.stringify(node, (name: string, value: unknown) =>
      name === 'directives' ? [] : name === 'description' || name === 'loc' ? undefined : value,
    ),
  ) as Node;
}

/** Where a claim's value is, from the fact's type on. */
function valuePath({ record, value }: CheckedClaim): string {
  return [...record, ...value].join('.');
}

function printType(name: string, { taken, keyed, key, facts }: DrawnType): string {
  const isEntity = facts.length > 0;
  const keyText = key === undefined ? '' : ` @key(fields: ${JSON.stringify(key)})`;
  const external = [...taken].filter(([field]) => !keyed.has(field)).map(([, signature]) => `  ${signature} @external`);
  const own = facts.map(
    ({ entry: { about }, fieldName, rules, requires, claims }) =>
      `  ${JSON.stringify(`${about} Null where no department says anything.`)}\n` +
      `  ${fieldName}: ${rules.kind === 'number' ? 'NumberFact' : 'TextFact'} @requires(fields: ${JSON.stringify(printFieldSet(requires))}) ` +
      `@toleratesMissing(values: ${JSON.stringify(claims.map(valuePath))})`,
  );
  const lines = [...[...keyed.values()].map((signature) => `  ${signature}`), ...external, ...own];
  return `type ${name}${isEntity ? keyText : ''} {\n${lines.join('\n')}\n}`;
}
