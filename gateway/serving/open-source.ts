import { ConfigError, type Config } from '../config/config.ts';
import { readPublicKeys } from '../keys/signer.ts';
import type { Log } from '../observe/log.ts';
import { registrySource, type RegistrySupergraphSource } from '../registry/registry-source.ts';
import { openSource } from '../supergraph/open-source.ts';
import { trustingRoots } from '../supergraph/private-roots.ts';
import type { SupergraphSource } from '../supergraph/source.ts';

const LOOK_AT_REGISTRY_EVERY_MS = 250;

/** Where the supergraph comes from: a registry where there is a key to know it by. @throws ConfigError where the key, or the roots, cannot be read */
export async function openSupergraphSource(
  config: Config,
  log: Log,
): Promise<SupergraphSource & Partial<RegistrySupergraphSource>> {
  const { supergraph: url, reload } = config;
  const { publicKeyFile, lookEveryMs = LOOK_AT_REGISTRY_EVERY_MS } = reload;
  const dispatcher = await trustingRoots(reload.caFile);
  if (publicKeyFile === undefined) {
    if (config.contracts === 'registry')
      throw new ConfigError(
        'contracts is "registry", and the supergraph is no registry\u2019s: reload.publicKeyFile is missing.',
      );
    return openSource(config, dispatcher);
  }
  if (!/^https?:\/\//.test(url))
    throw new ConfigError(
      `reload.publicKeyFile is for the address of a registry's supergraph, and supergraph is ${url}.`,
    );
  const publicKeys = await readPublicKeys(publicKeyFile).catch((error: unknown) => {
    throw new ConfigError(`The registry's public keys cannot be read: ${(error as Error).message}`, { cause: error });
  });
  const onNotKept = (error: unknown): void =>
    log.error({ err: error }, 'the last good supergraph cannot be kept; a start without the registry would fail');
  return registrySource({ ...reload, url, publicKeys, lookEveryMs, onNotKept, dispatcher });
}
