import { serializeString } from 'structured-headers';
import { NOBODY, type Identity } from '../caller.ts';
import { GatewayFault } from '../errors.ts';
import type { OnBehalf } from '../execute/fetcher.ts';

/** What a request tells a department of who asks and what for; made once for all requests on one's behalf. */
export interface CallerFields {
  /** By name, in the order in which they are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** Their names as components of a signature: `"switchyard-caller" "switchyard-purpose"`. */
  readonly components: string;
  /** Their lines of a signature's base, each with its end. */
  readonly baseLines: string;
}

/** What all fields together may take: servers refuse heads of more than 8 or 16 KiB. */
const MAX_CHARACTERS = 6_144;

/**
 * The `switchyard-*` fields of a request. Every value is a structured field (RFC 9651): texts of plain ASCII as strings,
 * others as display strings, which are percent-encoded UTF-8. What is not known is left out.
 *
 * @param onBehalf left out: nobody in particular, for nothing in particular
 * @throws GatewayFault SUBREQUEST_HTTP_ERROR where it is more than fits into a request's head
 */
export function callerFields(onBehalf: OnBehalf | undefined): CallerFields {
  const { identity, purpose } = onBehalf?.caller ?? NOBODY;
  const headers: Record<string, string> = { 'switchyard-caller': identityText(identity) };
  const texts = {
    'switchyard-purpose': purpose.purpose,
    'switchyard-legal-basis': purpose.legalBasis,
    'switchyard-consent': purpose.consentReference,
    'switchyard-case': purpose.caseNumber,
    'switchyard-query-id': onBehalf?.queryId,
    'switchyard-query-group': purpose.queryGroupId,
  };
  for (const [name, text] of Object.entries(texts)) if (text !== undefined) headers[name] = textItem(text);
  const fields = Object.entries(headers);
  const baseLines = fields.map(([name, value]) => `"${name}": ${value}\n`).join('');
  if (baseLines.length > MAX_CHARACTERS)
    throw new GatewayFault(
      'SUBREQUEST_HTTP_ERROR',
      `Who asks and what for takes ${baseLines.length} characters of a request's head; ${MAX_CHARACTERS} are allowed.`,
    );
  return { headers, components: fields.map(([name]) => `"${name}"`).join(' '), baseLines };
}

function identityText({ kind, proof, subject, organisation, department, roles }: Identity): string {
  const texts = { proof, subject, organisation, department };
  const members = Object.entries(texts).flatMap(([key, text]) =>
    text === undefined ? [] : `${key}=${textItem(text)}`,
  );
  return [`kind=${kind}`, ...members, `roles=(${roles.map(textItem).join(' ')})`].join(', ');
}

/** A text as an item of a structured field: a string where it is plain ASCII, else a display string. */
export function textItem(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? serializeString(text) : displayString(text);
}

/** Not `structured-headers`' own: 2.1.0 writes a control character as one digit, which nobody can read. */
function displayString(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  const encoded = bytes.replace(
    /[^\x20\x21\x23\x24\x26-\x7e]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `%"${encoded}"`;
}
