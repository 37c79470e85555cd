import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { keyIdOf, signedBytes, type KeyAnnouncement, type SignedKind, type SignedText } from './signer.ts';

const SIGNATURE = /^[0-9a-f]{128}$/;

/**
 * The keys that are announced, and which of them may sign: where keys are known from elsewhere, those and the ones they vouch
 * for; else all.
 */
export class KeyRing {
  readonly #announced = new Map<string, KeyObject>();
  readonly #trusted = new Set<string>();
  /** Whether there are keys known from elsewhere. */
  readonly isPinned: boolean;

  /** @param pinned public keys known from elsewhere, 32 bytes in hex each. Default: whatever is announced is taken */
  constructor(pinned?: readonly string[]) {
    this.isPinned = pinned !== undefined;
    for (const each of pinned ?? []) {
      this.#announced.set(keyIdOf(each), publicKeyOf(each));
      this.#trusted.add(keyIdOf(each));
    }
  }

  /** Which keys may sign. */
  get trusted(): string[] {
    return [...this.#trusted];
  }

  /** Takes a key in; says what is wrong with the announcement. A key for which nobody vouches is known, and may not sign. */
  announce({ text, signature }: SignedText): string | undefined {
    const announcement = readAnnouncement(text);
    if (!announcement) return 'This is no announcement of a key.';
    const { key, public: rawPublic, replaces } = announcement;
    if (keyIdOf(rawPublic) !== key) return `The key ${key} is not called so.`;
    const publicKey = publicKeyOf(rawPublic);
    const voucher = replaces === undefined ? publicKey : this.#announced.get(replaces);
    if (!voucher) return `The key ${key} replaces ${replaces}, which is missing.`;
    if (!isSignedBy(voucher, 'key', { text, signature }))
      return `The announcement of key ${key} has a wrong signature.`;
    this.#announced.set(key, publicKey);
    if (!this.isPinned || (replaces !== undefined && this.#trusted.has(replaces))) this.#trusted.add(key);
    return undefined;
  }

  /** Whether a key that may sign has signed the text. */
  check(kind: SignedKind, keyId: string, signed: SignedText): 'signed' | 'unknown key' | 'wrong signature' {
    const key = this.#trusted.has(keyId) ? this.#announced.get(keyId) : undefined;
    if (!key) return 'unknown key';
    return isSignedBy(key, kind, signed) ? 'signed' : 'wrong signature';
  }
}

function readAnnouncement(text: string): KeyAnnouncement | undefined {
  try {
    const read = JSON.parse(text) as Partial<KeyAnnouncement> | null;
    return typeof read?.key === 'string' && /^[0-9a-f]{64}$/.test(String(read.public))
      ? (read as KeyAnnouncement)
      : undefined;
  } catch {
    return undefined;
  }
}

function publicKeyOf(rawPublic: string): KeyObject {
  const x = Buffer.from(rawPublic, 'hex').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

function isSignedBy(key: KeyObject, kind: SignedKind, { text, signature }: SignedText): boolean {
  // Only one way to write it: what can be written in two ways could be changed unseen.
  return SIGNATURE.test(signature) && verify(null, signedBytes(kind, text), key, Buffer.from(signature, 'hex'));
}
