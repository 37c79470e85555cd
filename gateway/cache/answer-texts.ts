import { ERROR_CATALOGUE, type GatewayFault } from '../errors.ts';
import { jsonBody, type SubgraphAnswer, type SubgraphRequest } from '../execute/fetcher.ts';
import { readResponse, type SubgraphError } from '../execute/response.ts';

/** A text of bytes, a character for each. */
export interface ByteText {
  readonly bytes: string;
  readonly isAscii: boolean;
}

/** An answer taken apart: entities, or the `data` of root fields as the one part. */
export interface AnswerParts {
  /** The text of each part; undefined where there is none. */
  readonly texts: readonly (ByteText | undefined)[];
  readonly errors: readonly SubgraphError[];
}

const ENTITIES_START = '{"data":{"_entities":[';
const DATA_START = '{"data":';
const NULL: ByteText = { bytes: 'null', isAscii: true };

/**
 * Takes an answer apart for being remembered. Texts are those that the department gave: reading and writing them anew would
 * change large numbers.
 *
 * @param expected how many parts were asked for
 * @throws GatewayFault as {@link readResponse}
 */
export function takeApart(
  answer: SubgraphAnswer,
  { template: { service, isEntityFetch } }: SubgraphRequest,
  expected: number,
): AnswerParts {
  const { data, errors } = readResponse(answer, service);
  if (!isEntityFetch) return { texts: [data === null ? undefined : dataText(answer, data)], errors };
  const entities = data?.['_entities'];
  if (!Array.isArray(entities) || entities.length !== expected)
    return { texts: Array(expected).fill(undefined), errors };
  return { texts: entityTexts(answer, expected) ?? entities.map(textOf), errors };
}

/** The answer to a request that these are the parts of; what is not there is null. */
export function answerOf({ template }: SubgraphRequest, { texts, errors }: AnswerParts): SubgraphAnswer {
  const parts = texts.map((text) => text ?? NULL);
  const data = template.isEntityFetch
    ? `${ENTITIES_START}${parts.map(({ bytes }) => bytes).join(',')}]}`
    : DATA_START + (parts[0] ?? NULL).bytes;
  const end = errors.length > 0 ? jsonBody(JSON.stringify(errors)) : undefined;
  const isAscii = parts.every((part) => part.isAscii) && end?.encoding !== 'utf8';
  const bytes = end ? `${data},"errors":${end.bytes}}` : `${data}}`;
  return { httpStatus: 200, body: { bytes, encoding: isAscii ? 'ascii' : 'utf8' } };
}

/** Parts that were not given, each with the fault's error. */
export function lostParts(count: number, { code }: GatewayFault): AnswerParts {
  const { text: message } = ERROR_CATALOGUE[code];
  const positions = Array.from({ length: count }, (_, index) => index);
  return {
    texts: positions.map(() => undefined),
    errors: positions.map((index) => ({ message, path: ['_entities', index], extensions: { code } })),
  };
}

/** Which entity an error is about; undefined where it is about none in particular. */
export function entityOf({ path }: SubgraphError): number | undefined {
  return path?.[0] === '_entities' && typeof path[1] === 'number' ? path[1] : undefined;
}

function textOf(value: unknown): ByteText {
  const { bytes, encoding } = jsonBody(JSON.stringify(value));
  return { bytes, isAscii: encoding === 'ascii' };
}

function dataText({ body: { bytes, encoding } }: SubgraphAnswer, data: unknown): ByteText {
  const isPlain = bytes.startsWith(DATA_START) && endOfValue(bytes, DATA_START.length) === bytes.length - 1;
  return isPlain ? { bytes: bytes.slice(DATA_START.length, -1), isAscii: encoding === 'ascii' } : textOf(data);
}

/** The entities' own texts, where the answer is nothing but them and written without spaces. It is known to be JSON. */
function entityTexts({ body: { bytes, encoding } }: SubgraphAnswer, expected: number): ByteText[] | undefined {
  if (!bytes.startsWith(ENTITIES_START) || !bytes.endsWith(']}}')) return undefined;
  const isAscii = encoding === 'ascii';
  const texts: ByteText[] = [];
  let at = ENTITIES_START.length;
  while (texts.length < expected) {
    const end = endOfValue(bytes, at);
    texts.push({ bytes: bytes.slice(at, end), isAscii });
    if (bytes[end] !== ',') return end === bytes.length - 3 && texts.length === expected ? texts : undefined;
    at = end + 1;
  }
  return undefined;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Where the value ends that begins at `at`, in a text that is JSON without spaces. */
function endOfValue(bytes: string, at: number): number {
  let depth = 0;
  for (let index = at; index < bytes.length; index++) {
    const code = bytes.charCodeAt(index);
    if (code === QUOTE) index = endOfString(bytes, index);
    else if (OPENING.has(code)) depth += 1;
    else if (CLOSING.has(code)) {
      if (depth === 0) return index;
      depth -= 1;
      if (depth === 0) return index + 1;
    } else if (code === COMMA && depth === 0) return index;
  }
  return bytes.length;
}

/** The closing quote of the string that opens at `at`. */
function endOfString(bytes: string, at: number): number {
  let end = bytes.indexOf('"', at + 1);
  while (end > 0 && isEscaped(bytes, end)) end = bytes.indexOf('"', end + 1);
  return end < 0 ? bytes.length : end;
}

/** An odd number of backslashes before it. */
function isEscaped(bytes: string, at: number): boolean {
  let before = at;
  while (bytes[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}
