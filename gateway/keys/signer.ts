import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  randomUUID,
  sign,
  type KeyObject,
} from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { KeyFileError, readOrMake } from './key-file.ts';

/** What is signed; part of what the signature is over, so that none of them can be taken for another. */
export type SignedKind = 'key' | 'seal' | 'stamp' | 'note' | 'manifest' | 'supergraph';

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

/**
 * Reads the key file, or makes it (mode 0600) and beside it `<file>.pub` with the public keys.
 *
 * @throws KeyFileError where the file holds no Ed25519 key, and the system's errors
 */
export async function openSigner(keyFile: string): Promise<Signer> {
  const pem = await readOrMake(keyFile, newPrivateKey);
  const keys = (pem.match(PEM) ?? []).map((each) => createPrivateKey(each));
  if (keys.length === 0 || keys.some((key) => key.asymmetricKeyType !== 'ed25519'))
    throw new KeyFileError(`${keyFile} must hold Ed25519 private keys as PEM, and nothing else.`);
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

export function signedBytes(kind: SignedKind, text: string): Buffer {
  return Buffer.from(`switchyard ${kind === 'supergraph' ? 'registry' : 'trail'} ${kind}\n${text}`);
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

/** The public keys of a PEM file, as {@link KeyRing} takes them. */
export async function readPublicKeys(file: string): Promise<string[]> {
  const keys = (await readFile(file, 'utf8')).match(PEM) ?? [];
  if (keys.length === 0) throw new KeyFileError(`${file} holds no public key as PEM.`);
  return keys.map((pem) => rawPublicKey(createPublicKey(pem)));
}

function rawPublicKey(key: KeyObject): string {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return Buffer.from(x!, 'base64url').toString('hex');
}

/** A key is called after its hash. */
export function keyIdOf(rawPublic: string): string {
  return hash('sha256', Buffer.from(rawPublic, 'hex')).slice(0, 32);
}
