import { plainLine } from '../../../subgraphs/kit/plain-line.ts';
import type { PostAnswer } from './http-post.ts';

const MAX_CHARACTERS = 200;

/** `text/plain`, `application/json`, `application/problem+json`, `application/graphql-response+json`, …: what people read as it is. */
const READABLE = /^\s*(text\/plain|application\/([\w.-]+\+)?json)\s*(;|$)/i;

/**
 * What a receiver says beside its status, in one line of at most 200 characters: of JSON the message in it, where it has one. Undefined
 * where it says nothing that can be read, or gives back a secret of the request.
 *
 * @param secrets what is told to nobody. An empty one is none
 */
export function saidBy({ headers, text }: PostAnswer, secrets: readonly string[]): string | undefined {
  if (!READABLE.test(headers['content-type'] ?? '')) return undefined;
  const json = parse(text);
  const written = json === undefined ? text : JSON.stringify(json);
  const said = messageIn(json) ?? written;
  if (tellsOne(secrets, [text, written, said])) return undefined;
  return [...plainLine(said)].slice(0, MAX_CHARACTERS).join('') || undefined;
}

/** Looks into what was not shortened, for nobody would know half a secret again; and for each as JSON has it too. */
function tellsOne(secrets: readonly string[], texts: readonly string[]): boolean {
  const written = secrets
    .filter((secret) => secret !== '')
    .flatMap((each) => [each, JSON.stringify(each).slice(1, -1)]);
  return written.some((secret) => texts.some((text) => text.includes(secret)));
}

/** Undefined too where it is nested so deeply that it could not be written again. */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    JSON.stringify(value);
    return value;
  } catch {
    return undefined;
  }
}

/** As GraphQL has it (`errors`), problem details (RFC 9457), and most others. */
function messageIn(json: unknown): string | undefined {
  const { errors, detail, message, title } = fieldsOf(json);
  const first = Array.isArray(errors) ? fieldsOf(errors[0])['message'] : undefined;
  return [first, detail, message, title].find((each): each is string => typeof each === 'string' && each !== '');
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
