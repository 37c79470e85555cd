import { departmentFrom } from '../kit/manifest/manifest-department.ts';
import { StartError } from '../kit/program.ts';
import type { Department } from '../kit/subgraph.ts';
import { ActionStore } from './actions/action-store.ts';
import { actionResolvers } from './actions/resolvers.ts';

/**
 * City operations: its hotline over its SQLite file, and the events that findings lead to, which are its own.
 *
 * Settings: `CITY_OPERATIONS_DATABASE_FILE` (required); `CITY_OPERATIONS_ACTIONS_FILE` (required): where events are kept.
 */
export const cityOperations: Department = departmentFrom(new URL('department.yaml', import.meta.url), {
  open(env) {
    const file = env['CITY_OPERATIONS_ACTIONS_FILE'];
    if (!file) throw new StartError('CITY_OPERATIONS_ACTIONS_FILE is not set; it must be the file that keeps events');
    const store = new ActionStore(file);
    return { resolvers: (parts) => actionResolvers(store, parts), close: () => store.close() };
  },
});
