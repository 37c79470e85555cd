import { NO_PURPOSE, NOBODY } from '../../caller.ts';
import { ConfigError } from '../../config/config.ts';
import type { ReceiverConfigOf } from '../../config/dispatch-receivers.ts';
import { textItem } from '../../fetch/signing-fields.ts';
import type { SigningKey } from '../../fetch/signing-key.ts';
import { signRequests } from '../../fetch/signing.ts';
import { canonicalText, DeliveryError, withinSignal, type Delivery, type Receiver } from '../delivery.ts';
import { authorisation, openHttpPost, statusError, type PostAnswer } from './http-post.ts';
import { readReceipt, readReceiptKeys } from './receipt-check.ts';
import { saidBy } from './said-by.ts';

/**
 * Posts deliveries as canonical JSON, signed as requests to departments are (RFC 9421), each with its `idempotency-key`
 * (draft-ietf-httpapi-idempotency-key-header). Whoever takes one answers with a receipt, as `receiveDeliveries` of the kit does.
 *
 * @throws ConfigError where there is no key to sign with, or a file cannot be read
 */
export function openWebhook(settings: ReceiverConfigOf<'webhook'>, signingKey: SigningKey | undefined): Receiver {
  if (!signingKey) throw new ConfigError('A webhook needs a key to sign what it sends: set it as signing.keyFile.');
  const url = new URL(settings.url);
  const sign = signRequests(signingKey, url);
  const receiptKeys = settings.receiptKeyFile === undefined ? undefined : readReceiptKeys(settings.receiptKeyFile);
  const post = openHttpPost(url.href, settings.caFile);
  return {
    description: `webhook ${url.origin}${url.pathname}`,
    async deliver(delivery, signal) {
      const body = canonicalText(delivery);
      const more = { 'idempotency-key': textItem(delivery.idempotencyKey) };
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json',
        ...authorisation(settings.authorizationFile),
        ...sign(body, onBehalfOf(delivery), more),
      };
      const answer = await withinSignal(post.send(headers, body, signal), signal);
      if (answer.status >= 200 && answer.status < 300) return readReceipt(answer.text, delivery, receiptKeys);
      const said = saidBy(answer, secretsOf(delivery, headers, url));
      throw isConflict(answer) ? new DeliveryError('DELIVERY_CONFLICT', '', { said }) : statusError(answer, said);
    },
    close: () => post.close(),
  };
}

/** The whole that the delivery is a part of; for whom it is, the receiver knows itself. */
function onBehalfOf({ queryGroupId, idempotencyKey }: Delivery) {
  const caller = { identity: NOBODY.identity, purpose: { ...NO_PURPOSE, queryGroupId } };
  return { caller, queryId: idempotencyKey };
}

/**
 * What a receiver would tell that gives back what it was sent. The signature's bytes, the credential and the values of the address's query
 * are looked for without what stands around them.
 */
function secretsOf({ idempotencyKey }: Delivery, headers: Readonly<Record<string, string>>, url: URL): string[] {
  const { signature = '', authorization = '' } = headers;
  const asWritten = url.search.split(/[?&]/).map((pair) => pair.slice(pair.indexOf('=') + 1));
  return [
    ...[idempotencyKey, signature.replace(/^[^:]*:|:$/g, ''), authorization.replace(/^\S+\s+/, '')],
    ...[...asWritten, ...url.searchParams.values()],
  ];
}

/** The kit says so, as the draft has it: the key was used for something else. */
function isConflict({ status, text }: PostAnswer): boolean {
  return status === 422 && /"code"\s*:\s*"DELIVERY_CONFLICT"/.test(text);
}
