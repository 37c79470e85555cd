import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import soap from 'soap';
import { textOf } from '../../subgraphs/kit/record-source.ts';
import { COUNTS, STATIONS } from './stations.ts';

/** The stations of the contract suite as a SOAP service, as its WSDL below says. */
export async function serveStationSoap(): Promise<{ url: string; requests(): number; close(): Promise<void> }> {
  const server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stations`;
  let requests = 0;
  const counting =
    (answer: (request: never) => object) =>
    (request: unknown): object => {
      requests += 1;
      return answer(request as never);
    };
  const port = {
    ListStations: counting(() => ({ total: STATIONS.length, station: STATIONS.map(withoutNulls) })),
    ListCopies: counting(() => ({ station: [...STATIONS, ...STATIONS].map(withoutNulls) })),
    ListCounts: counting(({ station }: { station: string[] }) => ({
      count: COUNTS.filter((row) => station.includes(textOf(row['station']!))),
    })),
    GetCount: counting(({ of }: { of: { station: string; day: string } }) => ({
      count: COUNTS.find((row) => row['station'] === of.station && row['day'] === of.day),
    })),
  };
  // Left to itself the library makes times of days.
  const customDeserializer = { date: (text: string) => text };
  const services = { Stations: { StationsSoap: port } };
  const options = { path: '/stations', services, xml: stationWsdl(url), customDeserializer };
  soap.listen(server, options);
  return {
    url,
    requests: () => requests,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function withoutNulls(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}

const OPERATIONS = ['ListStations', 'ListCopies', 'ListCounts', 'GetCount'];

/** What the service says of itself. */
export function stationWsdl(url: string, style = 'document'): string {
  const messages = OPERATIONS.map(
    (name) => `<message name="${name}In"><part name="body" element="t:${name}"/></message>
      <message name="${name}Out"><part name="body" element="t:${name}Answer"/></message>`,
  );
  const declared = OPERATIONS.map(
    (name) => `<operation name="${name}"><input message="w:${name}In"/><output message="w:${name}Out"/></operation>`,
  );
  const bound = OPERATIONS.map(
    (name) => `<operation name="${name}"><s:operation soapAction="urn:${name}"/>
      <input><s:body use="literal"/></input><output><s:body use="literal"/></output></operation>`,
  );
  return `<?xml version="1.0"?><definitions name="Stations" targetNamespace="urn:stations" xmlns:w="urn:stations"
    xmlns:t="urn:stations:types" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns="http://schemas.xmlsoap.org/wsdl/"><types>${TYPES}</types>${messages.join('')}
    <portType name="StationsPort">${declared.join('')}</portType>
    <binding name="StationsSoap" type="w:StationsPort">
      <s:binding style="${style}" transport="http://schemas.xmlsoap.org/soap/http"/>${bound.join('')}</binding>
    <service name="Stations"><port name="StationsSoap" binding="w:StationsSoap"><s:address location="${url}"/></port></service>
  </definitions>`;
}

const TYPES = `<x:schema targetNamespace="urn:stations:types" elementFormDefault="qualified">
  <x:complexType name="Named"><x:sequence>
    <x:element name="id" type="x:string"/><x:element name="name" type="x:string"/>
  </x:sequence></x:complexType>
  <x:simpleType name="Lines"><x:restriction base="x:int"><x:minInclusive value="0"/></x:restriction></x:simpleType>
  <x:complexType name="Station"><x:complexContent><x:extension base="t:Named"><x:sequence>
    <x:element name="district" type="x:string" minOccurs="0"/>
    <x:element name="lines" type="t:Lines" minOccurs="0" nillable="true"/>
    <x:element name="opened" type="x:date" minOccurs="0"/>
  </x:sequence></x:extension></x:complexContent></x:complexType>
  <x:complexType name="Count"><x:sequence>
    <x:element name="station" type="x:string"/><x:element name="day" type="x:date"/>
    <x:element name="passengers" type="x:double"/>
  </x:sequence></x:complexType>
  <x:element name="ListStations"><x:complexType/></x:element>
  <x:element name="ListCopies"><x:complexType/></x:element>
  <x:element name="ListStationsAnswer"><x:complexType><x:sequence>
    <x:element name="total" type="x:int"/>
    <x:element name="station" type="t:Station" minOccurs="0" maxOccurs="unbounded"/>
  </x:sequence></x:complexType></x:element>
  <x:element name="ListCopiesAnswer"><x:complexType><x:sequence>
    <x:element name="station" type="t:Station" minOccurs="0" maxOccurs="unbounded"/>
  </x:sequence></x:complexType></x:element>
  <x:element name="ListCounts"><x:complexType><x:sequence>
    <x:element name="station" type="x:string" maxOccurs="50"/>
  </x:sequence></x:complexType></x:element>
  <x:element name="ListCountsAnswer"><x:complexType><x:sequence>
    <x:element name="count" type="t:Count" minOccurs="0" maxOccurs="unbounded"/>
  </x:sequence></x:complexType></x:element>
  <x:element name="GetCount"><x:complexType><x:sequence>
    <x:element name="of"><x:complexType><x:sequence>
      <x:element name="station" type="x:string"/><x:element name="day" type="x:date"/>
    </x:sequence></x:complexType></x:element>
  </x:sequence></x:complexType></x:element>
  <x:element name="GetCountAnswer"><x:complexType><x:sequence>
    <x:element name="count" type="t:Count" minOccurs="0"/>
  </x:sequence></x:complexType></x:element>
</x:schema>`;
