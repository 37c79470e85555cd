import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the gateway signs with, and what departments know it by. */
export interface DemoSigning {
  /** Ed25519 private key, PEM. */
  keyFile: string;
  /** Its public half, as `GATEWAY_KEYS` wants it. */
  gatewayKeysFile: string;
}

/** As `switchyard.config.ts` has it. */
const KEY_ID = 'demo-gateway';

/** Makes the key that the gateway signs requests to departments with, or keeps the one there is. @param folder made when absent */
export function makeDemoSigning(folder: string): DemoSigning {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = { keyFile: join(folder, 'gateway-key.pem'), gatewayKeysFile: join(folder, 'gateway-keys.json') };
  if (!existsSync(files.keyFile)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(files.keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  const publicKey = createPublicKey(readFileSync(files.keyFile, 'utf8')).export({ format: 'jwk' });
  writeFileSync(files.gatewayKeysFile, JSON.stringify({ keys: [{ ...publicKey, kid: KEY_ID, use: 'sig' }] }));
  return files;
}
