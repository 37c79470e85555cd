import { hash, timingSafeEqual } from 'node:crypto';
import type { Identity } from '../caller.ts';
import type { Config } from '../config/config.ts';
import { refuse, type Refusal } from '../errors.ts';
import type { Clock } from './clock.ts';
import { systemIdentity } from './system-identity.ts';

/** Says whose the key is that came as the header `x-api-key`. */
export type ReadApiKey = (header: string) => Identity | Refusal;

/** Knows keys by their digests alone. Each is compared, so that the time it takes tells nothing of which one came close. */
export function knowApiKeys(settings: Config['identity']['apiKeys'], clock: Clock): ReadApiKey {
  const known = settings.map((key) => ({
    digest: Buffer.from(key.sha256, 'hex'),
    identity: systemIdentity(key, `api-key:${key.name}`),
    expiresAtMs: key.expiresAt === undefined ? Infinity : Date.parse(key.expiresAt),
  }));
  return (header) => {
    // A header's characters are the bytes that were sent.
    const digest = hash('sha256', Buffer.from(header, 'latin1'), 'buffer');
    const [found] = known.filter((key) => timingSafeEqual(key.digest, digest));
    if (!found) return refuse('API_KEY_INVALID');
    return clock.wallMs() < found.expiresAtMs ? found.identity : refuse('API_KEY_EXPIRED');
  };
}
