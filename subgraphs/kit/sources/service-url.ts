import { StartError } from '../program.ts';

/** Reads an address. @param name what it is called where it can be changed @throws StartError where it is none of HTTP */
export function httpUrl(text: string, name: string): URL {
  const found = URL.parse(text);
  if (found?.protocol === 'http:' || found?.protocol === 'https:') return found;
  throw new StartError(`${name} is "${text}"; it must be an http(s) URL`);
}
