import type { Department } from '../kit/subgraph.ts';
import { createResolvers } from './resolvers.ts';
import { openCalendar } from './source.ts';

/** The labour calendar: holidays computed from rules, with no store behind them. */
export const labour: Department = {
  name: 'labour',
  port: 4104,
  schemaFile: new URL('../../schema/labour.graphql', import.meta.url),
  open() {
    const calendar = openCalendar();
    return Promise.resolve({
      resolvers: createResolvers(calendar),
      createContext: () => ({}),
      close: () => Promise.resolve(),
    });
  },
};
