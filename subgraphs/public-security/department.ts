import { readDatabaseUrl } from '../kit/postgres.ts';
import { readMilliseconds } from '../kit/settings.ts';
import type { Department } from '../kit/subgraph.ts';
import { createContext, resolvers } from './resolvers.ts';
import { openPersons } from './source.ts';

/**
 * Public security's register of persons on PostgreSQL, schema `public_security`. Settings: `DATABASE_URL` (required),
 * `PUBLIC_SECURITY_TIMEOUT_MS` (default 3000, for one statement).
 */
export const publicSecurity: Department = {
  name: 'public-security',
  port: 4111,
  schemaFile: new URL('../../schema/public-security.graphql', import.meta.url),
  async open(env) {
    const timeoutMs = readMilliseconds(env, 'PUBLIC_SECURITY_TIMEOUT_MS', 3_000);
    const persons = await openPersons(readDatabaseUrl(env), timeoutMs);
    return {
      resolvers,
      createContext: () => createContext(persons),
      close: () => persons.close(),
    };
  },
};
