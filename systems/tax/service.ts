import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';
import soap, { type ISoapFault11, type Server as SoapServer } from 'soap';
import type { RunningProgram } from '../../subgraphs/kit/program.ts';
import { listen, readRequired, type ServiceEnvironment } from '../kit/service.ts';
import { openSqliteFile } from '../kit/sqlite-file.ts';
import { createTaxRegister, RegisterFault, type TaxRegister } from './register.ts';

/** What `GET /stats` of the tax system answers. */
export interface TaxSystemStats {
  /** SOAP requests received since the start, refused ones included; reading the WSDL is not one. */
  requests: number;
}

/** The running tax system; its `url` is that of the WSDL. */
export interface RunningTaxSystem extends RunningProgram {
  stats: Readonly<TaxSystemStats>;
}

/** A hundred taxpayer numbers in an envelope are about 8 KiB. */
const MAX_BODY_BYTES = 64 * 1024;
const WSDL = readFileSync(new URL('tax.wsdl', import.meta.url), 'utf8');
/** The address written in the WSDL file; callers are told the one they came by. */
const WSDL_ADDRESS = 'http://localhost:4207/soap';
const NOT_UNDERSTOOD = 'TX-100: the request is not a SOAP 1.1 envelope with an operation of this register';

/**
 * Starts the tax bureau's own system: SOAP 1.1 at `/soap`, its WSDL at `/soap?wsdl`, counts at `/stats`.
 *
 * @param env `TAX_DATABASE_FILE` (required; made by `seedTax`), `PORT` (default 4207), `HOST` (default `127.0.0.1`)
 * @throws StartError when a setting or the store is wrong
 */
export async function startTaxSystem(env: ServiceEnvironment): Promise<RunningTaxSystem> {
  const database = openSqliteFile(readRequired(env, 'TAX_DATABASE_FILE', "the path of the tax system's store"));
  try {
    const stats: TaxSystemStats = { requests: 0 };
    const app = createApp(await createSoapServer(createTaxRegister(database)), stats);
    app.addHook('onClose', () => database.close());
    const { url, close } = await listen(app, env, 4207);
    return { url: `${url}/soap?wsdl`, stats, close };
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

function createApp(server: SoapServer, stats: TaxSystemStats) {
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, requestTimeout: 10_000, forceCloseConnections: 'idle' });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('text/xml', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.get('/stats', () => stats);
  app.get('/soap', (request, reply) => {
    const isName = /^[\w.:[\]-]+$/.test(request.host);
    reply.type('text/xml; charset=utf-8');
    return isName ? WSDL.replace(WSDL_ADDRESS, `http://${request.host}/soap`) : WSDL;
  });
  app.post('/soap', async (request, reply) => {
    stats.requests += 1;
    const { body, statusCode } = await answer(server, String(request.body), request.headers['soapaction']);
    return reply.code(statusCode).type('text/xml; charset=utf-8').send(body);
  });
  return app;
}

async function answer(server: SoapServer, xml: string, action: unknown): Promise<{ body: string; statusCode: number }> {
  const headers = typeof action === 'string' ? { soapaction: action } : {};
  const response = await server.processRequest(xml, { url: '/soap', headers });
  // What the SOAP library refuses by itself it tells in SOAP 1.2 or as plain text with its own internals.
  if (response.statusCode !== 200 && !response.body.includes('<faultstring>TX-')) {
    return { statusCode: 500, body: faultEnvelope(NOT_UNDERSTOOD) };
  }
  return response;
}

function createSoapServer(register: TaxRegister): Promise<SoapServer> {
  const operations = {
    GetTaxpayers: refuseWithFault(register.GetTaxpayers),
    GetFilings: refuseWithFault(register.GetFilings),
    GetInvoiceMonths: refuseWithFault(register.GetInvoiceMonths),
    GetStatistics: refuseWithFault(register.GetStatistics),
  };
  return new Promise((resolve, reject) => {
    const options = {
      path: '/soap',
      services: { TaxRegister: { TaxRegisterSoap: operations } },
      xml: WSDL,
      returnFault: true,
      suppressStack: true,
      // Left to itself the library reads "3abc" as 3.
      customDeserializer: { int: (text: string) => text },
      callback: (error: Error | null | undefined, server: SoapServer) => (error ? reject(error) : resolve(server)),
    };
    void soap.createServerless(options).catch(reject);
  });
}

function refuseWithFault<Answer>(operation: (request: unknown) => Answer): (request: unknown) => Answer {
  return (request) => {
    try {
      return operation(request);
    } catch (error) {
      throw Object.assign(new Error('refused'), { Fault: toFault(error) });
    }
  };
}

function toFault(error: unknown): ISoapFault11 {
  if (error instanceof RegisterFault) return { faultcode: 'soap:Client', faultstring: error.message, statusCode: 500 };
  console.error(`tax system: ${String(error)}`);
  return { faultcode: 'soap:Server', faultstring: 'TX-900: the register cannot be read', statusCode: 500 };
}

function faultEnvelope(reason: string): string {
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>' +
    `<faultcode>soap:Client</faultcode><faultstring>${reason}</faultstring>` +
    '</soap:Fault></soap:Body></soap:Envelope>'
  );
}
