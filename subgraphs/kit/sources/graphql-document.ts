import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isRequiredArgument,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { asObject } from './json-values.ts';
import type { JsonSchema, Operation, Parameter, ServiceDocument } from './service-document.ts';

/** Objects in objects whose fields are parameters. */
const MAX_DEPTH = 3;

/** A GraphQL service's schema: each field of its Query is an operation. */
export class GraphqlDocument implements ServiceDocument {
  readonly operations: readonly Operation[];
  readonly #fields: Readonly<Record<string, GraphQLField<unknown, unknown>>>;

  constructor(schema: GraphQLSchema) {
    this.#fields = schema.getQueryType()?.getFields() ?? {};
    this.operations = Object.values(this.#fields)
      .filter(({ type }) => 'getFields' in getNamedType(type))
      .map((field) => ({
        ...{ name: field.name, path: field.name, absent: undefined, answerHeaders: [] },
        summary: field.description ?? undefined,
        parameters: field.args.flatMap((argument) => parametersOf(argument, '', 1)),
        answer: schemaOf(field.type),
      }));
  }

  operation(name: string): Operation | undefined {
    return this.operations.find((each) => each.name === name);
  }

  /** The field of Query behind an operation. */
  field({ name }: Operation): GraphQLField<unknown, unknown> {
    return this.#fields[name]!;
  }

  /** The field that gives one of what another gives many of, as their names say: a list of some alone has another name. */
  beside(list: Operation): Operation | undefined {
    const type = getNamedType(this.field(list).type);
    return this.operations.find((operation) => {
      const field = this.field(operation);
      if (getNullableType(field.type) !== type || field.args.filter(isRequiredArgument).length !== 1) return false;
      const { name } = operation;
      return [`${name}s`, `${name}es`, name.replace(/y$/, 'ies'), `${name}List`].includes(list.name);
    });
  }

  schema(given: unknown): JsonSchema {
    const schema = asObject(given) ?? {};
    return typeof schema['$graphql'] === 'function' ? (schema['$graphql'] as () => JsonSchema)() : schema;
  }
}

function parametersOf(argument: GraphQLArgument | GraphQLInputField, before: string, depth: number): Parameter[] {
  const { name: own, type, description } = argument;
  const name = `${before}${own}`;
  const isRequired = isRequiredArgument(argument);
  const plain = getNullableType(type);
  if (isInputObjectType(plain)) {
    if (depth === MAX_DEPTH) return [];
    const inner = Object.values(plain.getFields()).flatMap((field) => parametersOf(field, `${name}.`, depth + 1));
    return isRequired ? inner : inner.map((each) => ({ ...each, isRequired: false }));
  }
  const list = isListType(plain) ? { delimiter: null, maxItems: undefined } : undefined;
  const schema = inputSchema(isListType(plain) ? plain.ofType : plain);
  return [{ name, in: 'body', isRequired, description: description ?? undefined, schema, list }];
}

function inputSchema(type: GraphQLInputType): JsonSchema {
  const plain = getNamedType(type);
  if (isEnumType(plain)) return { type: 'string', enum: plain.getValues().map(({ name }) => name) };
  return SCALARS[plain.name] ?? {};
}

function schemaOf(type: GraphQLOutputType): JsonSchema {
  const plain = getNullableType(type);
  if (isListType(plain)) return { type: 'array', items: { $graphql: () => schemaOf(plain.ofType) } };
  if (isObjectType(plain) || isInterfaceType(plain)) {
    const fields = Object.values(plain.getFields()).filter(({ args }) => !args.some(isRequiredArgument));
    const properties = fields.map((field) => [field.name, { $graphql: () => schemaOf(field.type) }] as const);
    return { type: 'object', properties: Object.fromEntries(properties) };
  }
  if (isEnumType(plain)) return { type: 'string', enum: plain.getValues().map(({ name }) => name) };
  return SCALARS[getNamedType(plain).name] ?? {};
}

/** The scalars of GraphQL itself; what others are, only their service knows. */
const SCALARS: Readonly<Record<string, JsonSchema>> = {
  ID: { type: 'string' },
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  Float: { type: 'number' },
  Int: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
};
