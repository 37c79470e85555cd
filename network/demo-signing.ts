import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the gateway signs with, and what departments know it by. */
export interface DemoSigning {
  /** Ed25519 private key, PEM. */
  keyFile: string;
  /** Its public half, as `GATEWAY_KEYS` wants it. */
  gatewayKeysFile: string;
  /** What city operations sign receipts with, and what the gateway knows them by: Ed25519, PEM. */
  receiptKeyFile: string;
  receiptPublicKeyFile: string;
}

/** As `switchyard.config.ts` has it. */
const KEY_ID = 'demo-gateway';

/**
 * Makes the keys that the gateway signs requests to departments with and city operations their receipts, or keeps those there are.
 *
 * @param folder made when absent
 */
export function makeDemoSigning(folder: string): DemoSigning {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = {
    keyFile: join(folder, 'gateway-key.pem'),
    gatewayKeysFile: join(folder, 'gateway-keys.json'),
    receiptKeyFile: join(folder, 'receipt-key.pem'),
    receiptPublicKeyFile: join(folder, 'receipt-key.pub'),
  };
  const publicKey = keyIn(files.keyFile).export({ format: 'jwk' });
  writeFileSync(files.gatewayKeysFile, JSON.stringify({ keys: [{ ...publicKey, kid: KEY_ID, use: 'sig' }] }));
  writeFileSync(files.receiptPublicKeyFile, keyIn(files.receiptKeyFile).export({ format: 'pem', type: 'spki' }));
  return files;
}

/** The public half of the key in a file, which is made where there is none. */
function keyIn(file: string): KeyObject {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  return createPublicKey(readFileSync(file, 'utf8'));
}
