import { readMilliseconds, readSystemUrl } from '../kit/settings.ts';
import type { Department } from '../kit/subgraph.ts';
import { createContext, resolvers } from './resolvers.ts';
import { connectRegistry } from './source.ts';

/**
 * Civil aviation, behind its paged REST registry. Settings: `AVIATION_URL` (required), `AVIATION_TIMEOUT_MS` (default
 * 3000, for one question with all its pages). It starts although the registry is down and finds it when it is back.
 */
export const aviation: Department = {
  name: 'aviation',
  port: 4102,
  schemaFile: new URL('../../schema/aviation.graphql', import.meta.url),
  async open(env) {
    const registry = connectRegistry({
      url: readSystemUrl(env, 'AVIATION_URL'),
      timeoutMs: readMilliseconds(env, 'AVIATION_TIMEOUT_MS', 3_000),
    });
    return {
      resolvers,
      createContext: () => createContext(registry),
      close: () => registry.close(),
    };
  },
};
