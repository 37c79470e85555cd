import { ConfigError, type Config } from '../config/config.ts';
import { refuseHeaders } from './channel.ts';
import type { SubgraphTransport } from './department.ts';
import { readSigningKey } from './signing-key.ts';
import { signRequests } from './signing.ts';

/** Addresses that begin so are of departments in the gateway's own process. */
const IN_PROCESS = 'switchyard:';

/** Whether a subgraph is a department in the gateway's own process: where the supergraph says so, and the settings nothing else. */
export function isInProcess(routingUrl: string, settings: Config['subgraphs'][string] | undefined): boolean {
  return settings?.routingUrl === undefined && routingUrl.startsWith(IN_PROCESS);
}

/**
 * How each subgraph of a supergraph is asked that is not in this process: where the supergraph says, unless the settings say otherwise.
 * Reads the key that requests are signed with, where there is one.
 *
 * @throws ConfigError where neither gives a URL that can be asked, or requests are to be signed and there is no key
 */
export function transportsOf(
  routingUrls: ReadonlyMap<string, string>,
  { allSubgraphs, subgraphs, signing }: Pick<Config, 'allSubgraphs' | 'subgraphs' | 'signing'>,
): Map<string, SubgraphTransport> {
  const key = signing && readSigningKey(signing);
  const elsewhere = [...routingUrls].filter(([name, routingUrl]) => !isInProcess(routingUrl, subgraphs[name]));
  return new Map(
    elsewhere.map(([name, routingUrl]) => {
      const { routingUrl: ownUrl, ...own } = subgraphs[name] ?? {};
      const { sign = key !== undefined, ...transport } = { ...allSubgraphs, ...withoutUndefined(own) };
      const url = ownUrl ?? routingUrl;
      if (!/^https?:/.test(URL.parse(url)?.protocol ?? ''))
        throw new ConfigError(
          `Subgraph ${name} cannot be asked at "${url}": set its HTTP address as subgraphs.${name}.routingUrl.`,
        );
      if (sign && !key)
        throw new ConfigError(`Requests to subgraph ${name} are to be signed: set the key as signing.keyFile.`);
      refuseTimeoutHeader(name, transport.timeoutHeader);
      return [name, { ...transport, url, sign: sign && key ? signRequests(key, new URL(url)) : undefined }];
    }),
  );
}

function refuseTimeoutHeader(name: string, header: string | false): void {
  const problem = header === false ? undefined : refuseHeaders({ [header]: '1' });
  if (problem) throw new ConfigError(`Subgraph ${name} cannot be told how much time is left: ${problem.message}.`);
}

/** A setting that is given as undefined is not given. */
function withoutUndefined<T extends object>(settings: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
