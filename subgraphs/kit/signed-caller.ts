import { isInnerList, parseItem, Token } from 'structured-headers';
import { fieldValue, itemText, readDictionary, type ReceivedRequest } from './message-signature.ts';

/** Who asks the gateway, as the gateway found it proven. */
export interface SignedIdentity {
  /** `anonymous` where nothing was proven. */
  kind: 'anonymous' | 'person' | 'system';
  /** How it was proven, such as `jwt:https://id.city.example`. */
  proof: string;
  subject: string | undefined;
  organisation: string | undefined;
  /** The department it acts for, by its code. */
  department: string | undefined;
  roles: readonly string[];
}

/** What the request says it is for; the gateway vouches that it was said, and not that it is so. */
export interface SignedPurpose {
  purpose: string | undefined;
  legalBasis: string | undefined;
  consentReference: string | undefined;
  caseNumber: string | undefined;
  /** Names the whole of which the request is a part. */
  queryGroupId: string | undefined;
}

/** What a gateway's request says of the request that it is for. */
export interface SignedCaller {
  identity: SignedIdentity;
  purpose: SignedPurpose;
  /** The client's request in the gateway's trail. */
  queryId: string | undefined;
}

const PURPOSE_FIELDS = {
  purpose: 'switchyard-purpose',
  legalBasis: 'switchyard-legal-basis',
  consentReference: 'switchyard-consent',
  caseNumber: 'switchyard-case',
  queryGroupId: 'switchyard-query-group',
  queryId: 'switchyard-query-id',
} as const;

/** Reads who asks and what for; undefined where the fields are not as the gateway writes them. */
export function readCaller(headers: ReceivedRequest['headers']): SignedCaller | undefined {
  const identity = readIdentity(fieldValue(headers, 'switchyard-caller') ?? '');
  if (!identity) return undefined;
  const texts: Partial<Record<keyof typeof PURPOSE_FIELDS, string>> = {};
  for (const [key, name] of Object.entries(PURPOSE_FIELDS) as [keyof typeof PURPOSE_FIELDS, string][]) {
    const value = fieldValue(headers, name);
    if (value === undefined) continue;
    const text = readText(value);
    if (text === undefined) return undefined;
    texts[key] = text;
  }
  const { purpose, legalBasis, consentReference, caseNumber, queryGroupId, queryId } = texts;
  return { identity, purpose: { purpose, legalBasis, consentReference, caseNumber, queryGroupId }, queryId };
}

function readIdentity(text: string): SignedIdentity | undefined {
  const members = readDictionary(text);
  const kind: unknown = members?.get('kind')?.[0];
  const proof = itemText(members?.get('proof')?.[0]);
  const roles = members?.get('roles');
  if (!members || !isKind(kind) || proof === undefined || !roles || !isInnerList(roles)) return undefined;
  const roleNames = roles[0].map(([role]) => itemText(role));
  if (!roleNames.every((role) => role !== undefined)) return undefined;
  const textOf = (key: string): string | undefined => itemText(members.get(key)?.[0]);
  return {
    kind: kind.toString() as SignedIdentity['kind'],
    proof,
    subject: textOf('subject'),
    organisation: textOf('organisation'),
    department: textOf('department'),
    roles: roleNames,
  };
}

function isKind(item: unknown): item is Token {
  return item instanceof Token && ['anonymous', 'person', 'system'].includes(item.toString());
}

function readText(value: string): string | undefined {
  try {
    return itemText(parseItem(value)[0]);
  } catch {
    return undefined;
  }
}
