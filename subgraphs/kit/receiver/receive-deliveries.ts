import { hash, type KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseItem } from 'structured-headers';
import type { GatewayKeys } from '../gateway-keys.ts';
import { readBody, sentUrl, writeError, type AnswerHttp } from '../http-exchange.ts';
import { fieldValue, itemText } from '../message-signature.ts';
import { ReplayWindow } from '../replay-window.ts';
import { verifyRequest, type UnverifiedRequest } from '../verify-request.ts';
import { readDelivery, type Delivery } from './delivery.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { signReceipt } from './receipt.ts';

/** How a department takes what gateways' dispatches deliver to it. */
export interface ReceiveOptions<Transaction> {
  /** Public keys of its gateways: nothing is taken from anybody else. */
  gatewayKeys: GatewayKeys;
  /** Where gateways deliver, as their settings say it. */
  url: URL;
  /** What the department is called in its receipts. */
  receiver: string;
  /** Signs its receipts, see `readReceiptKey`. */
  receiptKey: KeyObject;
  /** Remembers what was taken, in one transaction with taking it: `sqliteDeliveries`, `postgresDeliveries`, or the department's own. */
  store: DeliveryStore<Transaction>;
  /**
   * Takes a delivery, through the transaction that remembers it: called once for each, also where it comes again.
   * @throws DeliveryRefused where it can never be taken; any other error, and it comes again later
   */
  apply(delivery: Delivery, transaction: Transaction): void | Promise<void>;
  /** Largest request body. Default: 16 MiB */
  maxBodyBytes?: number;
  /** How long after a request is made it is taken. Default: 60 */
  maxAgeSeconds?: number;
  /** How far the gateway's clock may be from this one. Default: 5 */
  clockToleranceSeconds?: number;
  /** Told of each request that is refused or cannot be answered. Default: `console.error` */
  log?(fault: UnverifiedRequest | Error): void;
}

/** A delivery that can never be taken as it is; the gateway does not try it again. */
export class DeliveryRefused extends Error {
  override name = 'DeliveryRefused';
}

/**
 * Takes deliveries over HTTP: who sends them proves to be a gateway (RFC 9421), each is applied once however often it comes, and
 * the answer is a receipt that the department signs.
 *
 * @example
 * ```ts
 * const answer = receiveDeliveries({
 *   gatewayKeys: readGatewayKeys('gateway-keys.json'),
 *   url: new URL('https://analysis.city.example/deliveries'),
 *   receiver: 'analysis',
 *   receiptKey: readReceiptKey('receipt-key.pem'),
 *   store: sqliteDeliveries('analysis.sqlite'),
 *   apply(delivery, database) {
 *     const { rows, removed } = deliveredRecords<{ uscc: string; name: string | null }, 'uscc'>(delivery);
 *     const upsert = database.prepare('INSERT OR REPLACE INTO enterprise (uscc, name) VALUES (?, ?)');
 *     const remove = database.prepare('DELETE FROM enterprise WHERE uscc = ?');
 *     for (const { uscc, name } of rows) upsert.run(uscc, name);
 *     for (const { uscc } of removed) remove.run(uscc);
 *   },
 * });
 * createServer(answer).listen(4200);
 * ```
 */
export function receiveDeliveries<Transaction>(options: ReceiveOptions<Transaction>): AnswerHttp {
  const { gatewayKeys: keys, maxAgeSeconds = 60, clockToleranceSeconds = 5 } = options;
  const verifying = { keys, maxAgeSeconds, clockToleranceSeconds, replayWindow: new ReplayWindow() };
  const log = options.log ?? ((fault) => console.error('A delivery could not be taken.', fault));
  return async (request, response) => {
    try {
      const body = await readBody(request, options.maxBodyBytes ?? 16_777_216);
      if (!body) return writeError(response, 413, 'PAYLOAD_TOO_LARGE', 'The delivery is too large.');
      const { method = '', headers } = request;
      const verified = verifyRequest({ method, url: sentUrl(request, options.url), headers, body }, verifying);
      if (!verified.ok) {
        log(verified);
        return writeError(response, 401, verified.code, verified.message);
      }
      await answerDelivery({ request, response, body }, options);
    } catch (error) {
      // Whoever has gone before the request was whole gets no answer.
      if (request.destroyed && !request.complete) return;
      log(error as Error);
      if (error instanceof DeliveryRefused) writeError(response, 422, 'DELIVERY_REFUSED', error.message);
      else writeError(response, 500, 'INTERNAL_SERVER_ERROR', 'Something went wrong in the department.');
    }
  };
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
}

async function answerDelivery<Transaction>(
  { request, response, body }: Exchange,
  { store, apply, receiver, receiptKey }: ReceiveOptions<Transaction>,
): Promise<void> {
  const delivery = readDelivery(body);
  if (!delivery) return writeError(response, 400, 'DELIVERY_MALFORMED', 'The body is no delivery.');
  const { idempotencyKey } = delivery;
  if (keyOf(request) !== idempotencyKey)
    return writeError(response, 400, 'DELIVERY_MALFORMED', 'The header idempotency-key is not the delivery’s.');
  const digest = hash('sha256', body);
  const rows = delivery.rows.length + delivery.removed.length;
  const known = await store.takeOnce({ idempotencyKey, digest, rows }, (transaction) => apply(delivery, transaction));
  if (known.digest !== digest)
    return writeError(response, 422, 'DELIVERY_CONFLICT', 'Another delivery was taken under this idempotency key.');
  const receipt = signReceipt({ receiver, idempotencyKey, digest, rows, takenAt: known.takenAt }, receiptKey);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(receipt));
}

function keyOf({ headers }: IncomingMessage): string | undefined {
  try {
    return itemText(parseItem(fieldValue(headers, 'idempotency-key') ?? '')[0]);
  } catch {
    return undefined;
  }
}
