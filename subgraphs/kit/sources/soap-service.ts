import { StartError } from '../program.ts';
import { UnreadableAnswer, type HttpConnection } from './http-connection.ts';
import type { Deadline } from './pause.ts';
import type { ParameterValues } from './service-parameters.ts';
import type { ServiceAnswer, ServicePort, ServiceRequest } from './service-reading.ts';
import { readEnvelope, writeEnvelope } from './soap-envelope.ts';
import { WsdlDocument, type SoapOperation } from './wsdl-document.ts';

export interface SoapParts {
  document: WsdlDocument;
  connection: HttpConnection;
  holds: string;
  /** Where it is; or the address of a WSDL that says so, which is read when it is needed and again after a failure. */
  address: { is: URL } | { isSaidBy: URL };
}

/** A WSDL that is longer than this is not looked through for an address. */
const MAX_WSDL_CHARACTERS = 1_048_576;

/** A SOAP service: what is asked and answered stands in envelopes. */
export function soapService({ document, connection, holds, address }: SoapParts): ServicePort {
  const place = placeOf(connection, address);
  const pathOf = ({ operation, values }: ServiceRequest): string =>
    JSON.stringify([operation.name, [...(values as ReadonlyMap<string, unknown>)]]);
  return {
    url: 'is' in address ? address.is : address.isSaidBy,
    counts: connection.counts,
    pathOf,
    async ask({ operation, values }, deadline) {
      const at = place.find(operation.name, deadline);
      try {
        const { origin, pathname, search } = await at;
        const request = { operation: operation.name, origin, path: `${pathname}${search}` };
        const said = saidIn(document, document.soap(operation.name), values);
        const reader = {
          statuses: ANSWERED,
          read: ({ text }: { text: string }): ServiceAnswer => ({
            isAbsent: false,
            body: readEnvelope(document, operation, { text, holds }),
            link: undefined,
          }),
        };
        return await connection.ask({ ...request, ...said }, reader, deadline);
      } catch (error) {
        place.forget(at);
        throw error;
      }
    },
    close: () => connection.close(),
  };
}

/** Faults have status 500 (SOAP 1.1, section 6.2), in 1.2 also 400. */
const ANSWERED = [200, 400, 500];

function saidIn(document: WsdlDocument, soap: SoapOperation, values: ParameterValues) {
  const body = writeEnvelope(document, soap, values);
  const headers =
    soap.version === '1.1'
      ? { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${soap.action}"` }
      : { 'content-type': `application/soap+xml; charset=utf-8; action="${soap.action}"` };
  return { method: 'POST' as const, headers, body };
}

/** Where the service is, as it was last found. */
interface Place {
  find(operation: string, deadline: Deadline): Promise<URL>;
  /** Looks for it anew when it is needed next. */
  forget(found: Promise<URL>): void;
}

function placeOf(connection: HttpConnection, address: SoapParts['address']): Place {
  if ('is' in address) return { find: () => Promise.resolve(address.is), forget() {} };
  let current: Promise<URL> | undefined;
  return {
    find(operation, deadline) {
      current ??= readAddress(connection, { wsdl: address.isSaidBy, operation, deadline });
      return current;
    },
    forget(found) {
      if (current === found) current = undefined;
    },
  };
}

function readAddress(
  connection: HttpConnection,
  { wsdl, operation, deadline }: { wsdl: URL; operation: string; deadline: Deadline },
): Promise<URL> {
  const path = `${wsdl.pathname}${wsdl.search}`;
  const request = { operation, method: 'GET' as const, origin: wsdl.origin, path, headers: { accept: 'text/xml' } };
  return connection.ask(request, { statuses: [200], read: ({ text }) => addressIn(text, wsdl) }, deadline);
}

function addressIn(text: string, from: URL): URL {
  if (text.length > MAX_WSDL_CHARACTERS) throw new UnreadableAnswer('its WSDL is too large');
  try {
    const found = URL.parse(new WsdlDocument(text, 'it').address ?? '', from);
    if (found?.protocol === 'http:' || found?.protocol === 'https:') return found;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new UnreadableAnswer('what should be its WSDL is none', error);
  }
  throw new UnreadableAnswer('its WSDL does not say where it is');
}
