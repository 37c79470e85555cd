import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StartError } from '../program.ts';

/** What a department says it has taken for good. */
export interface Receipt {
  /** The department's name. */
  receiver: string;
  idempotencyKey: string;
  /** SHA-256 of the request's body, in hex. */
  digest: string;
  /** Rows taken, removed ones included. */
  rows: number;
  /** When they were taken first, in ISO 8601. */
  takenAt: string;
}

/** A receipt that its department has signed. */
export interface SignedReceipt extends Receipt {
  /** Ed25519 over `switchyard receipt`, a line break and the receipt as canonical JSON (RFC 8785), in hex. */
  signature: string;
}

/**
 * Reads the key that receipts are signed with: `openssl genpkey -algorithm ed25519 -out receipt-key.pem`. Gateways are given the public
 * half: `openssl pkey -in receipt-key.pem -pubout`.
 *
 * @throws StartError where the file cannot be read or holds no Ed25519 private key
 */
export function readReceiptKey(file: string): KeyObject {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`the key of receipts ${file} cannot be read: ${(error as Error).message}`);
  }
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // What the file holds is a secret: neither it nor what the parser says of it is repeated.
  }
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new StartError(`${file} must hold an Ed25519 private key: openssl genpkey -algorithm ed25519 -out ${file}`);
  return key;
}

export function signReceipt(receipt: Receipt, key: KeyObject): SignedReceipt {
  const { digest, idempotencyKey, receiver, rows, takenAt } = receipt;
  // Names in the order of the alphabet, as canonical JSON has them.
  const text = JSON.stringify({ digest, idempotencyKey, receiver, rows, takenAt });
  return { ...receipt, signature: sign(null, Buffer.from(`switchyard receipt\n${text}`), key).toString('hex') };
}
