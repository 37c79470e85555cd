import { ConfigError, type Config } from '../config.ts';
import type { SubgraphTransport } from './http-fetcher.ts';

/**
 * How each subgraph of a supergraph is asked: where the supergraph says, unless the settings say otherwise.
 *
 * @throws ConfigError where neither gives a URL that can be asked
 */
export function transportsOf(
  routingUrls: ReadonlyMap<string, string>,
  { allSubgraphs, subgraphs }: Pick<Config, 'allSubgraphs' | 'subgraphs'>,
): Map<string, SubgraphTransport> {
  return new Map(
    [...routingUrls].map(([name, routingUrl]) => {
      const own = subgraphs[name];
      const url = own?.routingUrl ?? routingUrl;
      if (!/^https?:/.test(URL.parse(url)?.protocol ?? ''))
        throw new ConfigError(
          `Subgraph ${name} cannot be asked at "${url}": set its HTTP address as subgraphs.${name}.routingUrl.`,
        );
      return [name, { ...allSubgraphs, url, timeoutMs: own?.timeoutMs ?? allSubgraphs.timeoutMs }];
    }),
  );
}
