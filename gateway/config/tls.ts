import { z } from 'zod';

/** HTTPS instead of HTTP. Files are PEM, relative to the working directory, and read once at the start. */
export const tlsSchema = z
  .strictObject({
    /** The server's certificate, and those between it and its root. */
    certFile: z.string().min(1),
    /** The certificate's private key. */
    keyFile: z.string().min(1),
    /** Roots that vouch for clients' certificates. */
    caFile: z.string().min(1).optional(),
    /** Whether clients are asked for a certificate; with `require`, those without one get no connection. */
    clientCertificates: z.enum(['none', 'request', 'require']).default('none'),
  })
  .refine(
    ({ clientCertificates, caFile }) => clientCertificates === 'none' || caFile !== undefined,
    'needs a caFile where clients are asked for certificates: who may vouch for them',
  );
