import type { GatewayExecutionResult } from '@apollo/server-gateway-interface';
import { GraphQLError, Source } from 'graphql';
import type { AnswerError } from '../errors.ts';
import { toPlainAnswer, type AnswerMessage } from '../message.ts';

/**
 * An answer in the form in which GraphQL.js gives it.
 *
 * Where execution never began, errors carry the status in `extensions.http`, from which Apollo Server takes it; where a
 * department is named, also as `serviceName`, which is ApolloGateway's word for it.
 *
 * @param text the operation's, which the errors' locations are of
 */
export function toExecutionResult(answer: AnswerMessage, text: string): GatewayExecutionResult {
  const { data, errors = [], httpStatus } = toPlainAnswer(answer);
  const http = data === undefined ? { http: { status: httpStatus } } : {};
  const source = new Source(text);
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors.length > 0 ? { errors: errors.map((error) => toGraphQLError(error, source, http)) } : {}),
  };
}

function toGraphQLError(
  { message, path, locations, extensions }: AnswerError,
  source: Source,
  http: object,
): GraphQLError {
  const { service } = extensions;
  return new GraphQLError(message, {
    ...(locations && { source, positions: locations.map((location) => positionOf(source.body, location)) }),
    path,
    extensions: { ...extensions, ...(service === undefined ? {} : { serviceName: service }), ...http },
  });
}

/** The opposite of GraphQL.js' `getLocation`. */
function positionOf(text: string, { line, column }: { line: number; column: number }): number {
  const ends = [...text.matchAll(/\r\n|[\n\r]/g)].map(({ 0: end, index }) => index + end.length);
  return (ends[line - 2] ?? 0) + column - 1;
}
