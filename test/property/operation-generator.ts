import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { moveToFragments } from './operation-fragments.ts';
import type { Operation } from './federation.ts';
import { InputGenerator } from './input-generator.ts';
import type { Random } from './random.ts';

/** Makes up an operation over a schema: valid, but for rare clashes of response names. */
export function generateOperation(schema: GraphQLSchema, random: Random): Operation {
  return new OperationGenerator(schema, random).run();
}

/** What is selected at one place of the answer, whichever fragments it comes from: response names must not clash. */
interface Scope {
  keys: Map<string, { field: string; args: string; type: string; parents: Set<string>; below: Scope }>;
}

const MAX_DEPTH = 6;
/** Names that are properties of every object, or mean something to JavaScript. */
const NASTY_ALIASES = [
  'constructor',
  '__proto__',
  'toString',
  'length',
  'then',
  'hasOwnProperty',
  'data',
  'errors',
  '_entities',
];

class OperationGenerator {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #inputs: InputGenerator;
  readonly #aliases: readonly string[];
  #fieldsLeft: number;
  #aliasCount = 0;

  constructor(schema: GraphQLSchema, random: Random) {
    this.#schema = schema;
    this.#random = random;
    this.#inputs = new InputGenerator(random);
    this.#fieldsLeft = random.between(4, 40);
    const names = Object.values(schema.getTypeMap())
      .filter((type) => !type.name.startsWith('__') && (isObjectType(type) || isInterfaceType(type)))
      .flatMap((type) => Object.keys((type as GraphQLObjectType).getFields()));
    this.#aliases = [...names, ...NASTY_ALIASES];
  }

  run(): Operation {
    const mutation = this.#schema.getMutationType();
    const isMutation = mutation && this.#random.chance(0.3);
    const root = isMutation ? mutation : this.#schema.getQueryType()!;
    const selections = this.#selectionSet(root, { keys: new Map() }, 0);
    const name = this.#random.chance(0.3) ? ' Operation' : '';
    const text = `${isMutation ? 'mutation' : 'query'}${name}${this.#inputs.definitions()} ${selections}`;
    return {
      query: moveToFragments(text, this.#schema, this.#random),
      variables: this.#inputs.values,
    };
  }

  #selectionSet(type: GraphQLCompositeType, scope: Scope, depth: number): string {
    const parts: string[] = [];
    for (let count = this.#random.between(1, depth === 0 ? 3 : 4); count > 0; count--) {
      const part = this.#selection(type, scope, depth);
      if (part !== undefined) parts.push(part);
    }
    // Whatever could not be selected: __typename always can.
    if (parts.length === 0) parts.push('__typename');
    return `{ ${parts.join(' ')} }`;
  }

  #selection(type: GraphQLCompositeType, scope: Scope, depth: number): string | undefined {
    const random = this.#random;
    if (random.chance(isAbstractType(type) ? 0.5 : 0.12)) return this.#fragment(type, scope, depth);
    if (random.chance(0.1) || !('getFields' in type)) return this.#typename(scope);
    if (depth === 0 && type === this.#schema.getQueryType() && random.chance(0.02)) return this.#introspection(scope);
    const fields = Object.values(type.getFields()).filter((field) => this.#fits(field, depth));
    return fields.length > 0 ? this.#field(type, random.pick(fields), scope, depth) : this.#typename(scope);
  }

  #fits(field: GraphQLField<unknown, unknown>, depth: number): boolean {
    return isLeafType(getNamedType(field.type)) || (depth < MAX_DEPTH && this.#fieldsLeft > 0);
  }

  #typename(scope: Scope): string | undefined {
    const alias = this.#random.chance(0.3) ? this.#freshAlias() : '__typename';
    if (!this.#claim(scope, alias, { field: '__typename', args: '', type: 'String!', parent: '' })) return undefined;
    return `${alias === '__typename' ? '' : `${alias}: `}__typename${this.#directives()}`;
  }

  #introspection(scope: Scope): string | undefined {
    const alias = this.#freshAlias();
    if (!this.#claim(scope, alias, { field: '__type', args: alias, type: '__Type', parent: '' })) return undefined;
    return `${alias}: __type(name: "Query") { name kind }`;
  }

  #field(
    parent: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
    scope: Scope,
    depth: number,
  ): string | undefined {
    this.#fieldsLeft -= 1;
    const args = this.#args(field.args);
    const claim = {
      field: field.name,
      args,
      type: String(field.type),
      parent: isObjectType(parent) ? parent.name : '',
    };
    let key = this.#random.chance(0.3) ? this.#randomAlias() : field.name;
    let below = this.#claim(scope, key, claim);
    if (!below) {
      key = this.#freshAlias();
      below = this.#claim(scope, key, claim)!;
    }
    const type = getNamedType(field.type);
    const inner = isCompositeType(type) ? ` ${this.#selectionSet(type, below, depth + 1)}` : '';
    return `${key === field.name ? '' : `${key}: `}${field.name}${args}${this.#directives()}${inner}`;
  }

  #randomAlias(): string {
    return this.#random.chance(0.5) && this.#aliases.length > 0 ? this.#random.pick(this.#aliases) : this.#freshAlias();
  }

  #freshAlias(): string {
    return `x${this.#aliasCount++}`;
  }

  /** Takes a response name; undefined where it already stands for something that this cannot be merged with. */
  #claim(
    scope: Scope,
    key: string,
    { field, args, type, parent }: { field: string; args: string; type: string; parent: string },
  ): Scope | undefined {
    const known = scope.keys.get(key);
    if (!known) {
      const below: Scope = { keys: new Map() };
      scope.keys.set(key, { field, args, type, parents: new Set([parent]), below });
      return below;
    }
    const isSame = known.field === field && known.args === args;
    const areDisjoint = parent !== '' && !known.parents.has('') && !known.parents.has(parent);
    if (known.type !== type || !(isSame || areDisjoint)) return undefined;
    known.parents.add(parent);
    // Two fields under one name: whatever comes third would have to fit both.
    if (!isSame) known.field = '(several)';
    return known.below;
  }

  #fragment(type: GraphQLCompositeType, scope: Scope, depth: number): string | undefined {
    if (depth >= MAX_DEPTH || this.#fieldsLeft <= 0) return this.#typename(scope);
    this.#fieldsLeft -= 1;
    const condition = this.#condition(type);
    const head = condition === undefined ? '...' : `... on ${condition.name}`;
    return `${head}${this.#directives()} ${this.#selectionSet(condition ?? type, scope, depth + 1)}`;
  }

  #condition(type: GraphQLCompositeType): GraphQLCompositeType | undefined {
    if (this.#random.chance(0.15)) return undefined;
    const possible = isObjectType(type) ? [type] : [...this.#schema.getPossibleTypes(type)];
    const related = Object.values(this.#schema.getTypeMap()).filter(
      (each) => isAbstractType(each) && this.#schema.getPossibleTypes(each).some((one) => possible.includes(one)),
    ) as GraphQLCompositeType[];
    return this.#random.chance(0.25) && related.length > 0 ? this.#random.pick(related) : this.#random.pick(possible);
  }

  #args(args: readonly GraphQLArgument[]): string {
    const given = args.filter((arg) => isRequiredArgument(arg) || this.#random.chance(0.6));
    if (given.length === 0) return '';
    return `(${given.map((arg) => `${arg.name}: ${this.#inputs.argument(arg.type, hasDefault(arg))}`).join(', ')})`;
  }

  #directives(): string {
    const random = this.#random;
    const one = (name: string): string =>
      ` @${name}(if: ${random.chance(0.6) ? this.#inputs.condition(name === 'include') : String(random.chance(name === 'include' ? 0.8 : 0.2))})`;
    if (random.chance(0.88)) return '';
    if (random.chance(0.15)) return one('skip') + one('include');
    return one(random.pick(['skip', 'include']));
  }
}

function hasDefault(arg: GraphQLArgument): boolean {
  return arg.defaultValue !== undefined && isNonNullType(arg.type);
}
