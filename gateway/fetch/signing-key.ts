import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError, type Config } from '../config/config.ts';

/** What requests to departments are signed with. */
export interface SigningKey {
  /** By which departments find the public key: plain ASCII without quotes. */
  readonly keyId: string;
  /** Ed25519. */
  readonly privateKey: KeyObject;
}

/** Where HTTP Message Signatures' keys are looked for, by convention. */
export const KEY_DIRECTORY_PATH = '/.well-known/http-message-signatures-directory';

/**
 * Reads the key that requests are signed with.
 * @throws ConfigError where the file cannot be read or holds no Ed25519 private key
 */
export function readSigningKey({ keyFile, keyId }: NonNullable<Config['signing']>): SigningKey {
  const privateKey = readPrivateKey(keyFile);
  return { privateKey, keyId: keyId ?? thumbprint(privateKey) };
}

/** The public key, as departments are given it: a JSON Web Key Set (RFC 7517, RFC 8037) as JSON text. */
export function keyDirectory({ keyId, privateKey }: SigningKey): string {
  return JSON.stringify({ keys: [{ ...publicJwk(privateKey), kid: keyId, use: 'sig' }] });
}

function readPrivateKey(file: string): KeyObject {
  const howTo = `make one with: openssl genpkey -algorithm ed25519 -out ${file}`;
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`signing.keyFile ${file} cannot be read (${(error as Error).message}); ${howTo}`, {
      cause: error,
    });
  }
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // What the file holds is a secret: neither it nor what the parser says of it is repeated.
  }
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new ConfigError(`signing.keyFile ${file} holds no Ed25519 private key in PEM without a password; ${howTo}`);
  return key;
}

/** The key's own name (RFC 7638): what it is made of, in a fixed order. */
function thumbprint(privateKey: KeyObject): string {
  const { crv, kty, x } = publicJwk(privateKey);
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

function publicJwk(privateKey: KeyObject) {
  const { crv, kty, x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { kty, crv, x };
}
