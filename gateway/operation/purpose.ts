import { Kind, type DirectiveNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { Purpose } from '../caller.ts';
import { hasPurposeDirective, PURPOSE_ARGUMENTS, type PurposeArgument } from '../supergraph/purpose-directive.ts';

/** One argument of an operation's `@purpose`: a text, or the variable that has it. */
export interface StatedArgument {
  argument: PurposeArgument;
  value: { text: string } | { variable: string };
}

/** A text of `@purpose`, and the field of the request's purpose that it gives. */
export type StatedText = readonly [argument: PurposeArgument, field: keyof Purpose, text: string];

/**
 * Takes `@purpose` off a valid operation: it is for the gateway, and no department is told of it in this way.
 * @returns what it says; absent where that is nothing, as null is
 */
export function takePurpose(
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
): { operation: OperationDefinitionNode; purpose: readonly StatedArgument[] | undefined } {
  const { directives: given = [] } = operation;
  const stated = given.find(isPurpose);
  if (!stated || !hasPurposeDirective(schema)) return { operation, purpose: undefined };
  const directives = given.filter((directive) => !isPurpose(directive));
  const purpose = argumentsOf(stated);
  return { operation: { ...operation, directives }, purpose: purpose.length > 0 ? purpose : undefined };
}

/** The texts that `@purpose` has with some variables. */
export function statedTexts(
  purpose: readonly StatedArgument[],
  variables: Readonly<Record<string, unknown>>,
): StatedText[] {
  return purpose.flatMap(({ argument, value }): StatedText[] => {
    const text = 'text' in value ? value.text : variables[value.variable];
    return typeof text === 'string' ? [[argument, PURPOSE_ARGUMENTS[argument], text]] : [];
  });
}

function isPurpose({ name }: DirectiveNode): boolean {
  return name.value === 'purpose';
}

function argumentsOf({ arguments: given = [] }: DirectiveNode): StatedArgument[] {
  return given.flatMap(({ name, value }) => {
    const argument = name.value as PurposeArgument;
    if (value.kind === Kind.STRING) return { argument, value: { text: value.value } };
    return value.kind === Kind.VARIABLE ? { argument, value: { variable: value.name.value } } : [];
  });
}
