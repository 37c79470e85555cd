import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  randomBytes,
  randomUUID,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TrailError } from './trail-error.ts';

/** What is signed; part of what the signature is over, so that none of them can be taken for another. */
export type SignedKind = 'key' | 'seal' | 'stamp' | 'note' | 'manifest';

/** A text and its Ed25519 signature, in hex. */
export interface SignedText {
  readonly text: string;
  readonly signature: string;
}

/** A public key as it is made known: signed by the key that it replaces, or by itself where it replaces none. */
export interface KeyAnnouncement {
  readonly key: string;
  /** 32 bytes in hex. */
  readonly public: string;
  readonly replaces?: string;
}

/** Signs with the newest key of a key file. */
export interface Signer {
  /** Which key signs. */
  readonly keyId: string;
  /** The announcements of all keys of the file, the oldest first. */
  readonly announcements: readonly SignedText[];
  sign(kind: SignedKind, text: string): SignedText;
}

const PEM = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g;
const SIGNATURE = /^[0-9a-f]{128}$/;

/**
 * Reads the key file, or makes it (mode 0600) and beside it `<file>.pub` with the public keys.
 *
 * @throws TrailError where the file holds no Ed25519 key, and the system's errors
 */
export async function openSigner(keyFile: string): Promise<Signer> {
  const pem = await readOrMake(keyFile, newPrivateKey);
  const keys = (pem.match(PEM) ?? []).map((each) => createPrivateKey(each));
  if (keys.length === 0 || keys.some((key) => key.asymmetricKeyType !== 'ed25519'))
    throw new TrailError(`${keyFile} must hold Ed25519 private keys as PEM, and nothing else.`);
  await publish(keyFile, keys);
  return signerOf(keys);
}

/** Adds a new key to the key file, which signs from the next start on; the one before it vouches for it. */
export async function rotateKey(keyFile: string): Promise<Signer> {
  await openSigner(keyFile);
  const pem = await readFile(keyFile, 'utf8');
  const beside = `${keyFile}.${randomUUID()}`;
  await writeFile(beside, `${pem.trimEnd()}\n${newPrivateKey()}`, { mode: 0o600, flush: true });
  await rename(beside, keyFile);
  return openSigner(keyFile);
}

function signerOf(keys: readonly KeyObject[]): Signer {
  const ids = keys.map((key) => keyIdOf(rawPublicKey(key)));
  const announcements = keys.map((key, index) => {
    const announcement: KeyAnnouncement = {
      key: ids[index]!,
      public: rawPublicKey(key),
      ...(index === 0 ? {} : { replaces: ids[index - 1]! }),
    };
    return signWith(keys[Math.max(0, index - 1)]!, 'key', JSON.stringify(announcement));
  });
  return { keyId: ids.at(-1)!, announcements, sign: (kind, text) => signWith(keys.at(-1)!, kind, text) };
}

function signWith(key: KeyObject, kind: SignedKind, text: string): SignedText {
  return { text, signature: sign(null, signedBytes(kind, text), key).toString('hex') };
}

function signedBytes(kind: SignedKind, text: string): Buffer {
  return Buffer.from(`switchyard trail ${kind}\n${text}`);
}

function newPrivateKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
}

async function publish(keyFile: string, keys: readonly KeyObject[]): Promise<void> {
  const pem = keys.map((key) => createPublicKey(key).export({ format: 'pem', type: 'spki' })).join('');
  const file = `${keyFile}.pub`;
  if ((await readFile(file, 'utf8').catch(() => '')) === pem) return;
  const beside = `${file}.${randomUUID()}`;
  await writeFile(beside, pem, { mode: 0o644 });
  await rename(beside, file);
}

/** A file as it is, or made with mode 0600; where several make it at once, one of them wins and all read the same. */
async function readOrMake(file: string, make: () => string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(path.dirname(file), { recursive: true });
  const beside = `${file}.${randomUUID()}`;
  await writeFile(beside, make(), { mode: 0o600, flush: true });
  try {
    await link(beside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(beside);
  }
  return readFile(file, 'utf8');
}

/** The public keys of a PEM file, as {@link KeyRing} takes them. */
export async function readPublicKeys(file: string): Promise<string[]> {
  const keys = (await readFile(file, 'utf8')).match(PEM) ?? [];
  if (keys.length === 0) throw new TrailError(`${file} holds no public key as PEM.`);
  return keys.map((pem) => rawPublicKey(createPublicKey(pem)));
}

function rawPublicKey(key: KeyObject): string {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return Buffer.from(x!, 'base64url').toString('hex');
}

/** A key is called after its hash. */
function keyIdOf(rawPublic: string): string {
  return hash('sha256', Buffer.from(rawPublic, 'hex')).slice(0, 32);
}

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
