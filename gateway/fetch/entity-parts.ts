import { ERROR_CATALOGUE, GatewayFault } from '../errors.ts';
import { jsonBody, type SubgraphAnswer, type SubgraphRequest } from '../execute/fetcher.ts';
import { readResponse, type SubgraphError } from '../execute/response.ts';

/** What one part of the entities came to. */
interface Part {
  entities: unknown[];
  errors: SubgraphError[];
}

/**
 * Asks for entities in parts of a bounded size, all at once, and joins what comes back as if it had been one answer. A part that fails
 * takes nothing from the others: each of its entities has the error.
 *
 * @throws GatewayFault where every part fails
 */
export async function askInParts(
  request: SubgraphRequest,
  maxEntities: number,
  ask: (part: SubgraphRequest) => Promise<SubgraphAnswer>,
): Promise<SubgraphAnswer> {
  const { representations, template } = request;
  const starts = Array.from({ length: Math.ceil(representations.length / maxEntities) }, (_, nth) => nth * maxEntities);
  const requests = starts.map((start) => ({
    ...request,
    representations: representations.slice(start, start + maxEntities),
  }));
  const settled = await Promise.allSettled(
    requests.map(async (part) => {
      const answer = await ask(part);
      return { answer, part: readPart(answer, template.service, part.representations.length) };
    }),
  );
  const answers = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value.answer] : []));
  const parts = settled.map((each, nth) =>
    each.status === 'fulfilled' ? each.value.part : failedPart(each.reason, requests[nth]!.representations.length),
  );
  if (answers.length === 0) throw (settled[0] as PromiseRejectedResult).reason;
  const errors = parts.flatMap((part, nth) => part.errors.map((error) => moved(error, starts[nth]!)));
  const data = { _entities: parts.flatMap(({ entities }) => entities) };
  const body = jsonBody(JSON.stringify(errors.length > 0 ? { data, errors } : { data }));
  const isWhole = answers.length === settled.length;
  return { httpStatus: 200, body, ...joinedFreshness(answers, isWhole) };
}

function readPart(answer: SubgraphAnswer, service: string, wanted: number): Part {
  const { data, errors } = readResponse(answer, service);
  const entities: unknown = data?.['_entities'];
  const isComplete = Array.isArray(entities) && entities.length === wanted;
  if (!isComplete && errors.length === 0)
    throw new GatewayFault(
      'SUBREQUEST_MALFORMED_RESPONSE',
      `Subgraph ${service} gave other entities than it was asked for.`,
    );
  return {
    entities: isComplete ? (entities as unknown[]) : Array<unknown>(wanted).fill(null),
    errors: errors.flatMap((error) => (isOfOne(error) ? [error] : ofEach(error, wanted))),
  };
}

function isOfOne({ path }: SubgraphError): boolean {
  return path?.[0] === '_entities' && typeof path[1] === 'number';
}

/** What names no entity may be about any of its part. */
function ofEach(error: SubgraphError, count: number): SubgraphError[] {
  return Array.from({ length: count }, (_, index) => ({ ...error, path: ['_entities', index] }));
}

function failedPart(fault: unknown, count: number): Part {
  if (!(fault instanceof GatewayFault)) throw fault;
  const error = { message: ERROR_CATALOGUE[fault.code].text, extensions: { code: fault.code } };
  return { entities: Array<unknown>(count).fill(null), errors: ofEach(error, count) };
}

/** The error as it is among all entities. @param start where its part begins */
function moved(error: SubgraphError, start: number): SubgraphError {
  const [root, index, ...rest] = error.path as [string, number, ...(string | number)[]];
  return { ...error, path: [root, start + index, ...rest] };
}

/** How long the whole may be remembered: where the parts do not say the same, not at all. */
function joinedFreshness(
  answers: readonly SubgraphAnswer[],
  isWhole: boolean,
): Pick<SubgraphAnswer, 'cacheControl' | 'age'> {
  const [first] = answers;
  const isSame =
    isWhole && answers.every(({ cacheControl, age }) => cacheControl === first!.cacheControl && age === first!.age);
  return isSame ? { cacheControl: first!.cacheControl, age: first!.age } : { cacheControl: 'no-store' };
}
