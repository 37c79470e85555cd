import type { Dispatcher } from 'undici';
import type { Config } from '../config/config.ts';
import { composedSource } from './composed-source.ts';
import { fileSource } from './file-source.ts';
import { httpSource } from './http-source.ts';
import type { SupergraphSource } from './source.ts';

/**
 * The source that the settings name, but for a registry's: an address is asked, a `.yaml` file says what is to be composed (as for `switchyard compose`), and any
 * other file is the supergraph.
 *
 * @param dispatcher connects to an address
 */
export function openSource(
  { supergraph: from, reload }: Pick<Config, 'supergraph' | 'reload'>,
  dispatcher?: Dispatcher,
): SupergraphSource {
  if (/^https?:\/\//.test(from)) return httpSource(from, reload, dispatcher);
  return /\.ya?ml$/.test(from) ? composedSource(from, reload) : fileSource(from, reload);
}
