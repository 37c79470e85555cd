import { StartError } from '../kit/program.ts';
import type { Department } from '../kit/subgraph.ts';
import { createContext, createResolvers } from './resolvers.ts';
import { openDropFolder } from './source.ts';

/** The power company's drop folder of CSV files; reads `POWER_DROP_DIR`. */
export const power: Department = {
  name: 'power',
  port: 4109,
  schemaFile: new URL('../../schema/power.graphql', import.meta.url),
  async open(env) {
    const folder = env['POWER_DROP_DIR'];
    if (!folder) throw new StartError("POWER_DROP_DIR is not set; it must be the power company's drop folder");
    const drops = await openDropFolder(folder);
    return {
      resolvers: createResolvers(drops),
      createContext: () => createContext(drops),
      close: () => drops.close(),
    };
  },
};
