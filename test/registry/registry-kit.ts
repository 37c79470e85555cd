import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import { createLog } from '../../gateway/observe/log.ts';
import type { GraphChange } from '../../gateway/registry/graph-change.ts';
import type { RegistryServer } from '../../gateway/registry/http-server.ts';
import type { CheckReport } from '../../gateway/registry/registry.ts';
import { startRegistry } from '../../gateway/start-registry.ts';
import { withLink } from '../kit/federation.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Who may say something to the registries of tests; each proves it with a key that is called as they are. */
const IDENTITY: ConfigInput['identity'] = {
  apiKeys: [
    { name: 'tax', department: 'tax', sha256: sha256('tax') },
    { name: 'market', department: 'market', sha256: sha256('market') },
    { name: 'gateway', roles: ['registry-gateway'], sha256: sha256('gateway') },
    { name: 'other gateway', roles: ['registry-gateway'], sha256: sha256('other gateway') },
    { name: 'admin', roles: ['registry-administrator'], sha256: sha256('admin') },
  ],
};

/** What is said to a registry, as somebody. */
export interface RegistryClient {
  ask(as: string | undefined, method: string, path: string, body?: object): Promise<{ status: number; body: unknown }>;
  publish(as: string, name: string, sdl: string, url?: string): Promise<CheckReport>;
  change(as: string, change: GraphChange): Promise<CheckReport>;
}

/** A registry of a test's own. */
export interface TestRegistry extends RegistryServer, RegistryClient {
  /** Public keys, as gateways need them. */
  readonly publicKeyFile: string;
}

/** The settings of a registry whose files are in a folder. */
export function registrySettings(folder: string, settings: ConfigInput['registry'] = {}): ConfigInput {
  const keyFile = join(folder, 'registry-key.pem');
  return { identity: IDENTITY, registry: { store: join(folder, 'registry.db'), keyFile, port: 0, ...settings } };
}

/** @param folder where its files go */
export async function openRegistry(folder: string, settings: ConfigInput['registry'] = {}): Promise<TestRegistry> {
  const config = resolveConfig(registrySettings(folder, settings), {});
  const server = await startRegistry(config, createLog({ write: () => {} }));
  return { ...server, ...clientOf(server.url), publicKeyFile: `${config.registry.keyFile}.pub` };
}

/** @param url `http://host:port` */
export function clientOf(url: string): RegistryClient {
  const ask: RegistryClient['ask'] = async (as, method, path, body) => {
    const response = await fetch(`${url}/${path}`, {
      method,
      headers: { ...(as && { 'x-api-key': as }), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  const change: RegistryClient['change'] = async (as, wanted) =>
    (await ask(as, 'POST', 'changes', wanted)).body as CheckReport;
  return {
    ask,
    change,
    publish: (as, name, sdl, routingUrl = `http://127.0.0.1:9/${name}`) =>
      change(as, { kind: 'publish', name, sdl: withLink(sdl), routingUrl, origin: `${name}.graphql` }),
  };
}
