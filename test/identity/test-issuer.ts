import type { RequestListener } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { serveBare } from '../kit/department.ts';

export const AUDIENCE = 'https://graph.city.test';

/** A key of an issuer's. */
export interface TestKey {
  alg: string;
  privateKey: CryptoKey;
  /** The public part, with its id. */
  jwk: JWK;
}

export async function makeKey(kid: string | undefined, alg = 'ES256'): Promise<TestKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { alg, privateKey, jwk: kid === undefined ? jwk : { ...jwk, kid, alg, use: 'sig' } };
}

/** Claims that are not taken over where they are undefined. */
export type TestClaims = JWTPayload & Record<string, unknown>;

/** Signs claims as they are. */
export function signClaims(key: TestKey, claims: TestClaims, header: Record<string, unknown> = {}): Promise<string> {
  const { kid } = key.jwk;
  const known = { alg: key.alg, ...(kid === undefined ? {} : { kid }) };
  return new SignJWT(claims).setProtectedHeader({ ...known, ...header }).sign(key.privateKey);
}

/** An issuer that publishes its keys over real HTTP. */
export interface TestIssuer {
  issuer: string;
  jwksUrl: string;
  /** How often its keys were asked for. */
  readonly requests: number;
  /** What it publishes from now on. */
  publish(...keys: TestKey[]): void;
  /** Answers in its place from now on; undefined: as it should. */
  misbehave(listener: RequestListener | undefined): void;
  /** A token that is good for ten minutes, but for what `claims` says; undefined leaves a claim out. */
  sign(key: TestKey, claims?: TestClaims, header?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

export async function startIssuer(...keys: TestKey[]): Promise<TestIssuer> {
  let published = keys;
  let listener: RequestListener | undefined;
  let requests = 0;
  const server = await serveBare((request, response) => {
    requests += 1;
    if (listener) return listener(request, response);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: published.map(({ jwk }) => jwk) }));
  });
  const issuer = server.url;
  return {
    issuer,
    jwksUrl: `${server.url}/jwks.json`,
    get requests() {
      return requests;
    },
    publish: (...newKeys) => void (published = newKeys),
    misbehave: (newListener) => void (listener = newListener),
    sign: (key, claims = {}, header = {}) => signClaims(key, { ...goodClaims(issuer), ...claims }, header),
    close: server.close,
  };
}

/** @param nowMs what the time is */
export function goodClaims(issuer: string, nowMs = Date.now()): TestClaims {
  const nowSeconds = Math.floor(nowMs / 1_000);
  return { iss: issuer, aud: AUDIENCE, sub: 'inspector-7', iat: nowSeconds, exp: nowSeconds + 600 };
}
