import { specifiedRules, NoSchemaIntrospectionCustomRule, validate, type GraphQLSchema } from 'graphql';
import { refuse, refuseWith, type Refusal } from '../errors.ts';
import type { ParsedOperation } from './parse.ts';

/** After this many errors validation stops: more would help nobody and cost time. */
const MAX_VALIDATION_ERRORS = 20;

/** Validates a document against the API schema (GraphQL specification, section 5). */
export function validateDocument(
  schema: GraphQLSchema,
  { document, operation }: Pick<ParsedOperation, 'document' | 'operation'>,
  introspection: boolean,
): Refusal | undefined {
  if (!schema.getRootType(operation.operation))
    return refuse('GRAPHQL_VALIDATION_FAILED', `The schema has no ${operation.operation} type.`);
  const errors = validate(schema, document, specifiedRules, { maxErrors: MAX_VALIDATION_ERRORS });
  if (errors.length > 0)
    return refuseWith('GRAPHQL_VALIDATION_FAILED', introspection ? errors : errors.map(withoutSuggestions));
  if (introspection) return undefined;
  // The first says it; one more would only say that there are too many.
  const [revealing] = validate(schema, document, [NoSchemaIntrospectionCustomRule]);
  return revealing ? refuseWith('INTROSPECTION_DISABLED', [revealing]) : undefined;
}

/** "Did you mean" gives names of the schema away, which is what switching introspection off is to prevent. */
function withoutSuggestions<Problem extends { message: string }>(error: Problem): Problem {
  error.message = error.message.replace(/ Did you mean .*\?$/s, '');
  return error;
}
