import { readFile } from 'node:fs/promises';
import { request } from 'undici';
import { ConfigError } from '../config/config.ts';

/** How the graph is asked, and as whom. */
export interface GraphOptions {
  /** The gateway's `/graphql`. */
  url: string;
  /** A file with the headers to send, a line each: `authorization: Bearer …`. */
  headers?: string;
}

/** Asks the graph: its data. */
export type AskGraph = <Data>(query: string, variables?: Record<string, unknown>) => Promise<Data>;

/** Previewing asks departments, and they may take their time. */
const TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 67_108_864;

/**
 * Asks a gateway's graph. Who asks is said by a file of headers, or by `SWITCHYARD_API_KEY` or `SWITCHYARD_TOKEN`.
 * What it gives throws ConfigError with what the graph says, where it says an error.
 *
 * @throws ConfigError where the file cannot be read
 */
export async function openGraph(
  { url, headers: file }: GraphOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AskGraph> {
  const headers = {
    'content-type': 'application/json',
    ...(file === undefined ? fromEnvironment(env) : await readHeaders(file)),
  };
  return async <Data>(query: string, variables: Record<string, unknown> = {}) => {
    const body = JSON.stringify({ query, variables });
    const { statusCode, text } = await post(url, headers, body);
    const { data, errors } = parse(text, url, statusCode) as { data?: Data; errors?: GraphError[] };
    if (errors || !data) throw new ConfigError(told(errors ?? []) || `${url} gives no data.`);
    return data;
  };
}

interface GraphError {
  message: string;
  extensions?: { code?: string; rule?: string; needs?: string };
}

/** One error often stands at several fields. */
function told(errors: readonly GraphError[]): string {
  const lines = errors.map(({ message, extensions: { code = 'ERROR', rule, needs } = {} }) => {
    const more = [rule === undefined ? '' : ` (rule ${rule})`, needs === undefined ? '' : `\n  it needs ${needs}`];
    return `${code}: ${message}${more.join('')}`;
  });
  return [...new Set(lines)].join('\n');
}

async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ statusCode: number; text: string }> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { statusCode, body: answered } = await request(url, { method: 'POST', headers, body, signal });
    let text = '';
    for await (const chunk of answered.setEncoding('utf8')) {
      text += chunk as string;
      if (text.length > MAX_ANSWER_BYTES) throw new Error(`its answer has more than ${MAX_ANSWER_BYTES} bytes`);
    }
    return { statusCode, text };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(`The gateway at ${url} cannot be asked (${message || code}); is it running?`, {
      cause: error,
    });
  }
}

function parse(text: string, url: string, statusCode: number): unknown {
  try {
    // Others wrote it: nothing in it may speak to the terminal.
    return JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' ? value.replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD') : value,
    );
  } catch {
    throw new ConfigError(`${url} answers with status ${statusCode}, and not as a graph.`);
  }
}

function fromEnvironment({
  SWITCHYARD_API_KEY: key,
  SWITCHYARD_TOKEN: token,
}: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return {
    ...(key ? { 'x-api-key': key } : {}),
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
}

async function readHeaders(file: string): Promise<Record<string, string>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(`The headers cannot be read: ${(error as Error).message}`, { cause: error });
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line, index): [string, string] => {
      const at = line.indexOf(':');
      if (at <= 0) throw new ConfigError(`${file}:${index + 1} is no header: name, colon, text.`);
      return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
}
