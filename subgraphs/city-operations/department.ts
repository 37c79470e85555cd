import { StartError } from '../kit/program.ts';
import type { Department } from '../kit/subgraph.ts';
import { createContext, resolvers } from './resolvers.ts';
import { openHotline } from './source.ts';

/** City operations' hotline, over its SQLite file; reads `CITY_OPERATIONS_DATABASE_FILE`. */
export const cityOperations: Department = {
  name: 'city-operations',
  port: 4112,
  schemaFile: new URL('../../schema/city-operations.graphql', import.meta.url),
  async open(env) {
    const file = env['CITY_OPERATIONS_DATABASE_FILE'];
    if (!file) throw new StartError("CITY_OPERATIONS_DATABASE_FILE is not set; it must be the hotline's SQLite file");
    const hotline = openHotline(file);
    return {
      resolvers,
      createContext: () => createContext(hotline),
      close: async () => hotline.close(),
    };
  },
};
