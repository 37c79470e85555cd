import { readDatabaseUrl } from '../kit/postgres.ts';
import { readMilliseconds } from '../kit/settings.ts';
import type { Department } from '../kit/subgraph.ts';
import { createContext, resolvers } from './resolvers.ts';
import { openRegister } from './source.ts';

/**
 * Market regulation's enterprise register on PostgreSQL, schema `market`. Settings: `DATABASE_URL` (required),
 * `MARKET_TIMEOUT_MS` (default 3000, for one statement).
 */
export const market: Department = {
  name: 'market',
  port: 4105,
  schemaFile: new URL('../../schema/market.graphql', import.meta.url),
  async open(env) {
    const register = await openRegister(readDatabaseUrl(env), readMilliseconds(env, 'MARKET_TIMEOUT_MS', 3_000));
    return {
      resolvers,
      createContext: () => createContext(register),
      close: () => register.close(),
    };
  },
};
