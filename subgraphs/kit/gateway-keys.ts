import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StartError } from './program.ts';

/** The public keys of the gateways whose requests are answered, by their ids. */
export type GatewayKeys = ReadonlyMap<string, KeyObject>;

/**
 * Reads gateways' public keys from a file: a JSON Web Key Set, as a gateway serves it at
 * `/.well-known/http-message-signatures-directory`. While a gateway changes its key the file holds both.
 *
 * @throws StartError where there is no such file, or anything in it but Ed25519 public keys with ids
 */
export function readGatewayKeys(file: string): GatewayKeys {
  let set: unknown;
  try {
    set = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new StartError(`the gateway's keys ${file} cannot be read: ${(error as Error).message}`);
  }
  const keys = isObject(set) && Array.isArray(set['keys']) ? (set['keys'] as unknown[]) : [];
  if (keys.length === 0) throw new StartError(`${file} must hold the gateway's public keys: {"keys":[...]}`);
  return new Map(keys.map((key) => readKey(key, file)));
}

function readKey(key: unknown, file: string): [string, KeyObject] {
  if (!isObject(key) || typeof key['kid'] !== 'string' || key['kty'] !== 'OKP' || key['crv'] !== 'Ed25519')
    throw new StartError(`${file} must hold Ed25519 keys, each with its "kid"`);
  if ('d' in key) throw new StartError(`${file} holds a private key; the gateway alone may have it`);
  try {
    return [key['kid'], createPublicKey({ key, format: 'jwk' })];
  } catch {
    throw new StartError(`the key "${key['kid']}" of ${file} is not an Ed25519 public key`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
