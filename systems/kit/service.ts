import type { FastifyInstance } from 'fastify';
import { StartError, type RunningProgram } from '../../subgraphs/kit/program.ts';

/** The environment a legacy service reads its settings from; `process.env` when it is started alone. */
export type ServiceEnvironment = Readonly<Record<string, string | undefined>>;

/** How long requests under way may still take once the service was told to stop. */
const STOP_GRACE_MS = 1_000;

/**
 * Makes a legacy service listen at `HOST` (default `127.0.0.1`) and `PORT`.
 *
 * @param port used when `PORT` is not set; 0 for any free one
 * @returns the base URL, without a slash at its end, and how to stop
 */
export async function listen(app: FastifyInstance, env: ServiceEnvironment, port: number): Promise<RunningProgram> {
  const url = await app.listen({
    host: env['HOST'] ?? '127.0.0.1',
    port: readWholeNumber(env, 'PORT', { fallback: port, max: 65_535 }),
  });
  return {
    url,
    async close() {
      const force = setTimeout(() => app.server.closeAllConnections(), STOP_GRACE_MS);
      await app.close();
      clearTimeout(force);
    },
  };
}

/**
 * Reads a setting that is a whole number from 0 to `max`.
 * @throws StartError when it is anything else
 */
export function readWholeNumber(
  env: ServiceEnvironment,
  name: string,
  { fallback, max }: { fallback: number; max: number },
): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw new StartError(`${name} is "${text}"; it must be a whole number from 0 to ${max}`);
}

/**
 * Reads a setting that has no default.
 * @throws StartError when it is missing
 */
export function readRequired(env: ServiceEnvironment, name: string, meaning: string): string {
  const text = env[name];
  if (text) return text;
  throw new StartError(`${name} is not set; it must be ${meaning}`);
}
