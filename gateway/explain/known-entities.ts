import { bodyText, jsonBody, type SubgraphAnswer, type SubgraphRequest } from '../execute/fetcher.ts';
import type { LoggedRequest } from './request-log.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Answers a fetch of entities from what the department gave in other answers of the same request: what a program took from
 * there, nobody was asked for. What is not known is null.
 */
export function answerFromKnown(request: SubgraphRequest, logged: readonly LoggedRequest[]): SubgraphAnswer {
  const known = logged.filter((each) => each.request.template.service === request.template.service).flatMap(objectsOf);
  const entities = request.representations.map((text) => {
    const members = Object.entries(JSON.parse(text) as JsonObject);
    return known.find((object) => members.every(([name, value]) => isSame(object[name], value, name))) ?? null;
  });
  return { httpStatus: 200, body: jsonBody(JSON.stringify({ data: { _entities: entities } })) };
}

function isSame(known: unknown, wanted: unknown, name: string): boolean {
  return JSON.stringify(known) === JSON.stringify(wanted) || (name === '__typename' && known === undefined);
}

/** Every object of an answer; an entity with what it was asked for by. */
function objectsOf({ request, answer }: LoggedRequest): JsonObject[] {
  const { data } = (answer ? readJson(bodyText(answer.body)) : {}) as { data?: { _entities?: unknown[] } };
  const entities = request.representations.map((text, index) => {
    const entity = data?._entities?.[index];
    return isObject(entity) ? { ...(JSON.parse(text) as JsonObject), ...entity } : null;
  });
  return [...objectsIn(entities), ...objectsIn(data)];
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function objectsIn(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return isObject(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
