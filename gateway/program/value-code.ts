import {
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import type { Site } from './sites.ts';

/** Writes the functions of a parser that read values: lists, nulls and leaves of each type, once however often they are asked for. */
export class ValueCode {
  /** Sets of enum values that the code uses, by their name in it. */
  readonly enums = new Map<string, ReadonlySet<string>>();
  readonly #readers = new Map<string, string>();
  readonly #apiSchema: GraphQLSchema;
  readonly #functions: string[];

  /**
   * @param apiSchema values of enums that clients may not see are not taken
   * @param functions where the functions are added
   */
  constructor(apiSchema: GraphQLSchema, functions: string[]) {
    this.#apiSchema = apiSchema;
    this.#functions = functions;
  }

  /** The name of the function that reads a value of a type; one that the type forbids ends the fast way. */
  reader(type: GraphQLOutputType, child: Site | undefined): string {
    if (isNonNullType(type)) return this.#nonNullReader(type.ofType, child);
    const inner = this.#nonNullReader(type, child);
    return this.#named(`${inner}?`, (name) =>
      child
        ? `function ${name}() { return u[p] === 110 ? (nul(), null) : ${inner}(); }`
        : `function ${name}() { if (u[p] === 110) nul(); else ${inner}(); }`,
    );
  }

  #nonNullReader(type: GraphQLOutputType, child: Site | undefined): string {
    const nullable = getNullableType(type) as GraphQLOutputType;
    if (isListType(nullable)) return this.#listReader(this.reader(nullable.ofType as GraphQLOutputType, child), child);
    if (child) return `p${child.id}`;
    return this.#leafReader(nullable as GraphQLLeafType);
  }

  #listReader(item: string, child: Site | undefined): string {
    if (!child) return this.#named(`[${item}]`, (name) => leafList(name, item));
    return this.#named(
      `[${item}]`,
      (name) => `function ${name}() {
  if (u[p++] !== 91) throw F;
  const a = [];
  if (u[p] === 93) { p++; return a; }
  for (;;) {
    a.push(${item}());
    const c = u[p++];
    if (c === 93) return a;
    if (c !== 44) throw F;
  }
}`,
    );
  }

  #leafReader(type: GraphQLLeafType): string {
    if (!isEnumType(type)) return BUILT_IN_READERS[type.name] ?? 'any';
    const seen = this.#apiSchema.getType(type.name);
    const values = (isEnumType(seen) ? seen : type).getValues().map(({ name }) => JSON.stringify(name));
    return this.#named(`enum ${type.name}`, (name) => {
      this.enums.set(`${name}v`, new Set(values));
      return `function ${name}() { const b = p; str(); if (!${name}v.has(s.slice(b, p))) throw F; }`;
    });
  }

  #named(key: string, write: (name: string) => string): string {
    let name = this.#readers.get(key);
    if (!name) {
      name = `r${this.#readers.size}`;
      this.#readers.set(key, name);
      this.#functions.push(write(name));
    }
    return name;
  }
}

/** A list of leaves stays one text. */
function leafList(name: string, item: string): string {
  return `function ${name}() {
  if (u[p++] !== 91) throw F;
  if (u[p] === 93) p++;
  else for (;;) {
    ${item}();
    const c = u[p++];
    if (c === 93) break;
    if (c !== 44) throw F;
  }
}`;
}

const BUILT_IN_READERS: Readonly<Record<string, string>> = {
  String: 'str',
  ID: 'str',
  Int: 'int',
  Float: 'float',
  Boolean: 'bool',
};
