import { StartError } from '../kit/program.ts';
import type { Department } from '../kit/subgraph.ts';
import { createContext, resolvers } from './resolvers.ts';
import { openLinks } from './source.ts';

/** The identity office, on its own SQLite file; reads `IDENTITY_DATABASE_FILE`. */
export const identity: Department = {
  name: 'identity',
  port: 4106,
  schemaFile: new URL('../../schema/identity.graphql', import.meta.url),
  async open(env) {
    const file = env['IDENTITY_DATABASE_FILE'];
    if (!file) throw new StartError("IDENTITY_DATABASE_FILE is not set; it must be the identity office's SQLite file");
    const links = openLinks(file);
    return {
      resolvers,
      createContext: () => createContext(links),
      close: () => Promise.resolve(links.close()),
    };
  },
};
