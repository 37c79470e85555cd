import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import { StartError } from '../program.ts';
import { OpenApiDocument } from './openapi-document.ts';

export interface DocumentRequest {
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
 * Reads an OpenAPI document, of JSON or YAML.
 * @throws StartError where it cannot be read or is none
 */
export async function loadOpenApi(asked: DocumentRequest): Promise<OpenApiDocument> {
  const { location } = asked;
  const text = await textOf(asked).catch((error: unknown) => {
    throw new StartError(`the OpenAPI document ${location} cannot be read: ${(error as Error).message}`);
  });
  return new OpenApiDocument(contentOf(text, location), location);
}

async function textOf({ location, folder, headers, timeoutMs }: DocumentRequest): Promise<string> {
  if (!/^https?:\/\//i.test(location)) return readFile(resolve(folder, location), 'utf8');
  const dispatcher = new Agent({ maxResponseSize: MAX_DOCUMENT_BYTES });
  try {
    const { statusCode, body } = await request(location, {
      dispatcher,
      headers: { accept: 'application/json, application/yaml', ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
    return await body.text();
  } finally {
    await dispatcher.destroy();
  }
}

function contentOf(text: string, location: string): unknown {
  try {
    return text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text);
  } catch (error) {
    throw new StartError(`${location} is neither JSON nor YAML: ${(error as Error).message.split('\n', 1)[0]}`);
  }
}
