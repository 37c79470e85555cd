import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { bulkhead, BulkheadRejectedError, TaskCancelledError, timeout, TimeoutStrategy, wrap } from 'cockatiel';
import { GraphQLError } from 'graphql';
import soap, { type Client } from 'soap';
import { systemBadAnswer, systemUnavailable } from '../kit/faults.ts';

export interface SoapSettings {
  /** Where the WSDL is read; requests go to the address it names. */
  wsdlUrl: string;
  /** For one call from its start to its answer, waiting and a first reading of the WSDL included. */
  timeoutMs: number;
}

/** A connection to the tax system that makes itself anew after a failure. */
export interface SoapConnection {
  /**
   * Calls one operation.
   * @returns the answer's element as plain objects, every value as text, unchecked
   * @throws GraphQLError SYSTEM_UNAVAILABLE, SYSTEM_BAD_ANSWER, or SYSTEM_REFUSED for a fault that is the caller's
   */
  call(operation: string, request: object): Promise<unknown>;
  close(): Promise<void>;
}

/** Options of one HTTP request, as the SOAP library hands them on. */
interface HttpOptions {
  signal: AbortSignal;
  maxContentLength: number;
  [option: string]: unknown;
}

/** Calls at the same time, and calls that may wait for one of them to end. */
const MAX_CALLS = 8;
const MAX_WAITING_CALLS = 200;
/** A hundred taxpayers with sixty months each are under 2 MiB. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** The library parses a WSDL that is none much slower than an answer: a megabyte of it takes seconds. */
const MAX_WSDL_BYTES = 256 * 1024;
/** How much of a fault's text is told. */
const MAX_FAULT_TEXT = 200;

/** Nothing is asked before the first call, so the department starts although its system is down. */
export function connectSoap({ wsdlUrl, timeoutMs }: SoapSettings): SoapConnection {
  // Aggressive: the caller is answered at the deadline whatever the library still waits for.
  const guard = wrap(timeout(timeoutMs, TimeoutStrategy.Aggressive), bulkhead(MAX_CALLS, MAX_WAITING_CALLS));
  const httpAgent = new Agent({ keepAlive: true });
  const httpsAgent = new SecureAgent({ keepAlive: true });
  const options = (signal: AbortSignal, maxContentLength: number): HttpOptions => {
    return { httpAgent, httpsAgent, signal, proxy: false, maxRedirects: 0, maxContentLength };
  };
  const clients = rememberWhileGood(() =>
    createClient(wsdlUrl, options(AbortSignal.timeout(timeoutMs), MAX_WSDL_BYTES)),
  );
  return {
    async call(operation, request) {
      const client = clients.get();
      try {
        return await guard.execute(async ({ signal }) =>
          callOperation(await client, operation, request, options(signal, MAX_ANSWER_BYTES)),
        );
      } catch (error) {
        const fault = readFault(error);
        if (fault) throw toldFault(fault, operation);
        // A system that comes back may be another one: its WSDL is read again.
        if (!(error instanceof BulkheadRejectedError)) clients.forget(client);
        throw explain(error, operation, timeoutMs);
      }
    },
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
      return Promise.resolve();
    },
  };
}

/** The library's own client looks for the envelope with a regular expression that takes minutes on hostile text. */
class PlainHttpClient extends soap.HttpClient {
  override handleResponse(_request: unknown, _response: unknown, body: unknown): unknown {
    return body;
  }
}

class UnreadableWsdlError extends Error {}

async function createClient(wsdlUrl: string, options: HttpOptions): Promise<Client> {
  const asText = (text: string): string => text;
  try {
    return await soap.createClientAsync(wsdlUrl, {
      httpClient: new PlainHttpClient(),
      disableCache: true,
      wsdl_options: options,
      // Left to itself the library reads "12abc" as 12 and "abc" as NaN.
      customDeserializer: { int: asText, decimal: asText, date: asText },
    });
  } catch (error) {
    const neverArrived = (error as NodeJS.ErrnoException).code !== undefined;
    throw neverArrived ? error : new UnreadableWsdlError('no WSDL', { cause: error });
  }
}

async function callOperation(
  client: Client,
  operation: string,
  request: object,
  options: HttpOptions,
): Promise<unknown> {
  const method: unknown = client[`${operation}Async`];
  if (typeof method !== 'function') throw new UnreadableWsdlError(`no ${operation} in the WSDL`);
  const [answer] = (await method.call(client, request, options)) as [unknown];
  return answer;
}

/** Makes a value when it is first needed, keeps it, and makes it anew once it failed or was forgotten. */
function rememberWhileGood<T>(make: () => Promise<T>): { get(): Promise<T>; forget(value: Promise<T>): void } {
  let current: Promise<T> | null = null;
  const forget = (value: Promise<T>): void => {
    if (current === value) current = null;
  };
  return {
    get() {
      if (current) return current;
      const made = make();
      made.catch(() => forget(made));
      current = made;
      return made;
    },
    forget,
  };
}

interface SoapFault {
  code: string;
  text: string;
}

/** The fault in an error of the SOAP library (SOAP 1.1, section 4.4), if it is one. */
function readFault(error: unknown): SoapFault | null {
  type FaultError = { root?: { Envelope?: { Body?: { Fault?: { faultcode?: unknown; faultstring?: unknown } } } } };
  const fault = (error as FaultError | null)?.root?.Envelope?.Body?.Fault;
  if (!fault) return null;
  return { code: String(fault.faultcode), text: String(fault.faultstring).slice(0, MAX_FAULT_TEXT) };
}

function toldFault({ code, text }: SoapFault, operation: string): GraphQLError {
  if (/\bServer\b/.test(code)) return systemUnavailable(`The tax system could not carry out ${operation}: ${text}.`);
  return new GraphQLError(`The tax system refused ${operation}: ${text}.`, { extensions: { code: 'SYSTEM_REFUSED' } });
}

function explain(error: unknown, operation: string, timeoutMs: number): GraphQLError {
  const { code, response } = error as { code?: unknown; response?: { status?: number } };
  if (error instanceof TaskCancelledError || code === 'ERR_CANCELED') {
    return systemUnavailable(`The tax system did not answer ${operation} within ${timeoutMs} ms.`, error);
  }
  if (error instanceof UnreadableWsdlError) {
    return systemBadAnswer('The tax system gives no WSDL that can be read.', error);
  }
  if (error instanceof BulkheadRejectedError) {
    return systemUnavailable('Too many requests wait for the tax system already; try again.', error);
  }
  if (typeof code === 'string' && /^E(?!RR_)/.test(code)) {
    return systemUnavailable(`The tax system cannot be reached (${code}).`, error);
  }
  const status = response?.status ?? 200;
  // 500 is the status of faults (SOAP 1.1, section 6.2): without one in it, it is an answer that cannot be read.
  if (status > 500) {
    return systemUnavailable(`The tax system cannot answer ${operation} now (HTTP ${status}).`, error);
  }
  return systemBadAnswer(`The tax system's answer to ${operation} cannot be read.`, error);
}
