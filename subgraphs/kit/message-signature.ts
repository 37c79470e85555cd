import {
  DisplayString,
  isInnerList,
  parseDictionary,
  serializeDictionary,
  serializeInnerList,
  type Dictionary,
  type Parameters,
} from 'structured-headers';

/** HTTP Message Signatures (RFC 9421), as far as signing a whole request needs them. */

/** A request as it came, before anything in it is believed. */
export interface ReceivedRequest {
  method: string;
  /** Where its sender sent it: of this server's own knowledge, never of the request's `host`. */
  url: URL;
  /** By name in lower case, as Node gives them. */
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** One signature of a message, and what it says of itself. */
export interface MessageSignature {
  /** What it covers: header fields in lower case, and parts of the request such as `@method`. */
  components: readonly string[];
  parameters: ReadonlyMap<string, unknown>;
  /** Components and parameters as they were signed. */
  parametersText: string;
  signature: Buffer;
}

/**
 * Finds the one signature with a tag.
 *
 * It must be written in the one way that RFC 9651 writes it: what can be written in two ways can be changed on its way, and
 * some of it, such as the last bits of base64, no signature would miss.
 *
 * @returns `missing` where there is none, `malformed` where there are several or one that cannot be read
 */
export function findSignature(
  headers: ReceivedRequest['headers'],
  tag: string | undefined,
): MessageSignature | 'missing' | 'malformed' {
  const [inputText, signatureText] = [fieldValue(headers, 'signature-input'), fieldValue(headers, 'signature')];
  if (inputText === undefined || signatureText === undefined) return 'missing';
  const [inputs, signatures] = [readDictionary(inputText), readDictionary(signatureText)];
  if (
    !inputs ||
    !signatures ||
    serializeDictionary(inputs) !== inputText ||
    serializeDictionary(signatures) !== signatureText
  )
    return 'malformed';
  const tagged = [...inputs].filter(([, [, parameters]]) => parameters.get('tag') === tag);
  const [first] = tagged;
  if (!first) return 'missing';
  const [label, input] = first;
  const bytes: unknown = signatures.get(label)?.[0];
  if (tagged.length > 1 || !isInnerList(input) || !(bytes instanceof ArrayBuffer)) return 'malformed';
  const components = input[0].map(([name, parameters]: [unknown, Parameters]) =>
    typeof name === 'string' && parameters.size === 0 ? name : '',
  );
  if (components.includes('') || new Set(components).size < components.length) return 'malformed';
  const [, parameters] = input;
  return { components, parameters, parametersText: serializeInnerList(input), signature: Buffer.from(bytes) };
}

/** Reads a dictionary (RFC 9651); undefined where it is none. */
export function readDictionary(text: string): Dictionary | undefined {
  try {
    return parseDictionary(text);
  } catch {
    return undefined;
  }
}

/** The text that an item is; undefined where it is something else. */
export function itemText(item: unknown): string | undefined {
  return typeof item === 'string' ? item : item instanceof DisplayString ? item.toString() : undefined;
}

/** A header's value; where it came several times, what they are together. */
export function fieldValue(headers: ReceivedRequest['headers'], name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return typeof value === 'string' ? trimmed(value) : value?.map(trimmed).join(', ');
}

/** Without what HTTP takes for blank, which is less than JavaScript does. */
function trimmed(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, '');
}

/**
 * What a signature is made over (RFC 9421, section 2.5), a character for each byte.
 * @returns the name of the component that the request does not have as plain ASCII, where there is such a one
 */
export function signatureBase(
  { components, parametersText }: Pick<MessageSignature, 'components' | 'parametersText'>,
  request: ReceivedRequest,
): { ok: true; base: string } | { ok: false; component: string } {
  const lines: string[] = [];
  for (const component of components) {
    const value = componentValue(component, request);
    // A line of its own would pass for another component.
    if (value === undefined || !/^[\t\x20-\x7e]*$/.test(value)) return { ok: false, component };
    lines.push(`"${component}": ${value}\n`);
  }
  return { ok: true, base: `${lines.join('')}"@signature-params": ${parametersText}` };
}

function componentValue(component: string, { method, url, headers }: ReceivedRequest): string | undefined {
  switch (component) {
    case '@method':
      return method;
    case '@target-uri':
      return url.href;
    case '@authority':
      return url.host;
    case '@scheme':
      return url.protocol.slice(0, -1);
    case '@path':
      return url.pathname;
    case '@query':
      return `?${url.search.slice(1)}`;
    default:
      return fieldValue(headers, component);
  }
}
