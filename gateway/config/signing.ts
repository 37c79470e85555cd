import { z } from 'zod';

/** Settings of the signatures that requests to departments have. */
export const signingSchema = z.strictObject({
  /** Ed25519 private key, PEM: `openssl genpkey -algorithm ed25519 -out signing-key.pem`. */
  keyFile: z.string().min(1),
  /** By which departments find the public key. Default: the key's thumbprint (RFC 7638). */
  keyId: z
    .string()
    .regex(/^[\w.:/-]{1,200}$/, 'up to 200 letters, digits and . : / _ -')
    .optional(),
});
