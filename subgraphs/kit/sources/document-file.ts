import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Agent, request } from 'undici';
import { StartError } from '../program.ts';

export interface DocumentRequest {
  /** What it is, as messages call it. */
  kind: string;
  /** A path, or an http(s) address. */
  location: string;
  /** Relative paths start here. */
  folder: string;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** The largest documents of large services have less. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/**
 * Reads the text of a document.
 * @throws StartError where it cannot be read
 */
export async function readDocument(asked: DocumentRequest): Promise<string> {
  try {
    return await textOf(asked);
  } catch (error) {
    throw new StartError(`the ${asked.kind} ${asked.location} cannot be read: ${(error as Error).message}`);
  }
}

async function textOf({ location, folder, headers, timeoutMs }: DocumentRequest): Promise<string> {
  if (!/^https?:\/\//i.test(location)) return readFile(resolve(folder, location), 'utf8');
  const dispatcher = new Agent({ maxResponseSize: MAX_DOCUMENT_BYTES });
  try {
    const { statusCode, body } = await request(location, {
      dispatcher,
      headers: { accept: 'application/json, application/yaml, text/xml', ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
    return await body.text();
  } finally {
    await dispatcher.destroy();
  }
}
