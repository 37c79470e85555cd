import { readFile as readDescriptor } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ConfigError } from '../config/config.ts';
import { introspect } from '../supergraph/introspect.ts';

const STDIN = 0;

/** A subgraph's schema, with where it is from as messages name it, and where gateways ask the subgraph. */
interface PublishedSchema {
  sdl: string;
  origin: string;
  routingUrl: string;
}

/**
 * Reads the schema that is to be published.
 *
 * @param schema a file, `-` for standard input, or the address of the subgraph, which is then asked for it
 * @param url where gateways ask the subgraph. Default: where it was asked for its schema
 * @throws ConfigError with why it cannot be had
 */
export async function readSchema(schema: string, url: string | undefined): Promise<PublishedSchema> {
  if (/^https?:\/\//.test(schema)) {
    const sdl = await introspect(schema).catch((error: unknown) => {
      throw new ConfigError(`${schema} does not give its schema: ${messageOf(error)}`);
    });
    return { sdl, origin: withoutSecrets(schema), routingUrl: url ?? schema };
  }
  if (url === undefined) throw new ConfigError('Say with --url where gateways ask the subgraph.');
  if (schema !== '-') return { sdl: await readText(schema, 'schema'), origin: schema, routingUrl: url };
  const sdl = await promisify(readDescriptor)(STDIN, 'utf8');
  if (sdl.trim() === '') throw new ConfigError('There is no schema on standard input.');
  return { sdl, origin: 'stdin', routingUrl: url };
}

/** @param what it is, for the message @throws ConfigError */
export async function readText(file: string, what: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(`The ${what} in ${file} cannot be read: ${messageOf(error)}`);
  });
}

/** A refused connection has a code, and sometimes nothing else. */
function messageOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || String(code);
}

function withoutSecrets(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}
