import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { Misfit } from '../../subgraphs/kit/misfit.ts';
import type { RecordSource } from '../../subgraphs/kit/record-source.ts';
import { soapKind } from '../../subgraphs/kit/sources/soap.ts';
import { closingAfterEach, serveBare, temporaryFolder } from '../kit/department.ts';
import { contractOf } from './contract.ts';
import { serveStationSoap, stationWsdl } from './station-soap.ts';

const closing = closingAfterEach();
const SOAP_1_1 = 'http://schemas.xmlsoap.org/soap/envelope/';
const SOAP_1_2 = 'http://www.w3.org/2003/05/soap-envelope';
const inTime = { signal: new AbortController().signal };
const CONTEXT = { department: 'test', holds: 'register of stations', remedy: '', folder: '/', nameOf: String };

contractOf('a SOAP service', async () => {
  const service = await serveStationSoap();
  const counted = {
    list: 'ListCounts',
    get: 'GetCount',
    parameters: { 'of.station': 'station', 'of.day': 'day' },
  };
  return {
    source: await open(`${service.url}?wsdl`, { counted }),
    names: { station: 'ListStations', counted: 'counted', copied: 'ListCopies' },
    asked: () => service.requests(),
    remove: () => service.close(),
  };
});

test('values that are nothing, and values that break the WSDL’s promise, are told apart', async () => {
  const { source } = await over(
    '<total>2</total>' +
      '<station><id>S1</id><name>A &amp; B</name><lines>-1</lines><opened>soon</opened></station>' +
      '<station><id>S2</id><name/><lines xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/></station>',
  );
  expect(await all(source)).toEqual([
    {
      ...{ id: 'S1', name: 'A & B', district: null, lines: new Misfit('a number not below 0') },
      opened: new Misfit(String.raw`a text such as ^-?\d{4,}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2})?$`),
    },
    { id: 'S2', name: '', district: null, lines: null, opened: null },
  ]);
});

const BILLION_LAUGHS = `<!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from({ length: 10 }, (_, at) => {
  const inner = at === 0 ? '&lol;' : `&lol${at - 1};`;
  return `<!ENTITY lol${at} "${inner.repeat(10)}">`;
}).join('')}]>`;
const SECRETS = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>';

test.each([
  ['a billion laughs', `${BILLION_LAUGHS}<a>&lol9;</a>`, 'it declares types of its own (DOCTYPE)'],
  ['an entity that is a file', `${SECRETS}<a>&b;</a>`, 'it declares types of its own (DOCTYPE)'],
  ['an entity that nobody declared', '<a>&b;</a>', 'it is no XML'],
  ['elements in elements without end', '<a>'.repeat(50_000), 'it has more than 100 elements in each other'],
  ['elements without end', `<a>${'<b/>'.repeat(400_000)}</a>`, 'it has more than 200000 elements'],
  ['an answer that is too large', `<a>${' '.repeat(3_000_000)}</a>`, 'it is too large'],
  ['an envelope with another answer', envelope('<Weather xmlns="urn:stations:types"/>'), 'it is no ListStationsAnswer'],
  ['an answer of another namespace', envelope('<ListStationsAnswer/>'), 'it is no ListStationsAnswer'],
  ['an answer that miscounts', answer('<total>2</total>'), 'it says that it has 2 records and has 0'],
  ['an answer without its count', answer(''), 'it has no total'],
  ['a count that is none', answer('<total>many</total>'), 'its total must be a whole number'],
])('%s is named, and soon', async (_, text, reason) => {
  const { source } = await over(text);
  const started = performance.now();
  await expect(all(source)).rejects.toMatchObject({
    message: expect.stringContaining(
      `The answer of the register of stations to ListStations cannot be read: ${reason}`,
    ),
    extensions: { code: 'SYSTEM_BAD_ANSWER' },
  });
  expect(performance.now() - started).toBeLessThan(2_000);
});

test.each([
  ['soap:Server', 'SYSTEM_UNAVAILABLE', 'The register of stations could not carry out ListStations: S-1: closed.'],
  ['soap:Client', 'SYSTEM_REFUSED', 'The register of stations refused ListStations: S-1: closed.'],
])('a fault of %s is told with its own words', async (code, extension, message) => {
  const fault = `<s:Fault><faultcode>${code}</faultcode><faultstring>S-1: closed</faultstring></s:Fault>`;
  const { source } = await over((_, response) => response.writeHead(500).end(envelope(fault)));
  await expect(all(source)).rejects.toMatchObject({ message, extensions: { code: extension } });
});

test('SOAP 1.2 has an envelope, a type and faults of its own', async () => {
  const types: unknown[] = [];
  const bodies: string[] = [];
  const text = '<s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text>closed</s:Text></s:Reason>';
  const listener: RequestListener = (request, response) => {
    types.push(request.headers['content-type']);
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
    request.on('end', () =>
      response.writeHead(500).end(envelope(`<s:Fault>${text}</s:Fault>`).replace(SOAP_1_1, SOAP_1_2)),
    );
  };
  const { source } = await over(listener, (wsdl) => wsdl.replaceAll('wsdl/soap/', 'wsdl/soap12/'));
  await expect(all(source)).rejects.toThrow('The register of stations could not carry out ListStations: closed.');
  expect(types).toEqual(['application/soap+xml; charset=utf-8; action="urn:ListStations"']);
  expect(bodies.join('')).toContain(`<soap:Envelope xmlns:soap="${SOAP_1_2}">`);
});

test('what is asked cannot say more than it is', async () => {
  const bodies: string[] = [];
  const { source } = await over((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString())).on('end', () => response.end(answer('')));
  });
  await source.describe('ListCounts');
  const keys = [['</station><station>S2'], ['a\u0000b'], ['S1&amp;']];
  const question = {
    collection: 'ListCounts',
    select: ['day'],
    keyColumns: ['station'],
    keys,
    where: [],
    orderBy: [],
    first: 1,
  };
  await expect(source.related(question, inTime)).rejects.toThrow('it is no ListCountsAnswer');
  expect(bodies.join('')).toContain(
    '<ListCounts xmlns="urn:stations:types"><station>&lt;/station&gt;&lt;station&gt;S2</station><station>S1&amp;amp;</station></ListCounts>',
  );
});

test.each([
  ['<html/>', 'is no WSDL of version 1.1'],
  ['{}', 'is no WSDL: it is no XML'],
  [`${BILLION_LAUGHS}<a>&lol9;</a>`, 'is no WSDL: it declares types of its own (DOCTYPE)'],
  [stationWsdl('x').replaceAll('wsdl/soap/', 'wsdl/http/'), 'has no port of SOAP over HTTP'],
])('the WSDL %.20s… is refused in one line', async (text, line) => {
  const folder = closing(temporaryFolder());
  writeFileSync(folder.file('a.wsdl'), text);
  await expect(open(folder.file('a.wsdl'))).rejects.toThrow(line);
});

test.each([
  [
    stationWsdl('http://x/', 'rpc'),
    'ListStations cannot be asked: it is of style rpc, and only document/literal is known',
  ],
  [
    stationWsdl('http://x/').replace('<x:element name="ListStations">', '<x:element name="Other">'),
    'ListStations cannot be asked: the WSDL has no element {urn:stations:types}ListStations; schemas that it imports must stand in it',
  ],
])('an operation that cannot be asked is refused with its reason', async (text, line) => {
  const folder = closing(temporaryFolder());
  writeFileSync(folder.file('a.wsdl'), text);
  const source = closing(await open(folder.file('a.wsdl')));
  await expect(source.describe('ListStations')).rejects.toThrow(line);
});

/** The stations' WSDL, with another service behind it. */
async function over(answered: string | RequestListener, change: (wsdl: string) => string = String) {
  const listener: RequestListener = (_, response) => {
    const text = String(answered);
    response.end(text.startsWith('<total>') ? answer(text) : text);
  };
  const service = closing(await serveBare(typeof answered === 'string' ? listener : answered));
  const folder = closing(temporaryFolder());
  writeFileSync(folder.file('stations.wsdl'), change(stationWsdl(service.url)));
  const source = closing(await open(folder.file('stations.wsdl'), {}, { maxAnswerBytes: 2_000_000 }));
  await source.describe('ListStations');
  return { source };
}

function envelope(inside: string): string {
  return `<s:Envelope xmlns:s="${SOAP_1_1}"><s:Body>${inside}</s:Body></s:Envelope>`;
}

function answer(inside: string): string {
  return envelope(`<ListStationsAnswer xmlns="urn:stations:types">${inside}</ListStationsAnswer>`);
}

function all(source: RecordSource) {
  const select = ['id', 'name', 'district', 'lines', 'opened'];
  const question = { collection: 'ListStations', select, where: [], after: null, first: 100 };
  return source.page({ ...question, orderBy: [{ column: 'id', descending: false }] }, inTime);
}

function open(document: string, collections: object = {}, more: object = {}): Promise<RecordSource> {
  const context = { ...CONTEXT, collections: new Map() };
  return soapKind.open(soapKind.settings.parse({ document, collections, ...more }) as never, context);
}
