import type { Deadline } from '../deadline.ts';
import { ERROR_CATALOGUE, GatewayFault } from '../errors.ts';
import { jsonBody, type Fetcher, type FetchTemplate, type SubgraphAnswer, type SubgraphRequest } from './fetcher.ts';
import { readResponse, type SubgraphError, type SubgraphResponse } from './response.ts';

/** What was asked of departments in one request, and what they answered. */
interface Recorded {
  request: SubgraphRequest;
  answer: Promise<SubgraphAnswer>;
}

/**
 * Remembers every answer of one request, so that a second way of running its plan asks nothing twice: not a department
 * that has just failed to answer in time, and no mutation at all.
 */
export class Recording {
  readonly #fetcher: Fetcher;
  readonly #recorded: Recorded[] = [];

  constructor(fetcher: Fetcher) {
    this.#fetcher = fetcher;
  }

  /** Asks, and remembers. */
  readonly record: Fetcher = (request, deadline) => {
    const answer = this.#fetcher(request, deadline);
    this.#recorded.push({ request, answer });
    return answer;
  };

  /** Gives what is remembered, and asks for the rest. */
  readonly replay: Fetcher = (request, deadline) => {
    const alike = this.#recorded.filter(
      ({ request: { template, variablesText } }) =>
        isAlike(template, request.template) && variablesText === request.variablesText,
    );
    if (!request.template.isEntityFetch) return alike[0]?.answer ?? this.#fetcher(request, deadline);
    return this.#replayEntities(request, alike, deadline);
  };

  async #replayEntities(
    request: SubgraphRequest,
    alike: readonly Recorded[],
    deadline: Deadline,
  ): Promise<SubgraphAnswer> {
    const wanted = request.representations;
    const exact = alike.find((known) => isEqual(known.request.representations, wanted));
    if (exact) return exact.answer;
    if (!alike.some(({ request: { representations } }) => representations.some((text) => wanted.includes(text))))
      return this.#fetcher(request, deadline);
    const parts = alike.map(({ request: { representations }, answer }) => ({ representations, answer }));
    const known = new Set(parts.flatMap(({ representations }) => representations));
    const rest = wanted.filter((text) => !known.has(text));
    if (rest.length > 0)
      parts.push({ representations: rest, answer: this.#fetcher({ ...request, representations: rest }, deadline) });
    const entities: unknown[] = wanted.map(() => null);
    const errors: SubgraphError[] = [];
    for (const { representations, answer } of parts) {
      const response = await settled(answer, representations, request.template.service);
      const places = representations.map((text) => wanted.indexOf(text));
      takeOver(response, places, { entities, errors });
    }
    return { httpStatus: 200, body: jsonBody(JSON.stringify({ data: { _entities: entities }, errors })) };
  }
}

/** Fetches that ask the same under another operation name have the same answer, but a mutation's never has. */
function isAlike(a: FetchTemplate, b: FetchTemplate): boolean {
  return (
    a === b || (a.isEntityFetch && b.isEntityFetch && a.service === b.service && withoutName(a) === withoutName(b))
  );
}

function withoutName({ query, operationName }: FetchTemplate): string {
  return operationName ? query.replace(operationName, '') : query;
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** A fault becomes an error for each entity, because other entities of the same answer may be there. */
async function settled(
  answer: Promise<SubgraphAnswer>,
  representations: readonly string[],
  service: string,
): Promise<SubgraphResponse> {
  try {
    return readResponse(await answer, service);
  } catch (error) {
    if (!(error instanceof GatewayFault)) throw error;
    const { text } = ERROR_CATALOGUE[error.code];
    const extensions = { code: error.code };
    return {
      data: null,
      errors: representations.map((_, index) => ({ message: text, path: ['_entities', index], extensions })),
    };
  }
}

/** @param places where each entity of the response stands among those wanted; -1 for none */
function takeOver(
  { data, errors }: SubgraphResponse,
  places: readonly number[],
  into: { entities: unknown[]; errors: SubgraphError[] },
): void {
  const entities = data?.['_entities'];
  for (const [index, place] of places.entries())
    if (place >= 0 && Array.isArray(entities)) into.entities[place] = entities[index] as unknown;
  for (const error of errors) {
    const [root, index, ...rest] = error.path ?? [];
    if (root !== '_entities' || typeof index !== 'number') into.errors.push(error);
    else if ((places[index] ?? -1) >= 0) into.errors.push({ ...error, path: [root, places[index]!, ...rest] });
  }
}
