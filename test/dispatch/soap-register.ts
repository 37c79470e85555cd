import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import soap from 'soap';
import { childrenOf, parseXml, type XmlElement } from '../../subgraphs/kit/sources/xml-tree.ts';
import type { ReceivedRow } from './receiver-contract.ts';

/** A register of enterprises as a SOAP service, which is told of many at once, or of one. */
export const REGISTER_WSDL = (url: string): string => `<?xml version="1.0"?>
<definitions name="Register" targetNamespace="urn:register" xmlns:w="urn:register" xmlns:t="urn:register:types"
  xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns="http://schemas.xmlsoap.org/wsdl/">
  <types><x:schema targetNamespace="urn:register:types" elementFormDefault="qualified">
    <x:complexType name="Entry"><x:sequence>
      <x:element name="uscc" type="x:string"/><x:element name="name" type="x:string" minOccurs="0"/>
      <x:element name="headcount" type="x:double" minOccurs="0"/><x:element name="isActive" type="x:boolean" minOccurs="0"/>
      <x:element name="labels" type="x:string" minOccurs="0"/>
    </x:sequence></x:complexType>
    <x:complexType name="Gone"><x:sequence><x:element name="uscc" type="x:string"/></x:sequence></x:complexType>
    <x:element name="Take"><x:complexType><x:sequence>
      <x:element name="head"><x:complexType><x:sequence>
        <x:element name="id" type="x:string"/><x:element name="of" type="x:string"/><x:element name="run" type="x:int"/>
        <x:element name="isLast" type="x:boolean"/><x:element name="content" type="x:string"/>
      </x:sequence></x:complexType></x:element>
      <x:element name="entry" type="t:Entry" minOccurs="0" maxOccurs="unbounded"/>
      <x:element name="gone" type="t:Gone" minOccurs="0" maxOccurs="unbounded"/>
    </x:sequence></x:complexType></x:element>
    <x:element name="TakeOne"><x:complexType><x:sequence>
      <x:element name="USCC" type="x:string"/><x:element name="NAME" type="x:string"/>
    </x:sequence></x:complexType></x:element>
    <x:element name="Forget" type="t:Gone"/>
    <x:element name="Taken"><x:complexType><x:sequence/></x:complexType></x:element>
  </x:schema></types>
  ${OPERATIONS('message')}
  <portType name="Port">${OPERATIONS('declared')}</portType>
  <binding name="Binding" type="w:Port"><s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    ${OPERATIONS('bound')}</binding>
  <service name="Register"><port name="Port" binding="w:Binding"><s:address location="${url}"/></port></service>
</definitions>`;

function OPERATIONS(part: 'message' | 'declared' | 'bound'): string {
  const body = '<s:body use="literal"/>';
  const texts = ['Take', 'TakeOne', 'Forget'].map((name) => ({
    message: `<message name="${name}In"><part name="body" element="t:${name}"/></message><message name="${name}Out"><part name="body" element="t:Taken"/></message>`,
    declared: `<operation name="${name}"><input message="w:${name}In"/><output message="w:${name}Out"/></operation>`,
    bound: `<operation name="${name}"><s:operation soapAction="urn:${name}"/><input>${body}</input><output>${body}</output></operation>`,
  }));
  return texts.map((text) => text[part]).join('');
}

/** How a test stands in the way. */
export interface InTheWay {
  before?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
}

/** Serves `Take`, which knows messages by their ids and refuses another one of a known id. */
export async function serveRegister() {
  const rows = new Map<string, { of: string; run: string; row: ReceivedRow }>();
  const known = new Map<string, string>();
  const inTheWay: InTheWay = {};
  const ids: string[] = [];
  const server = createServer((request, response) => {
    if (inTheWay.before) return inTheWay.before(request, response);
    return void textOf(request).then((text) => {
      const { id, taken } = readTake(text);
      ids.push(messageIdOf(text));
      const isKnown = known.has(id);
      if (isKnown && known.get(id) !== bodyOf(text)) return answer(response, FAULT('Client'), 500);
      if (!isKnown) apply(taken, rows);
      known.set(id, bodyOf(text));
      return answer(response, '<Taken xmlns="urn:register:types"/>');
    });
  });
  const url = await listen(server);
  return {
    url,
    inTheWay,
    ids,
    rowsOf: (of: string): ReceivedRow[] => [...rows.values()].filter((each) => each.of === of).map(({ row }) => row),
    snapshot: (): unknown => structuredClone([...rows]),
    close: () => closeServer(server),
  };
}

/** Serves `TakeOne` and `Forget` by a library of its own. */
export async function serveSingly() {
  const calls: { call: string; told: unknown; messageId: unknown }[] = [];
  let failing = 0;
  const server = createServer((_, response) => response.writeHead(404).end());
  const url = await listen(server);
  const noting = (call: string) => (told: unknown, _: unknown, headers: Record<string, unknown>) => {
    if (failing-- > 0) throw new Error('no room');
    calls.push({ call, told, messageId: headers['MessageID'] });
    return {};
  };
  const services = { Register: { Port: { TakeOne: noting('TakeOne'), Forget: noting('Forget') } } };
  soap.listen(server, { path: '/register', services, xml: REGISTER_WSDL(url) });
  return {
    url,
    calls,
    /** From which call on one fails, counted from 0. */
    failOnce: () => void (failing = 1),
    close: () => closeServer(server),
  };
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/register`;
}

async function closeServer(server: ReturnType<typeof createServer>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

interface Take {
  of: string;
  run: string;
  isEnd: boolean;
  entries: ReceivedRow[];
  gone: string[];
}

function readTake(text: string): { id: string; taken: Take } {
  const take = childrenOf(childrenOf(parseXml(text), 'Body')[0]!, 'Take')[0]!;
  const [head] = childrenOf(take, 'head');
  const of = (name: string): string => childrenOf(head!, name)[0]!.text;
  const isEnd = of('isLast') === 'true' && of('content') === 'full';
  const gone = childrenOf(take, 'gone').map((each) => childrenOf(each, 'uscc')[0]!.text);
  const taken = { of: of('of'), run: of('run'), isEnd, entries: childrenOf(take, 'entry').map(readEntry), gone };
  return { id: of('id'), taken };
}

function readEntry(entry: XmlElement): ReceivedRow {
  const of = (name: string): string | null => childrenOf(entry, name)[0]?.text ?? null;
  const [headcount, isActive] = [of('headcount'), of('isActive')];
  return {
    ...{ uscc: of('uscc'), name: of('name'), tags: of('labels') },
    headcount: headcount === null ? null : Number(headcount),
    isActive: isActive === null ? null : isActive === 'true',
  };
}

function apply(
  { of, run, isEnd, entries, gone }: Take,
  rows: Map<string, { of: string; run: string; row: ReceivedRow }>,
): void {
  for (const row of entries) rows.set(`${of} ${String(row['uscc'])}`, { of, run, row });
  for (const uscc of gone) rows.delete(`${of} ${uscc}`);
  if (isEnd) for (const [key, each] of rows) if (each.of === of && each.run !== run) rows.delete(key);
}

function bodyOf(text: string): string {
  return text.slice(text.indexOf('<soap:Body>'));
}

function messageIdOf(text: string): string {
  return childrenOf(childrenOf(parseXml(text), 'Header')[0]!, 'MessageID')[0]!.text;
}

/** A fault of SOAP 1.1. */
export const FAULT = (code: string): string =>
  `<s:Fault xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>s:${code}</faultcode><faultstring>hunter2</faultstring></s:Fault>`;

/** Answers with an envelope. */
export function answer(response: ServerResponse, inside: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(
    `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${inside}</e:Body></e:Envelope>`,
  );
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
