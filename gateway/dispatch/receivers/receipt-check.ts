import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../../config/config.ts';
import { DeliveryError, digestOf, type Delivery, type Receipt } from '../delivery.ts';

const receiptSchema = z.object({
  receiver: z.string().min(1).max(200),
  idempotencyKey: z.string(),
  digest: z.string(),
  rows: z.number().int().min(0),
  takenAt: z.iso.datetime({ offset: true }).max(40),
  signature: z
    .string()
    .regex(/^[0-9a-f]{128}$/)
    .optional(),
});

const PEM = /-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g;

/**
 * Reads the keys that a receiver's receipts may be signed with: Ed25519 public keys in PEM, several while the receiver changes its key.
 * @throws ConfigError
 */
export function readReceiptKeys(file: string): KeyObject[] {
  let keys: KeyObject[];
  try {
    keys = (readFileSync(file, 'utf8').match(PEM) ?? []).map((pem) => createPublicKey(pem));
  } catch (error) {
    throw new ConfigError(`receiptKeyFile ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (keys.length === 0 || keys.some((key) => key.asymmetricKeyType !== 'ed25519'))
    throw new ConfigError(
      `receiptKeyFile ${file} must hold Ed25519 public keys: openssl pkey -in KEY -pubout -out ${file}`,
    );
  return keys;
}

/**
 * Takes a text for the receipt of a delivery, or says why it is none.
 *
 * @param keys of which one must have signed it; undefined: whoever has, nobody looks
 * @throws DeliveryError RECEIPT_*
 */
export function readReceipt(text: string, delivery: Delivery, keys: readonly KeyObject[] | undefined): Receipt {
  const receipt = parse(text);
  if (receipt?.rows !== delivery.rows.length + delivery.removed.length)
    throw new DeliveryError('RECEIPT_MALFORMED', receipt ? 'It counts other rows.' : 'It is no receipt.');
  if (receipt.idempotencyKey !== delivery.idempotencyKey)
    throw new DeliveryError('RECEIPT_OF_ANOTHER', 'It has another idempotency key.');
  if (receipt.digest !== digestOf(delivery))
    throw new DeliveryError('RECEIPT_DIGEST_MISMATCH', 'It is for other content.');
  if (keys && !keys.some((key) => isSignedBy(key, receipt)))
    throw new DeliveryError('RECEIPT_SIGNATURE_INVALID', receipt.signature === undefined ? 'It has none.' : '');
  return receipt;
}

function parse(text: string): Receipt | undefined {
  try {
    const { signature, ...receipt } = receiptSchema.parse(JSON.parse(text));
    return signature === undefined ? receipt : { ...receipt, signature };
  } catch {
    return undefined;
  }
}

/** Over `switchyard receipt`, a line break and the receipt as canonical JSON (RFC 8785). */
function isSignedBy(key: KeyObject, { digest, idempotencyKey, receiver, rows, takenAt, signature }: Receipt): boolean {
  if (signature === undefined) return false;
  const text = JSON.stringify({ digest, idempotencyKey, receiver, rows, takenAt });
  return verify(null, Buffer.from(`switchyard receipt\n${text}`), key, Buffer.from(signature, 'hex'));
}
