import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import { Pool } from 'undici';
import type { z } from 'zod';
import { systemBadAnswer, systemUnavailable } from '../kit/faults.ts';

/** One request to the registry. */
export interface RestQuestion<Answer> {
  /** Below the registry's address, such as `/airports`. */
  path: string;
  query: Record<string, string | number>;
  /** What the answer's body must look like. */
  schema: z.ZodType<Answer>;
  /** Ends the request, waiting included; {@link RestConnection.deadline} makes one. */
  signal: AbortSignal;
}

export interface RestConnection {
  /**
   * Asks and checks the answer.
   * @throws GraphQLError SYSTEM_UNAVAILABLE, or SYSTEM_BAD_ANSWER when the body is not what the contract says
   */
  get<Answer>(question: RestQuestion<Answer>): Promise<Answer>;
  /** A signal for one question, however many requests it takes. */
  deadline(): AbortSignal;
  close(): Promise<void>;
}

/** Requests at the same time, and requests that may wait for one of them to end. */
const MAX_REQUESTS = 8;
const MAX_WAITING_REQUESTS = 500;
/** Two hundred airports are about 150 KiB. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Opens a bounded pool of connections to a REST service. Nothing is sent before the first question. */
export function connectRest({ url, timeoutMs }: { url: URL; timeoutMs: number }): RestConnection {
  const pool = new Pool(url.origin, {
    connections: MAX_REQUESTS,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
  const gate = bulkhead(MAX_REQUESTS, MAX_WAITING_REQUESTS);
  const basePath = url.pathname.replace(/\/$/, '');
  return {
    async get({ path, query, schema, signal }) {
      const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
      const text = await readText(() =>
        gate.execute(() => request(pool, `${basePath}${path}?${search.toString()}`, signal), signal),
      );
      return parseAnswer(schema, text, path);
    },
    deadline: () => AbortSignal.timeout(timeoutMs),
    close: () => pool.destroy(),
  };
}

async function request(pool: Pool, path: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path,
    signal,
    headers: { accept: 'application/json' },
  });
  return { status: statusCode, text: await body.text() };
}

async function readText(ask: () => Promise<{ status: number; text: string }>): Promise<string> {
  const { status, text } = await ask().catch((error: unknown) => {
    if (error instanceof BulkheadRejectedError) {
      throw systemUnavailable('The aviation registry has too many requests waiting; try again.', error);
    }
    throw systemUnavailable('The aviation registry did not answer.', error);
  });
  if (status === 200) return text;
  if (status >= 500 || status === 429) throw systemUnavailable(`The aviation registry answered with status ${status}.`);
  throw systemBadAnswer(`The aviation registry refused a question of its own contract with status ${status}.`);
}

function parseAnswer<Answer>(schema: z.ZodType<Answer>, text: string, path: string): Answer {
  const result = schema.safeParse(parseJson(text, path));
  if (result.success) return result.data;
  throw systemBadAnswer(`The aviation registry's answer to ${path} is not what its contract says.`, result.error);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw systemBadAnswer(`The aviation registry's answer to ${path} is not JSON.`, error);
  }
}
