import {
  buildASTSchema,
  execute,
  GraphQLError,
  isObjectType,
  Kind,
  parse,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import type { Deadline } from '../deadline.ts';
import { answerError, ERROR_CATALOGUE, GatewayFault, type ErrorCode } from '../errors.ts';
import { jsonBody, requestBody, type Fetcher, type FetchTemplate, type OnBehalf } from '../execute/fetcher.ts';

/** What gives a field's value; called with on whose behalf it is asked. */
export type Resolver = (source: never, args: never, onBehalf: OnBehalf) => unknown;

/** The schema of a department in this process: its SDL as it is composed, and what gives its fields by `Type` and name. */
export function inProcessSchema(
  sdl: string,
  resolvers: Readonly<Record<string, Readonly<Record<string, Resolver>>>>,
): GraphQLSchema {
  const { kind, definitions } = parse(sdl, { noLocation: true });
  // The link is for composition.
  const own = definitions.filter((definition) => definition.kind !== Kind.SCHEMA_EXTENSION);
  const schema = buildASTSchema({ kind, definitions: own });
  for (const [typeName, ofType] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const [name, resolve] of Object.entries(ofType)) Object.assign(type.getFields()[name]!, { resolve });
  }
  return schema;
}

/** The error of a department in this process with one of the catalogue's codes. */
export function codedError(code: ErrorCode, more?: string): GraphQLError {
  const { message, extensions } = answerError(code, more);
  return new GraphQLError(message, { extensions });
}

/** What a fetch asks, ready to be executed, or why it cannot be. */
type Checked = { document: DocumentNode } | { errors: readonly GraphQLError[] };

/**
 * A fetcher for a department that is served in the gateway's own process. Its resolvers get on whose behalf they are asked as their
 * context.
 *
 * @param onFault told of what resolvers throw and is no GraphQLError
 */
export function answerInProcess(schema: GraphQLSchema, onFault: (error: unknown) => void): Fetcher {
  const known = new WeakMap<FetchTemplate, Checked>();
  const check = (template: FetchTemplate): Checked => {
    const document = parse(template.query, { noLocation: true });
    const errors = validate(schema, document);
    return errors.length > 0 ? { errors } : { document };
  };
  return async (request, deadline) => {
    const { template, onBehalf } = request;
    if (!onBehalf)
      throw new GatewayFault('INTERNAL_SERVER_ERROR', `Department ${template.service} is not told who asks.`);
    const checked = known.get(template) ?? check(template);
    known.set(template, checked);
    if ('errors' in checked) return { httpStatus: 400, body: jsonBody(JSON.stringify(checked)) };
    const { variables } = JSON.parse(requestBody(request)) as { variables: Record<string, unknown> };
    const input = { schema, document: checked.document, contextValue: onBehalf, variableValues: variables };
    const { data, errors } = await inTime(Promise.resolve(execute(input)), deadline, template.service);
    const told = errors?.map((error) => clientError(error, onFault));
    return { httpStatus: 200, body: jsonBody(JSON.stringify(told ? { errors: told, data } : { data })) };
  };
}

function inTime<Value>(promise: Promise<Value>, deadline: Deadline, service: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const forget = deadline.onEnd(() =>
      reject(new GatewayFault('SUBREQUEST_TIMEOUT', `Department ${service} was not done in time.`)),
    );
    void promise.then(resolve, reject).finally(forget);
  });
}

/** What a fault really was stays in the process. */
function clientError(error: GraphQLError, onFault: (error: unknown) => void): GraphQLError {
  const cause = error.originalError;
  if (!cause || cause instanceof GraphQLError) return error;
  onFault(cause);
  const code = cause instanceof GatewayFault ? cause.code : 'INTERNAL_SERVER_ERROR';
  return new GraphQLError(ERROR_CATALOGUE[code].text, { path: error.path ?? null, extensions: { code } });
}
