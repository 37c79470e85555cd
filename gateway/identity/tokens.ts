import { hash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Identity } from '../caller.ts';
import { refuse, type ErrorCode, type Refusal } from '../errors.ts';
import { toIdentity, type IssuerSettings } from './claims.ts';
import type { Clock } from './clock.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { KeySet } from './key-set.ts';

/** An issuer whose tokens are accepted. */
export interface TrustedIssuer {
  settings: IssuerSettings;
  keys: IssuerKeys;
}

/** A token that was verified; who holds the digest cannot make the token of it. */
interface KnownToken {
  identity: Identity;
  expiresAtMs: number;
  keys: IssuerKeys;
  /** The keys that it was verified with. */
  keySet: KeySet;
}

export interface TokensOptions {
  issuers: readonly TrustedIssuer[];
  maxRemembered: number;
  clock: Clock;
}

/** Verifies signed tokens (JSON Web Tokens, RFC 7519, as RFC 8725 advises), and remembers those that were good. */
export class Tokens {
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>;
  readonly #known: LRUCache<string, KnownToken>;
  readonly #clock: Clock;

  constructor({ issuers, maxRemembered, clock }: TokensOptions) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.settings.issuer, issuer]));
    this.#known = new LRUCache({ max: maxRemembered });
    this.#clock = clock;
  }

  /** Whose the token is, at once where that is known: while it has not expired and its issuer's keys are the same. */
  identify(token: string): Identity | Refusal | Promise<Identity | Refusal> {
    const digest = hash('sha256', token, 'base64');
    const known = this.#known.get(digest);
    if (known && this.#clock.wallMs() < known.expiresAtMs && known.keys.current() === known.keySet)
      return known.identity;
    return this.#verify(token, digest);
  }

  async #verify(token: string, digest: string): Promise<Identity | Refusal> {
    const unverified = decode(token);
    if (!unverified) return refuse('TOKEN_MALFORMED');
    const issuer = this.#issuers.get(unverified.issuer);
    if (!issuer) return refuse('TOKEN_WRONG_ISSUER');
    if (!(issuer.settings.algorithms as string[]).includes(unverified.algorithm))
      return refuse('TOKEN_ALGORITHM_REFUSED', `Accepted: ${issuer.settings.algorithms.join(', ')}.`);
    const keySet = issuer.keys.current() ?? (await issuer.keys.ready());
    if (!keySet) return refuse('TOKEN_ISSUER_UNAVAILABLE');
    const verified = await this.#verifyAsOfNow(token, issuer, keySet);
    if (typeof verified === 'string') return refuse(verified);
    const identity = toIdentity(verified.payload, issuer.settings);
    if ('ok' in identity) return identity;
    const expiresAtMs = (verified.payload.exp! + issuer.settings.clockToleranceSeconds) * 1_000;
    this.#known.set(digest, { identity, expiresAtMs, keys: issuer.keys, keySet: verified.keySet });
    return identity;
  }

  /** An issuer that has other keys by now may have signed it with one of those, and may have named it as the one before. */
  async #verifyAsOfNow(
    token: string,
    { settings, keys }: TrustedIssuer,
    keySet: KeySet,
  ): Promise<{ payload: JWTPayload; keySet: KeySet } | ErrorCode> {
    const options = this.#optionsFor(settings);
    const first = await verifyWith(keySet, token, options);
    if (first !== 'TOKEN_KEY_UNKNOWN' && first !== 'TOKEN_SIGNATURE_INVALID') return first;
    const newer = await keys.newer(keySet);
    return newer ? verifyWith(newer, token, options) : first;
  }

  #optionsFor({ issuer, audience, algorithms, clockToleranceSeconds, tokenType }: IssuerSettings): JWTVerifyOptions {
    return {
      issuer,
      audience,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(this.#clock.wallMs()),
      // Without an end, a token that was stolen is good for ever.
      requiredClaims: ['exp'],
      ...(tokenType === undefined ? {} : { typ: tokenType }),
    };
  }
}

/** What decides how a token is verified; nothing of it is proven yet. */
function decode(token: string): { issuer: string; algorithm: string } | undefined {
  try {
    // A signature could be written in several ways, and each would be another token to whoever looks for one.
    const signature = token.slice(token.lastIndexOf('.') + 1);
    if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return undefined;
    const { alg } = decodeProtectedHeader(token);
    const { iss } = decodeJwt(token);
    return typeof alg === 'string' ? { issuer: typeof iss === 'string' ? iss : '', algorithm: alg } : undefined;
  } catch {
    return undefined;
  }
}

async function verifyWith(
  keySet: KeySet,
  token: string,
  options: JWTVerifyOptions,
): Promise<{ payload: JWTPayload; keySet: KeySet } | ErrorCode> {
  try {
    const { payload } = await jwtVerify(token, keySet.find, options);
    return { payload, keySet };
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return codeOf(error);
    return verifyWithEach(error, keySet, token, options);
  }
}

/** A token need not say which key it is signed with. */
async function verifyWithEach(
  keys: errors.JWKSMultipleMatchingKeys,
  keySet: KeySet,
  token: string,
  options: JWTVerifyOptions,
): Promise<{ payload: JWTPayload; keySet: KeySet } | ErrorCode> {
  for await (const key of keys)
    try {
      const { payload } = await jwtVerify(token, key, options);
      return { payload, keySet };
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'TOKEN_SIGNATURE_INVALID') return code;
    }
  return 'TOKEN_SIGNATURE_INVALID';
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  ERR_JWS_INVALID: 'TOKEN_MALFORMED',
  ERR_JWT_INVALID: 'TOKEN_MALFORMED',
  // An extension that the token says must be understood (RFC 7515, section 4.1.11).
  ERR_JOSE_NOT_SUPPORTED: 'TOKEN_MALFORMED',
  ERR_JOSE_ALG_NOT_ALLOWED: 'TOKEN_ALGORITHM_REFUSED',
  ERR_JWKS_NO_MATCHING_KEY: 'TOKEN_KEY_UNKNOWN',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'TOKEN_SIGNATURE_INVALID',
  ERR_JWT_EXPIRED: 'TOKEN_EXPIRED',
};

/** @throws what is not the token's fault */
function codeOf(error: unknown): ErrorCode {
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'TOKEN_WRONG_ISSUER';
    if (error.claim === 'aud') return 'TOKEN_WRONG_AUDIENCE';
    const isTooEarly = error.claim === 'nbf' && error.reason === 'check_failed';
    return isTooEarly ? 'TOKEN_NOT_YET_VALID' : 'TOKEN_CLAIMS_INVALID';
  }
  const code = error instanceof errors.JOSEError ? CODES[error.code] : undefined;
  if (!code) throw error;
  return code;
}
