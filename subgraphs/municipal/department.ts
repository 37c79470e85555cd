import { StartError } from '../kit/program.ts';
import type { Department } from '../kit/subgraph.ts';
import { createContext, resolvers } from './resolvers.ts';
import { openRegister } from './source.ts';

/** Municipal affairs, over the register's SQLite file; reads `MUNICIPAL_DATABASE_FILE`. */
export const municipal: Department = {
  name: 'municipal',
  port: 4103,
  schemaFile: new URL('../../schema/municipal.graphql', import.meta.url),
  async open(env) {
    const file = env['MUNICIPAL_DATABASE_FILE'];
    if (!file) throw new StartError('MUNICIPAL_DATABASE_FILE is not set; it must be the path of the SQLite file');
    const register = openRegister(file);
    return {
      resolvers,
      createContext: () => createContext(register),
      close: async () => register.close(),
    };
  },
};
