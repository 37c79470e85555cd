import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { receiverSchema } from '../../gateway/config/dispatch-receivers.ts';
import { openReceiver } from '../../gateway/dispatch/receivers/open-receiver.ts';
import { keyDirectory } from '../../gateway/fetch/signing-key.ts';
import {
  deliveredRecords,
  DeliveryRefused,
  readGatewayKeys,
  readReceiptKey,
  receiveDeliveries,
  sqliteDeliveries,
  type DeliveredRecord,
  type Delivery,
} from '../../subgraphs/kit/index.ts';
import { temporaryFolder } from '../kit/department.ts';
import { SIGNING_KEY } from '../kit/signed-request.ts';

/** Opens a webhook of a gateway that has the key {@link SIGNING_KEY}. */
export function openWebhook(url: string, more: object = {}) {
  return openReceiver(receiverSchema.parse({ kind: 'webhook', url, ...more }), { signingKey: SIGNING_KEY });
}

/** What of a delivery a department has. */
interface HeldRow {
  dispatch: string;
  record: string;
}

/** A department that takes deliveries by the kit into an SQLite file, for as long as a test file runs. */
export async function startDepartment() {
  const folder = temporaryFolder();
  const receipts = generateKeyPairSync('ed25519');
  writeFileSync(folder.file('gateway-keys.json'), keyDirectory(SIGNING_KEY));
  writeFileSync(folder.file('receipt-key.pem'), receipts.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(folder.file('receipt-key.pub'), receipts.publicKey.export({ format: 'pem', type: 'spki' }));
  const file = folder.file('department.sqlite');
  const store = sqliteDeliveries(file);
  const database = new DatabaseSync(file);
  database.exec(
    'CREATE TABLE held (dispatch TEXT, key TEXT, run INTEGER, record TEXT, PRIMARY KEY (dispatch, key)); CREATE TABLE applied (key TEXT)',
  );
  const between: {
    /** Answers instead of the department, unless it gives `pass`. */
    before?(request: IncomingMessage, response: ServerResponse): unknown;
    around?(response: ServerResponse): void;
  } = {};
  const server = createServer((request, response) => {
    if (between.before && between.before(request, response) !== 'pass') return;
    between.around?.(response);
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/deliveries`;
  const faults: unknown[] = [];
  const answer = receiveDeliveries({
    gatewayKeys: readGatewayKeys(folder.file('gateway-keys.json')),
    url: new URL(url),
    receiver: 'analysis',
    receiptKey: readReceiptKey(folder.file('receipt-key.pem')),
    store,
    apply,
    maxBodyBytes: 1_000_000,
    log: (fault) => void faults.push(fault),
  });
  return {
    url,
    receiptKeyFile: folder.file('receipt-key.pub'),
    receiptKey: receipts.privateKey,
    /** What is done in the way of requests; nothing where nothing is set. */
    between,
    faults,
    held: (dispatch: string): DeliveredRecord[] =>
      database
        .prepare('SELECT record FROM held WHERE dispatch = ?')
        .all(dispatch)
        .map((row) => JSON.parse((row as unknown as HeldRow).record) as DeliveredRecord),
    /** Idempotency keys of what was applied, each as often as it was. */
    applied: (): unknown[] =>
      database
        .prepare('SELECT key FROM applied')
        .all()
        .map(({ key }) => key),
    snapshot: (): unknown[] => [
      database.prepare('SELECT rowid, * FROM held').all(),
      database.prepare('SELECT rowid, * FROM applied').all(),
      database.prepare('SELECT rowid, * FROM switchyard_deliveries').all(),
    ],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
      database.close();
      folder.close();
    },
  };
}

function apply(delivery: Delivery, database: DatabaseSync): void {
  const { dispatch, run, key, content, isLast, idempotencyKey } = delivery;
  if (dispatch === 'unwanted') throw new DeliveryRefused('It is not wanted here.');
  const { rows, removed } = deliveredRecords(delivery);
  const keyOf = (record: DeliveredRecord): string => JSON.stringify(key.map((name) => record[name]));
  const upsert = database.prepare('INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?)');
  for (const record of rows) upsert.run(dispatch, keyOf(record), run, JSON.stringify(record));
  const remove = database.prepare('DELETE FROM held WHERE dispatch = ? AND key = ?');
  for (const record of removed) remove.run(dispatch, keyOf(record));
  if (content === 'full' && isLast)
    database.prepare('DELETE FROM held WHERE dispatch = ? AND run <> ?').run(dispatch, run);
  database.prepare('INSERT INTO applied VALUES (?)').run(idempotencyKey);
}
