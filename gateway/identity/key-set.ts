import { createPublicKey } from 'node:crypto';
import { createLocalJWKSet, type LocalJWKSet } from 'jose';
import { z } from 'zod';

/** The public keys of an issuer as it published them at one time. */
export interface KeySet {
  /** The keys that can be used, as JSON: two sets with the same text hold the same keys. */
  text: string;
  /** How many keys those are. */
  size: number;
  /** Finds the key for a token. */
  find: LocalJWKSet;
}

/** Each key that fits a token without a key id is tried. */
const MAX_KEYS = 100;
/** What RFC 7518 asks of RSA, section 3.3. */
const MIN_RSA_BITS = 2_048;

const setSchema = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })).max(MAX_KEYS) });

/**
 * Reads a JSON Web Key Set. Keys that cannot verify a signature are left out, as RFC 7517, section 5, has it: those for
 * encryption, secret and private ones, short ones, and those that are not understood.
 *
 * @throws Error where it is none
 */
export function readKeySet(value: unknown): KeySet {
  const parsed = setSchema.safeParse(value);
  if (!parsed.success) throw new Error(`This is no JSON Web Key Set: ${z.prettifyError(parsed.error)}`);
  const keys = parsed.data.keys.filter(isUsable);
  return { text: JSON.stringify(keys), size: keys.length, find: createLocalJWKSet({ keys }) };
}

function isUsable(jwk: Record<string, unknown>): boolean {
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return false;
  // A private key that was published is everybody's.
  if (jwk['kty'] === 'oct' || 'd' in jwk || 'priv' in jwk) return false;
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: jwk, format: 'jwk' });
    return (asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS) >= MIN_RSA_BITS;
  } catch {
    return false;
  }
}
