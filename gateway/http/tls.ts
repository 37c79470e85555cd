import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ConfigError, type Config } from '../config/config.ts';

/** What a server needs for HTTPS, as `node:tls` has it. */
export interface Tls {
  cert: Buffer;
  key: Buffer;
  ca?: Buffer;
  requestCert: boolean;
  /** Whether clients whose certificate is missing, or vouched for by nobody, get no connection. */
  rejectUnauthorized: boolean;
}

type TlsSettings = NonNullable<Config['http']['tls']>;

/** Reads the files for HTTPS. @throws ConfigError where one cannot be read, or they do not belong together */
export async function readTls(settings: TlsSettings): Promise<Tls> {
  const { certFile, keyFile, caFile, clientCertificates } = settings;
  const [cert, key, ca] = await Promise.all([
    read(certFile),
    read(keyFile),
    caFile === undefined ? undefined : read(caFile),
  ]);
  const files = { cert, key, ...(ca ? { ca } : {}) };
  try {
    createSecureContext(files);
  } catch (error) {
    const names = [certFile, keyFile, caFile].filter((name) => name !== undefined).join(', ');
    throw new ConfigError(`HTTPS cannot be served with ${names}: ${(error as Error).message}`, { cause: error });
  }
  // Node has OpenSSL refuse who shows no certificate together with who shows a wrong one; where certificates are only
  // requested, identity/ refuses the wrong ones.
  return { ...files, requestCert: clientCertificates !== 'none', rejectUnauthorized: clientCertificates === 'require' };
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
