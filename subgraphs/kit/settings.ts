import { StartError } from './program.ts';

/** The environment a department reads its settings from; `process.env` when it is started alone. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the address of the system a department wraps.
 * @throws StartError when it is missing or not an http(s) URL
 */
export function readSystemUrl(env: Environment, name: string): URL {
  const text = env[name];
  if (!text) throw new StartError(`${name} is not set; it must be the http(s) URL of the department's system`);
  const url = URL.parse(text);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new StartError(`${name} is "${text}"; it must be an http(s) URL`);
}

/**
 * Reads a time in milliseconds, 1 to 600,000.
 * @throws StartError when it is anything else
 */
export function readMilliseconds(env: Environment, name: string, fallbackMs: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallbackMs;
  const ms = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (ms >= 1 && ms <= 600_000) return ms;
  throw new StartError(`${name} is "${text}"; it must be whole milliseconds from 1 to 600000`);
}
