import type { IncomingHttpHeaders } from 'node:http';
import { NO_PURPOSE, type Caller, type Purpose } from '../caller.ts';
import { refuse, type Refusal } from '../errors.ts';

const HEADERS = {
  purpose: 'switchyard-purpose',
  legalBasis: 'switchyard-legal-basis',
  consentReference: 'switchyard-consent',
  caseNumber: 'switchyard-case',
  queryGroupId: 'switchyard-query-group',
} as const satisfies Record<keyof Purpose, string>;

const FIELDS = Object.keys(HEADERS) as (keyof Purpose)[];

const MAX_CHARACTERS = 200;
/** As many of the longest characters as are allowed: four bytes, each written with three. */
const MAX_BYTES = MAX_CHARACTERS * 12;

/** Controls, characters without a shape of their own or a meaning, halves of a pair, and the ends of lines. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * What a request says it is for: the headers `switchyard-purpose`, `switchyard-legal-basis`, `switchyard-consent`,
 * `switchyard-case` and `switchyard-query-group`, each of at most 200 printable characters. What is not ASCII, and the
 * percent sign, is percent-encoded UTF-8. A refusal names the header, and not what it holds.
 */
export function readPurpose(headers: IncomingHttpHeaders): Purpose | Refusal {
  let purpose: Record<keyof Purpose, string | undefined> | undefined;
  for (const field of FIELDS) {
    const header = headers[HEADERS[field]];
    if (header === undefined) continue;
    const text = readText(String(header));
    if (!text.ok) return refuse('PURPOSE_HEADER_INVALID', `${HEADERS[field]} ${text.fault}.`);
    purpose ??= { ...NO_PURPOSE };
    purpose[field] = text.value;
  }
  return purpose ?? NO_PURPOSE;
}

/**
 * A caller for what the headers and `@purpose` of the operation say together. Texts are held to what headers are held to; where
 * both say something, they must say the same. A refusal names argument and header, and not what they hold.
 *
 * @param stated the directive's arguments, the field of the purpose that each gives, and its text
 */
export function withStatedPurpose(
  caller: Caller,
  stated: readonly (readonly [argument: string, field: keyof Purpose, text: string])[],
): Caller | Refusal {
  if (stated.length === 0) return caller;
  const purpose: Record<keyof Purpose, string | undefined> = { ...caller.purpose };
  for (const [argument, field, given] of stated) {
    const text = checkText(given);
    if (!text.ok) return refuse('PURPOSE_DIRECTIVE_INVALID', `Its argument ${argument} ${text.fault}.`);
    if ((purpose[field] ?? text.value) !== text.value)
      return refuse('PURPOSE_CONTRADICTION', `See ${HEADERS[field]} and the argument ${argument}.`);
    purpose[field] = text.value;
  }
  return { ...caller, purpose };
}

type CheckedText = { ok: true; value: string } | { ok: false; fault: string };

const TOO_LONG = { ok: false, fault: `is longer than ${MAX_CHARACTERS} characters` } as const;

function readText(header: string): CheckedText {
  if (header.length > MAX_BYTES) return TOO_LONG;
  if (!/^[ -~]*$/.test(header))
    return { ok: false, fault: 'must be ASCII; write other characters as percent-encoded UTF-8' };
  const decoded = decode(header);
  if (decoded === undefined) return { ok: false, fault: 'is not percent-encoded UTF-8; a percent sign is written %25' };
  return checkText(decoded);
}

function checkText(text: string): CheckedText {
  if (text.length > MAX_BYTES) return TOO_LONG;
  // Rules compare texts: the same word must not come in two spellings.
  const value = text.normalize('NFC').trim();
  if (value === '') return { ok: false, fault: 'is empty' };
  if ([...value].length > MAX_CHARACTERS) return TOO_LONG;
  if (UNPRINTABLE.test(value)) return { ok: false, fault: 'holds characters that cannot be printed' };
  return { ok: true, value };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
