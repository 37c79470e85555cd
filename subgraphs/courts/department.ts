import { StartError } from '../kit/program.ts';
import type { Department } from '../kit/subgraph.ts';
import { createResolvers } from './resolvers.ts';
import { openCaseFolder } from './source.ts';

/** The courts' folder of XML files; reads `COURTS_CASE_DIR`. */
export const courts: Department = {
  name: 'courts',
  port: 4110,
  schemaFile: new URL('../../schema/courts.graphql', import.meta.url),
  async open(env) {
    const folder = env['COURTS_CASE_DIR'];
    if (!folder) throw new StartError("COURTS_CASE_DIR is not set; it must be the courts' folder of cases");
    const cases = await openCaseFolder(folder);
    return {
      resolvers: createResolvers(cases),
      createContext: () => ({}),
      close: () => cases.close(),
    };
  },
};
