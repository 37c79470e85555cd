import {
  specifiedRules,
  NoSchemaIntrospectionCustomRule,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { refuseWith, type Refusal } from '../errors.ts';

/** After this many errors validation stops: more would help nobody and cost time. */
const MAX_VALIDATION_ERRORS = 20;

/** Validates a document against the API schema (GraphQL specification, section 5). */
export function validateDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  introspection: boolean,
): Refusal | undefined {
  const errors = validate(schema, document, specifiedRules, { maxErrors: MAX_VALIDATION_ERRORS });
  if (errors.length > 0)
    return refuseWith('GRAPHQL_VALIDATION_FAILED', introspection ? errors : errors.map(withoutSuggestions));
  if (introspection) return undefined;
  const revealing = validate(schema, document, [NoSchemaIntrospectionCustomRule], { maxErrors: 1 });
  return revealing.length > 0 ? refuseWith('INTROSPECTION_DISABLED', revealing) : undefined;
}

/** "Did you mean" gives names of the schema away, which is what switching introspection off is to prevent. */
function withoutSuggestions<Problem extends { message: string }>(error: Problem): Problem {
  error.message = error.message.replace(/ Did you mean .*\?$/s, '');
  return error;
}
