import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWK } from 'jose';
import { demoCallers, type DemoCaller, type DemoCallerName } from './demo-callers.ts';

/** Headers to send with a request, by name. */
export type CallerHeaders = Readonly<Record<string, string>>;

/** Headers of the demo callers. */
export type DemoHeaders = Readonly<Record<DemoCallerName, CallerHeaders>>;

/** The public keys that `switchyard.config.ts` is told of, beside the callers' files. */
export const DEMO_KEYS_FILE = 'issuer.jwks.json';
const PRIVATE_KEY_FILE = 'issuer-key.json';
/** As `switchyard.config.ts` has them. */
const ISSUER = 'https://id.yunmei.example';
const AUDIENCE = 'https://graph.yunmei.example';
const ALGORITHM = 'EdDSA';
/** Tokens are made anew at each start. */
const GOOD_FOR = '1 day';

/**
 * Makes tokens for the demo callers, with a key that it keeps in the folder. For each there is a file for curl
 * (`-H @tax-inspector.headers`) and one for the headers of GraphiQL (`tax-inspector.json`).
 *
 * @param folder made when absent; who can read it can ask as anybody
 */
export async function makeDemoTokens(folder: string): Promise<DemoHeaders> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const jwk = await readOrMakeKey(join(folder, PRIVATE_KEY_FILE));
  const { d: _, ...publicJwk } = jwk;
  write(join(folder, DEMO_KEYS_FILE), JSON.stringify({ keys: [publicJwk] }));
  const key = (await importJWK(jwk, ALGORITHM)) as CryptoKey;
  const made: [string, CallerHeaders][] = [];
  for (const [name, caller] of Object.entries(demoCallers)) {
    const headers = await headersOf(caller, key, jwk.kid!);
    const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}\n`);
    write(join(folder, `${name}.headers`), lines.join(''));
    write(join(folder, `${name}.json`), `${JSON.stringify(headers, null, 2)}\n`);
    made.push([name, headers]);
  }
  return Object.fromEntries(made) as DemoHeaders;
}

async function headersOf({ claims, purpose }: DemoCaller, key: CryptoKey, kid: string): Promise<CallerHeaders> {
  const token = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: ALGORITHM, kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(GOOD_FOR)
    .sign(key);
  return { authorization: `Bearer ${token}`, ...purpose };
}

async function readOrMakeKey(file: string): Promise<JWK> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as JWK;
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const key = { ...jwk, alg: ALGORITHM, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
  write(file, JSON.stringify(key));
  return key;
}

/** For this user alone. */
function write(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}
