import { systemBadAnswer, systemUnavailable } from '../faults.ts';
import { Misfit } from '../misfit.ts';
import type { GraphqlDocument } from './graphql-document.ts';
import { writeQuery } from './graphql-query.ts';
import { UnreadableAnswer, type AnswerReader, type HttpConnection } from './http-connection.ts';
import { asList, asObject, exactJson, textIn } from './json-values.ts';
import type { Deadline } from './pause.ts';
import type { ServiceAnswer, ServicePort, ServiceRequest } from './service-reading.ts';

export interface GraphqlParts {
  document: GraphqlDocument;
  connection: HttpConnection;
  url: URL;
  holds: string;
  /** Questions in one request, each under an alias. */
  maxAliases: number;
}

/** How much of an error's text is told. */
const MAX_ERROR_TEXT = 200;

interface Waiting {
  request: ServiceRequest;
  resolve(answer: ServiceAnswer): void;
  reject(error: unknown): void;
}

/** A GraphQL service. What is asked at once for one question goes there in one operation. */
export function graphqlService(parts: GraphqlParts): ServicePort {
  const { connection, url, maxAliases } = parts;
  const waiting = new Map<Deadline, Waiting[]>();
  const send = (deadline: Deadline): void => {
    const all = waiting.get(deadline) ?? [];
    waiting.delete(deadline);
    for (let at = 0; at < all.length; at += maxAliases)
      void askTogether(parts, all.slice(at, at + maxAliases), deadline);
  };
  return {
    url,
    counts: connection.counts,
    pathOf: ({ operation, values }) => JSON.stringify([operation.name, [...(values as ReadonlyMap<string, unknown>)]]),
    ask(request, deadline) {
      return new Promise((resolve, reject) => {
        const known = waiting.get(deadline);
        if (known) known.push({ request, resolve, reject });
        else {
          waiting.set(deadline, [{ request, resolve, reject }]);
          process.nextTick(send, deadline);
        }
      });
    },
    close: () => connection.close(),
  };
}

/** Never throws: whoever waits is told. */
async function askTogether(parts: GraphqlParts, asked: readonly Waiting[], deadline: Deadline): Promise<void> {
  const { connection, document, url } = parts;
  const [operation = ''] = asked.map(({ request }) => request.operation.name);
  const request = {
    ...{ operation, method: 'POST' as const, origin: url.origin, path: `${url.pathname}${url.search}` },
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
    },
  };
  try {
    const query = writeQuery(
      document,
      asked.map((each) => each.request),
    );
    const answer = await connection.ask({ ...request, body: JSON.stringify(query) }, READER, deadline);
    asked.forEach((each, at) => settle(parts, each, { answer, alias: `a${at}` }));
  } catch (error) {
    for (const { reject } of asked) reject(error);
  }
}

interface GraphqlAnswer {
  data: Readonly<Record<string, unknown>> | undefined;
  errors: readonly Readonly<Record<string, unknown>>[];
}

const READER: AnswerReader<GraphqlAnswer> = {
  // A request that is not understood is answered 400 (GraphQL over HTTP).
  statuses: [200, 400],
  read({ text }) {
    const body = asObject(jsonIn(text));
    if (!body || (body['data'] === undefined && body['errors'] === undefined))
      throw new UnreadableAnswer('it is no answer of GraphQL');
    const errors = asList(body['errors']).map((error) => asObject(error) ?? {});
    return { data: asObject(body['data']), errors };
  },
};

function jsonIn(text: string): unknown {
  try {
    return exactJson(text);
  } catch (error) {
    throw new UnreadableAnswer('it is not JSON', error);
  }
}

function settle(
  { holds }: GraphqlParts,
  { request, resolve, reject }: Waiting,
  { answer: { data, errors }, alias }: { answer: GraphqlAnswer; alias: string },
): void {
  const { name } = request.operation;
  const own = errors.filter((error) => asList(error['path'])[0] === alias);
  const body = data?.[alias] ?? null;
  const [fault] = own.length > 0 ? own : errors.filter((error) => asList(error['path']).length === 0);
  if (!data)
    return reject(systemBadAnswer(`The ${holds} does not understand ${name}: ${textOf(fault ?? errors[0] ?? {})}.`));
  if (body === null && fault)
    return reject(systemUnavailable(`The ${holds} could not carry out ${name}: ${textOf(fault)}.`));
  for (const error of own) markFault(body, asList(error['path']).slice(1));
  resolve({ isAbsent: body === null, body, link: undefined });
}

function textOf(error: Readonly<Record<string, unknown>>): string {
  return (textIn(error['message']) ?? 'it says no more').slice(0, MAX_ERROR_TEXT);
}

/** A value that the service could not give is no value that there is not. */
function markFault(body: unknown, path: readonly unknown[]): void {
  let parent: unknown = body;
  for (const [at, step] of path.entries()) {
    if (typeof parent !== 'object' || parent === null) return;
    const holder = parent as Record<PropertyKey, unknown>;
    const inner = holder[step as PropertyKey];
    if (inner === null && !Array.isArray(parent)) holder[step as PropertyKey] = FAULT;
    if (inner === null || at === path.length - 1) return;
    parent = inner;
  }
}

const FAULT = new Misfit('a value that the system itself can give');
