import { readMilliseconds, readSystemUrl } from '../kit/settings.ts';
import type { Department } from '../kit/subgraph.ts';
import { createLoaders, resolvers } from './resolvers.ts';
import { connectUnits } from './source.ts';

/**
 * Social security, behind its REST service that answers one unit a request. Settings: `SOCIAL_SECURITY_URL` (required),
 * `SOCIAL_SECURITY_TIMEOUT_MS` (each request, default 1000), `SOCIAL_SECURITY_DEADLINE_MS` (one unit or the months of one unit,
 * with all waiting and repeating, default 5000). It starts although the service is down and finds it when it is back.
 */
export const socialSecurity: Department = {
  name: 'social-security',
  port: 4108,
  schemaFile: new URL('../../schema/social-security.graphql', import.meta.url),
  async open(env) {
    const units = connectUnits({
      baseUrl: readSystemUrl(env, 'SOCIAL_SECURITY_URL'),
      tryTimeoutMs: readMilliseconds(env, 'SOCIAL_SECURITY_TIMEOUT_MS', 1_000),
      deadlineMs: readMilliseconds(env, 'SOCIAL_SECURITY_DEADLINE_MS', 5_000),
    });
    return {
      resolvers,
      createContext: () => ({ socialSecurity: createLoaders(units) }),
      close: () => units.close(),
    };
  },
};
