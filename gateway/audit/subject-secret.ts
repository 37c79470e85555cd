import { hash, randomBytes } from 'node:crypto';
import { readOrMake } from '../keys/key-file.ts';
import { TrailError } from './trail-error.ts';

/** Reads the secret that subjects are digested with, or makes it (mode 0600). All gateways of one trail need the same. */
export async function openSubjectSecret(file: string): Promise<string> {
  const secret = (await readOrMake(file, () => `${randomBytes(32).toString('base64url')}\n`)).trim();
  if (secret.length < 32) throw new TrailError(`The secret in ${file} must have at least 32 characters.`);
  return secret;
}

const SUBJECT_DIGEST_LENGTH = 22;

/**
 * What the trail holds instead of an entity's name: the first 132 bits of the SHA-256 of the secret, a zero byte and the name, in base64url. Keys are often few enough to
 * be tried out, so that a plain digest would tell them to whoever reads an archive.
 *
 * @param name see `subjectName`
 */
export function subjectDigest(secret: string, name: string): string {
  // Cut to half of its bits, a hash that begins with the secret cannot be gone on with by who does not know it; six times as quick as HMAC.
  return hash('sha256', `${secret}\0${name}`, 'base64url').slice(0, SUBJECT_DIGEST_LENGTH);
}

/** Says which secret it is, and nothing of it. */
export function subjectSecretId(secret: string): string {
  return subjectDigest(secret, 'switchyard: which secret this is');
}
