import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Caller } from '../../gateway/caller.ts';
import { REQUEST_HEADERS } from '../../gateway/fetch/channel.ts';
import type { SigningKey } from '../../gateway/fetch/signing-key.ts';
import { signRequests } from '../../gateway/fetch/signing.ts';
import { signatureBase } from '../../subgraphs/kit/message-signature.ts';
import { ReplayWindow } from '../../subgraphs/kit/replay-window.ts';
import type { SignedRequest, VerifyOptions } from '../../subgraphs/kit/verify-request.ts';

const pair = generateKeyPairSync('ed25519');

/** A gateway's key, made for this run. */
export const SIGNING_KEY: SigningKey = { keyId: 'gateway-1', privateKey: pair.privateKey };

/** Its public half, as departments know it. */
const GATEWAY_KEYS: ReadonlyMap<string, KeyObject> = new Map([[SIGNING_KEY.keyId, pair.publicKey]]);

/** Somebody who asks for something, in the city's own writing. */
export const OFFICER: Caller = {
  identity: {
    kind: 'person',
    proof: 'jwt:https://id.city.example',
    subject: '王小明',
    organisation: 'City of "Pine\\Bay"',
    department: 'tax',
    roles: ['officer', '审计员'],
    scopes: ['read'],
    claims: {},
  },
  purpose: {
    purpose: 'économie 100%',
    legalBasis: 'Tax Act § 12',
    consentReference: undefined,
    caseNumber: 'A-17',
    queryGroupId: 'group-1',
  },
};

/** A request's headers that can be changed. */
export type Changeable = Omit<SignedRequest, 'headers' | 'url' | 'body'> & {
  url: string;
  body: string;
  headers: Record<string, string>;
};

const DEPARTMENT_URL = 'http://tax.city.example:4107/graphql?x=1';

/** A request as a gateway sends it on behalf of {@link OFFICER}. */
export function signedRequest(url = DEPARTMENT_URL, caller = OFFICER): Changeable {
  const body = '{"query":"{ taxpayer { name } }","variables":{"name":"王"}}';
  const headers = signRequests(SIGNING_KEY, new URL(url))(body, { caller, queryId: 'query-1' });
  return { method: 'POST', url, headers: { ...REQUEST_HEADERS, ...headers }, body };
}

/** Signs a request anew, over what it is told and with the parameters it is told, as only who has the key can. */
export function signAnew(
  request: Changeable,
  change: { components?(components: string[]): string[]; parameters?(text: string): string },
  privateKey = SIGNING_KEY.privateKey,
): Changeable {
  const [, listed = '', after = ''] = /^switchyard=\(([^)]*)\)(.*)$/.exec(request.headers['signature-input']!)!;
  const components = listed.split(' ').map((name) => name.slice(1, -1));
  const covered = change.components?.(components) ?? components;
  const parametersText = `(${covered.map((name) => `"${name}"`).join(' ')})${change.parameters?.(after) ?? after}`;
  const built = signatureBase({ components: covered, parametersText }, { ...request, url: new URL(request.url) });
  if (!built.ok) throw new Error(`the request has no ${built.component}`);
  const signature = sign(null, Buffer.from(built.base), privateKey).toString('base64');
  const headers = {
    ...request.headers,
    'signature-input': `switchyard=${parametersText}`,
    signature: `switchyard=:${signature}:`,
  };
  return { ...request, headers };
}

/** How a department verifies, with a window of its own. */
export function verifying(more: Partial<VerifyOptions> = {}): VerifyOptions {
  return {
    keys: GATEWAY_KEYS,
    maxAgeSeconds: 60,
    clockToleranceSeconds: 5,
    replayWindow: new ReplayWindow(),
    ...more,
  };
}
