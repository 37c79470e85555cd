import { readDatabaseUrl } from '../kit/postgres.ts';
import { readMilliseconds } from '../kit/settings.ts';
import type { Department } from '../kit/subgraph.ts';
import { createContext, resolvers } from './resolvers.ts';
import { openRegistry } from './source.ts';

/**
 * The territory registry on PostgreSQL, schema `territory`. Settings: `DATABASE_URL` (required), `TERRITORY_TIMEOUT_MS`
 * (default 3000, for one statement).
 */
export const territory: Department = {
  name: 'territory',
  port: 4101,
  schemaFile: new URL('../../schema/territory.graphql', import.meta.url),
  async open(env) {
    const registry = await openRegistry(readDatabaseUrl(env), readMilliseconds(env, 'TERRITORY_TIMEOUT_MS', 3_000));
    return {
      resolvers,
      createContext: () => createContext(registry),
      close: () => registry.close(),
    };
  },
};
