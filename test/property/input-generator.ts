import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  type GraphQLInputType,
} from 'graphql';
import type { Random } from './random.ts';

/** Makes up literals and variables. */
export class InputGenerator {
  /** What the request gives for its variables. */
  readonly values: Record<string, unknown> = {};
  readonly #random: Random;
  readonly #definitions: string[] = [];
  readonly #conditions: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** The variables' definitions with their brackets; nothing where there is no variable. */
  definitions(): string {
    return this.#definitions.length > 0 ? `(${this.#definitions.join(', ')})` : '';
  }

  /**
   * A literal or a variable.
   * @param mayBeLeftOut whether the place has a default, so that a variable there need not have a value
   */
  argument(type: GraphQLInputType, mayBeLeftOut = false): string {
    return this.#random.chance(0.4) ? this.#variable(type, mayBeLeftOut) : this.#nonNullWhereNeeded(type, 0, false);
  }

  /** A variable for `@skip` or `@include`; one that was used before, now and then. */
  condition(likely: boolean): string {
    const random = this.#random;
    if (this.#conditions.length > 0 && random.chance(0.5)) return random.pick(this.#conditions);
    const name = this.#nextName();
    const value = random.chance(likely ? 0.75 : 0.3);
    const hasDefault = random.chance(0.3);
    this.#definitions.push(`$${name}: Boolean${hasDefault ? ` = ${String(value)}` : '!'}`);
    if (!hasDefault || random.chance(0.4)) this.values[name] = value;
    this.#conditions.push(`$${name}`);
    return `$${name}`;
  }

  #nextName(): string {
    return `v${this.#definitions.length}`;
  }

  #variable(type: GraphQLInputType, mayBeLeftOut: boolean): string {
    const random = this.#random;
    const name = this.#nextName();
    const isNonNull = isNonNullType(type);
    const hasDefault = random.chance(0.3);
    const nullable = getNullableType(type);
    const given = random.chance(0.7);
    if (hasDefault) {
      this.#definitions.push(`$${name}: ${String(nullable)} = ${this.#literal(nullable, 9, true)}`);
      if (given) this.values[name] = this.#value(nullable, 0);
    } else if (isNonNull) {
      this.#definitions.push(`$${name}: ${String(mayBeLeftOut && !given ? nullable : type)}`);
      if (given || !mayBeLeftOut) this.values[name] = this.#value(nullable, 0);
    } else {
      const strict = given && random.chance(0.2);
      this.#definitions.push(`$${name}: ${String(nullable)}${strict ? '!' : ''}`);
      if (given) this.values[name] = !strict && random.chance(0.15) ? null : this.#value(nullable, 0);
    }
    return `$${name}`;
  }

  #literal(type: GraphQLInputType, depth: number, isConstant = false): string {
    const random = this.#random;
    if (isNonNullType(type)) return this.#literal(type.ofType, depth, isConstant);
    if (depth < 9 && random.chance(0.06)) return 'null';
    const inner = (innerType: GraphQLInputType): string =>
      !isConstant && random.chance(0.15)
        ? this.#variable(innerType, false)
        : this.#nonNullWhereNeeded(innerType, depth + 1, isConstant);
    if (isListType(type)) {
      const item = type.ofType;
      if (random.chance(0.2)) return this.#literal(getNullableType(item), 9, isConstant);
      return `[${Array.from({ length: random.between(0, 3) }, () => inner(item)).join(', ')}]`;
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isRequiredInputField(field) || random.chance(depth > 1 ? 0.2 : 0.6),
      );
      return `{ ${fields.map((field) => `${field.name}: ${inner(field.type)}`).join(', ')} }`;
    }
    return literalText(isEnumType(type) ? 'enum' : String(type), () => this.#value(type, 0));
  }

  #nonNullWhereNeeded(type: GraphQLInputType, depth: number, isConstant: boolean): string {
    return this.#literal(type, isNonNullType(type) ? Math.max(depth, 9) : depth, isConstant);
  }

  #value(type: GraphQLInputType, depth: number): unknown {
    const random = this.#random;
    if (isNonNullType(type)) return this.#value(type.ofType, depth);
    if (isListType(type)) {
      const item = type.ofType;
      if (random.chance(0.15)) return this.#value(item, depth + 1);
      return Array.from({ length: random.between(0, 3) }, () => this.#nullable(item, depth));
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isRequiredInputField(field) || random.chance(depth > 1 ? 0.1 : 0.5),
      );
      return Object.fromEntries(fields.map((field) => [field.name, this.#nullable(field.type, depth + 1)]));
    }
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    return random.pick(VALUES[String(type)] ?? [{ z: 1, y: [null, 'x'] }, [1, 2], 'text', 3, true]);
  }

  #nullable(type: GraphQLInputType, depth: number): unknown {
    return !isNonNullType(type) && this.#random.chance(0.1) ? null : this.#value(type, depth + 1);
  }
}

const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  Int: [0, 1, 2, -7, 2_147_483_647],
  Float: [0, 1.5, -3, 1e21],
  String: ['', 'a', 'quo"te', 'line\nend', '🙂', '\\u0041', '$v0'],
  Boolean: [true, false],
  ID: ['1', 'k', 42],
};

function literalText(typeName: string, value: () => unknown): string {
  const made = value();
  return typeName === 'enum' ? String(made) : inputText(made);
}

/** JSON as a GraphQL literal: names of members stand without quotes. */
function inputText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inputText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, member]) => `${name}: ${inputText(member)}`)
    .join(', ')} }`;
}
