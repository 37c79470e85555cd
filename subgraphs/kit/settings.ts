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
