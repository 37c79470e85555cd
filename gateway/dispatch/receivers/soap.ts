import { readFileSync } from 'node:fs';
import { WsdlDocument, type SoapOperation } from '../../../subgraphs/kit/sources/wsdl-document.ts';
import { ConfigError } from '../../config/config.ts';
import { safeUrl } from '../../config/units.ts';
import type { ReceiverConfigOf } from '../../config/dispatch-receivers.ts';
import {
  DeliveryError,
  receiptFor,
  withinSignal,
  type DeliveredValue,
  type Delivery,
  type DeliveryColumn,
  type Receiver,
} from '../delivery.ts';
import { authorisation, openHttpPost } from './http-post.ts';
import { keyColumnsOf } from './record-text.ts';
import { checkAnswer } from './soap-answer.ts';
import { soapEnvelope, type ElementTexts, type SoapMessage } from './soap-message.ts';

type Settings = ReceiverConfigOf<'soap'>;

/** A message and the operation that is told it. */
interface Call {
  readonly operation: SoapOperation;
  readonly message: SoapMessage;
  /** The same when the call is made again, and another for every other call. */
  readonly id: string;
}

/**
 * Calls a SOAP service with what is delivered, in the words of its WSDL.
 *
 * That a call takes effect once is the service's to see to: one made again has the `wsa:MessageID` of the first time. Of several calls,
 * one for each row, all are made again where one of them failed. Its receipt is the gateway's, and says when it was answered.
 *
 * @throws ConfigError where the WSDL cannot be read or has no such operation
 */
export function openSoap(settings: Settings): Receiver {
  const wsdl = new Wsdl(settings);
  const { url } = wsdl;
  const description = `operation ${settings.operation} of the SOAP service ${url.origin}${url.pathname}`;
  const post = openHttpPost(url.href, settings.caFile);
  const envelopeOf = ({ operation, message, id }: Call): string =>
    soapEnvelope(wsdl.document, operation, { message, addressing: { messageId: id, to: url.href } });
  return {
    description,
    async deliver(delivery, signal) {
      // What does not fit is found before anything is said.
      const calls = wsdl.callsFor(delivery).map((call) => ({ operation: call.operation, envelope: envelopeOf(call) }));
      for (const { operation, envelope } of calls) {
        const headers = { ...contentHeaders(operation), ...authorisation(settings.authorizationFile) };
        checkAnswer(await withinSignal(post.send(headers, envelope, signal), signal), operation.output);
      }
      return receiptFor(delivery, description);
    },
    close: () => post.close(),
  };
}

function contentHeaders({ version, action }: SoapOperation): Record<string, string> {
  return version === '1.1'
    ? { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${action}"` }
    : { 'content-type': `application/soap+xml; charset=utf-8; action="${action}"` };
}

/** What of a WSDL the settings name. */
class Wsdl {
  readonly document: WsdlDocument;
  readonly url: URL;
  readonly #settings: Settings;
  readonly #operation: SoapOperation;
  readonly #removal: SoapOperation | undefined;

  constructor(settings: Settings) {
    const { wsdl, operation, removalOperation } = settings;
    this.#settings = settings;
    try {
      this.document = new WsdlDocument(readFileSync(wsdl, 'utf8'), wsdl);
      this.#operation = operationNamed(this.document, operation);
      this.#removal = removalOperation === undefined ? undefined : operationNamed(this.document, removalOperation);
    } catch (error) {
      throw new ConfigError(`The WSDL of a receiver cannot be used: ${(error as Error).message}`, { cause: error });
    }
    const url = settings.url ?? this.document.address ?? '';
    if (!safeUrl.safeParse(url).success)
      throw new ConfigError(`The WSDL ${wsdl} names the address "${url}", which is not https: set the receiver's url.`);
    this.url = new URL(url);
  }

  /** One for each row, or one for all. @throws DeliveryError DELIVERY_UNFIT */
  callsFor(delivery: Delivery): Call[] {
    const { rowElement, removedElement } = this.#settings;
    const own = this.#ownTexts(delivery);
    const rows = delivery.rows.map((row) => this.#rowTexts(delivery.columns, row));
    const removed = delivery.removed.map((row) => this.#rowTexts(keyColumnsOf(delivery), row));
    const id = `switchyard:${delivery.idempotencyKey.split(':').map(encodeURIComponent).join(':')}`;
    if (removed.length > 0 && (rowElement === undefined ? this.#removal : removedElement) === undefined)
      throw new DeliveryError(
        'DELIVERY_UNFIT',
        `Rows are no more, and the receiver has no ${rowElement === undefined ? 'removalOperation' : 'removedElement'}.`,
      );
    if (rowElement !== undefined) {
      const lists = new Map([[rowElement, rows]]);
      if (removedElement !== undefined) lists.set(removedElement, removed);
      return [{ operation: this.#operation, message: { texts: own, lists }, id }];
    }
    const callWith = (operation: SoapOperation, texts: ElementTexts, nth: string): Call => {
      const message = { texts: new Map([...own, ...texts]), lists: new Map<string, never>() };
      return { operation, message, id: `${id}:${nth}` };
    };
    return [
      ...rows.map((texts, at) => callWith(this.#operation, texts, `${at + 1}`)),
      ...removed.map((texts, at) => callWith(this.#removal!, texts, `removed:${at + 1}`)),
    ];
  }

  #ownTexts({ idempotencyKey, dispatch, run, part, isLast, content }: Delivery): ElementTexts {
    const own = { idempotencyKey, dispatch, run, part, isLast, content };
    const named = Object.entries(own).map(([name, value]): [string, string] => [`$${name}`, String(value)]);
    const known = new Map(named);
    return new Map(
      Object.entries(this.#settings.elements).flatMap(([path, source]): [string, string][] =>
        known.has(source) ? [[path, known.get(source)!]] : [],
      ),
    );
  }

  /** Null is no element. */
  #rowTexts(columns: readonly DeliveryColumn[], row: readonly DeliveredValue[]): ElementTexts {
    const { elements } = this.#settings;
    const texts = columns.flatMap(({ name }, at): [string, string][] => {
      const value = row[at] ?? null;
      if (value === null) return [];
      const paths = Object.keys(elements).filter((path) => elements[path] === name);
      return (paths.length > 0 ? paths : [name]).map((path) => [path, String(value)]);
    });
    return new Map(texts);
  }
}

function operationNamed(document: WsdlDocument, name: string): SoapOperation {
  const found = document.operation(name);
  if (!found) {
    const names = document.operations.map((each) => each.name).join(', ');
    throw new Error(`it has no operation ${name} (there is ${names})`);
  }
  return document.soap(name);
}
