import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { Agent } from 'undici';
import { ConfigError } from '../config/config.ts';

/**
 * Connections to whom the roots of a file vouch for; undefined where there is no file, and Node's own roots count.
 * @throws ConfigError where it cannot be read or holds no certificates
 */
export async function trustingRoots(caFile: string | undefined): Promise<Agent | undefined> {
  if (caFile === undefined) return undefined;
  try {
    const ca = await readFile(caFile, 'utf8');
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it holds no certificate as PEM');
    createSecureContext({ ca });
    return new Agent({ connect: { ca } });
  } catch (error) {
    throw new ConfigError(`The roots in ${caFile} cannot be taken: ${(error as Error).message}`, { cause: error });
  }
}
