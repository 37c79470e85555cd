import { departmentFrom, type OpenedParts } from '../kit/manifest/manifest-department.ts';
import { StartError } from '../kit/program.ts';
import { readReceiptKey } from '../kit/receiver/receipt.ts';
import { receiveDeliveries } from '../kit/receiver/receive-deliveries.ts';
import { sqliteDeliveries } from '../kit/receiver/sqlite-deliveries.ts';
import type { Environment } from '../kit/settings.ts';
import type { Department } from '../kit/subgraph.ts';
import { ActionStore } from './actions/action-store.ts';
import { openDelivered } from './actions/deliveries.ts';
import { actionResolvers } from './actions/resolvers.ts';

/**
 * City operations: its hotline over its SQLite file, and the events that findings lead to, which are its own.
 *
 * Settings: `CITY_OPERATIONS_DATABASE_FILE` (required); `CITY_OPERATIONS_ACTIONS_FILE` (required): where events are kept;
 * `CITY_OPERATIONS_RECEIPT_KEY`: signs receipts for findings that dispatches deliver (default: none are taken).
 */
export const cityOperations: Department = departmentFrom(new URL('department.yaml', import.meta.url), { open });

function open(env: Environment): OpenedParts {
  const file = env['CITY_OPERATIONS_ACTIONS_FILE'];
  if (!file) throw new StartError('CITY_OPERATIONS_ACTIONS_FILE is not set; it must be the file that keeps events');
  const keyFile = env['CITY_OPERATIONS_RECEIPT_KEY'];
  const receiptKey = keyFile ? readReceiptKey(keyFile) : undefined;
  const events = new ActionStore(file);
  const store = sqliteDeliveries(file);
  return {
    resolvers: (parts) => actionResolvers(events, parts),
    ...(receiptKey && {
      deliveries: (from) =>
        receiveDeliveries({ ...from, receiver: 'city-operations', receiptKey, store, apply: openDelivered }),
    }),
    async close() {
      await store.close();
      events.close();
    },
  };
}
