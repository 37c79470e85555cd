import {
  getVariableValues,
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isNonNullType,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql';
import { refuseWith, type Refusal } from '../errors.ts';

/** Variables after coercion, with defaults filled in. */
export interface CoercedVariables {
  ok: true;
  values: Record<string, unknown>;
}

/**
 * Coerces the variables of one operation's requests (GraphQL specification, section 6.1.2).
 * @param inputs as they were sent
 */
export type CoerceVariables = (inputs: Readonly<Record<string, unknown>>) => CoercedVariables | Refusal;

/** A variable of a scalar of the specification's own. */
interface PlainVariable {
  readonly name: string;
  /** Whether the value is taken as it is. */
  isPlain(value: unknown): boolean;
}

const NO_VARIABLES: CoercedVariables = { ok: true, values: {} };

const MAX_ERRORS = 20;
const MAX_INT = 2_147_483_647;

/** What comes of its scalar's own kind needs no coercion; an ID that is a number does, for one. */
const PLAIN: ReadonlyMap<unknown, PlainVariable['isPlain']> = new Map<unknown, PlainVariable['isPlain']>([
  [GraphQLInt, (value) => Number.isInteger(value) && Math.abs(value as number) <= MAX_INT],
  [GraphQLFloat, (value) => Number.isFinite(value)],
  [GraphQLString, (value) => typeof value === 'string'],
  [GraphQLID, (value) => typeof value === 'string'],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
]);

/** Looks at an operation's variables once: most are numbers and texts, for which graphql-js would read the definitions again each time. */
export function variableCoercion(
  definitions: readonly VariableDefinitionNode[],
  schema: GraphQLSchema,
): CoerceVariables {
  if (definitions.length === 0) return () => NO_VARIABLES;
  const plain = definitions.map((definition) => plainVariable(definition, schema));
  const coerceAny: CoerceVariables = (inputs) => {
    const { coerced, errors } = getVariableValues(schema, definitions, inputs, { maxErrors: MAX_ERRORS });
    return coerced ? { ok: true, values: coerced } : refuseWith('BAD_USER_INPUT', errors);
  };
  if (!plain.every((each) => each !== undefined)) return coerceAny;
  return (inputs) => {
    const values: Record<string, unknown> = {};
    for (const { name, isPlain } of plain) {
      const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
      // Absent, null and wrong ones included.
      if (!isPlain(value)) return coerceAny(inputs);
      values[name] = value;
    }
    return { ok: true, values };
  };
}

function plainVariable({ variable, type }: VariableDefinitionNode, schema: GraphQLSchema): PlainVariable | undefined {
  const declared = typeFromAST(schema, type) as GraphQLInputType | undefined;
  const isPlain = PLAIN.get(isNonNullType(declared) ? declared.ofType : declared);
  // A value set under this name would become the object's prototype.
  return isPlain && variable.name.value !== '__proto__' ? { name: variable.name.value, isPlain } : undefined;
}
