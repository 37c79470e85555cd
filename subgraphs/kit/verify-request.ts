import { hash, verify, type KeyObject } from 'node:crypto';
import type { GatewayKeys } from './gateway-keys.ts';
import {
  fieldValue,
  findSignature,
  itemText,
  readDictionary,
  signatureBase,
  type MessageSignature,
  type ReceivedRequest,
} from './message-signature.ts';
import type { ReplayWindow } from './replay-window.ts';
import { readCaller, type SignedCaller } from './signed-caller.ts';

/** Why a request is not taken for a gateway's: a stable code each, and what it means. */
export const UNVERIFIED = {
  SIGNATURE_MISSING: "The request has no gateway's signature.",
  SIGNATURE_MALFORMED: 'The signature cannot be read, or does not say all that it must.',
  SIGNATURE_ALGORITHM_WRONG: 'The signature is not made with Ed25519.',
  SIGNATURE_KEY_UNKNOWN: 'The signature is made with a key that is not known here.',
  SIGNATURE_COMPONENT_NOT_COVERED: 'The signature leaves out a part of the request that it must cover.',
  SIGNATURE_COMPONENT_MISSING: 'The signature covers a part that the request does not have, or not as plain ASCII.',
  SIGNATURE_EXPIRED: 'The signature is too old.',
  SIGNATURE_FROM_FUTURE: 'The signature is made at a time that is yet to come.',
  SIGNATURE_DIGEST_MISMATCH: 'The body is not the one that was signed.',
  SIGNATURE_INVALID: 'The signature does not fit the request.',
  SIGNATURE_REPLAYED: 'The request has been made before.',
  SIGNATURE_CALLER_MALFORMED: 'The request does not say who asks in a way that can be read.',
} as const;

export type UnverifiedCode = keyof typeof UNVERIFIED;

/** A request with its body. */
export interface SignedRequest extends Omit<ReceivedRequest, 'url'> {
  /** Where the gateway sent it: of this server's own knowledge, never of the request's `host`. */
  url: URL | string;
  /** Its bytes, or the text that they are in UTF-8. */
  body: Uint8Array | string;
}

export interface VerifyOptions {
  /** Public keys by their ids. */
  keys: GatewayKeys;
  /** How long after a request is made it is taken. */
  maxAgeSeconds: number;
  /** How far the gateway's clock may be from this one. */
  clockToleranceSeconds: number;
  /** Remembers requests, so that none is taken twice; one for all requests. */
  replayWindow: ReplayWindow;
  /** Milliseconds since 1970. Default: this machine's clock. */
  now?: (() => number) | undefined;
}

/** A request that a gateway made, and that nobody changed or made again. */
export interface VerifiedRequest extends SignedCaller {
  ok: true;
  /** The body's SHA-256 in base64, as in `content-digest`. */
  digest: string;
  keyId: string;
  /** When it was made, in seconds since 1970. */
  createdSeconds: number;
}

/** A request that is not taken for a gateway's. */
export interface UnverifiedRequest {
  ok: false;
  code: UnverifiedCode;
  /** What the code means; nothing in it comes from the request. */
  message: string;
}

/**
 * Checks that a gateway made a request just so, just now and for this department, by its signature (RFC 9421) and its body's
 * digest (RFC 9530). Costs about 0.15 ms, nearly all of it Ed25519.
 */
export function verifyRequest(request: SignedRequest, options: VerifyOptions): VerifiedRequest | UnverifiedRequest {
  const url = URL.parse(String(request.url));
  if (!url) return unverified('SIGNATURE_INVALID');
  const received = { ...request, url };
  const found = findSignature(request.headers, 'switchyard');
  if (found === 'missing') return unverified('SIGNATURE_MISSING');
  const parameters = found === 'malformed' ? undefined : readParameters(found);
  if (found === 'malformed' || !parameters) return unverified('SIGNATURE_MALFORMED');
  const refusal =
    refuseKey(parameters, options) ??
    refuseCoverage(found.components, received) ??
    refuseTimes(parameters, options) ??
    refuseDigest(request) ??
    refuseSignature(found, received, options.keys.get(parameters.keyId)!) ??
    // Only what is signed is remembered: nobody else can fill the memory.
    refuseReplay(parameters, options);
  if (refusal) return unverified(refusal);
  const caller = readCaller(request.headers);
  if (!caller) return unverified('SIGNATURE_CALLER_MALFORMED');
  const { keyId, created } = parameters;
  return { ok: true, ...caller, digest: bodyDigest(request.body), keyId, createdSeconds: created };
}

function unverified(code: UnverifiedCode): UnverifiedRequest {
  return { ok: false, code, message: UNVERIFIED[code] };
}

interface Parameters {
  created: number;
  expires: number;
  nonce: string;
  algorithm: string;
  keyId: string;
}

const MAX_NONCE_LENGTH = 200;

function readParameters({ parameters }: MessageSignature): Parameters | undefined {
  const [created, expires] = ['created', 'expires'].map((name) => parameters.get(name));
  const [nonce, algorithm, keyId] = ['nonce', 'alg', 'keyid'].map((name) => itemText(parameters.get(name)));
  if (!isSeconds(created) || !isSeconds(expires)) return undefined;
  if (!nonce || nonce.length > MAX_NONCE_LENGTH || algorithm === undefined || keyId === undefined) return undefined;
  return { created, expires, nonce, algorithm, keyId };
}

function isSeconds(value: unknown): value is number {
  return Number.isInteger(value);
}

/** The algorithm is the key's own; what the signature says of it must agree, and decides nothing. */
function refuseKey({ algorithm, keyId }: Parameters, { keys }: VerifyOptions): UnverifiedCode | undefined {
  if (algorithm !== 'ed25519') return 'SIGNATURE_ALGORITHM_WRONG';
  const key = keys.get(keyId);
  if (!key) return 'SIGNATURE_KEY_UNKNOWN';
  return key.asymmetricKeyType === 'ed25519' ? undefined : 'SIGNATURE_ALGORITHM_WRONG';
}

function refuseCoverage(components: readonly string[], { url, headers }: ReceivedRequest): UnverifiedCode | undefined {
  const target = ['@authority', '@path', ...(url.search === '' ? [] : ['@query'])];
  const required = [
    '@method',
    ...(components.includes('@target-uri') ? [] : target),
    ...['content-digest', 'content-type', 'switchyard-caller'],
    ...Object.keys(headers).filter((name) => name.startsWith('switchyard-')),
  ];
  return required.every((name) => components.includes(name)) ? undefined : 'SIGNATURE_COMPONENT_NOT_COVERED';
}

function refuseTimes(
  { created, expires }: Parameters,
  { maxAgeSeconds, clockToleranceSeconds, now = Date.now }: VerifyOptions,
): UnverifiedCode | undefined {
  const seconds = now() / 1_000;
  if (created > seconds + clockToleranceSeconds) return 'SIGNATURE_FROM_FUTURE';
  const end = Math.min(expires, created + maxAgeSeconds);
  return seconds > end + clockToleranceSeconds ? 'SIGNATURE_EXPIRED' : undefined;
}

function refuseDigest({ headers, body }: SignedRequest): UnverifiedCode | undefined {
  const field = fieldValue(headers, 'content-digest');
  if (field === undefined) return 'SIGNATURE_COMPONENT_MISSING';
  const digest: unknown = readDictionary(field)?.get('sha-256')?.[0];
  const isSame = digest instanceof ArrayBuffer && Buffer.from(digest).toString('base64') === bodyDigest(body);
  return isSame ? undefined : 'SIGNATURE_DIGEST_MISMATCH';
}

function bodyDigest(body: Uint8Array | string): string {
  return hash('sha256', body, 'base64');
}

function refuseSignature(
  found: MessageSignature,
  received: ReceivedRequest,
  key: KeyObject,
): UnverifiedCode | undefined {
  const built = signatureBase(found, received);
  if (!built.ok) return 'SIGNATURE_COMPONENT_MISSING';
  const isValid = verify(undefined, Buffer.from(built.base, 'latin1'), key, found.signature);
  return isValid ? undefined : 'SIGNATURE_INVALID';
}

function refuseReplay(
  { keyId, nonce, created }: Parameters,
  { replayWindow, maxAgeSeconds, clockToleranceSeconds, now = Date.now }: VerifyOptions,
): UnverifiedCode | undefined {
  const oldestSeconds = Math.floor(now() / 1_000) - maxAgeSeconds - clockToleranceSeconds;
  return replayWindow.admit(`${keyId} ${nonce}`, created, oldestSeconds) ? undefined : 'SIGNATURE_REPLAYED';
}
