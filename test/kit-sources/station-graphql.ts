import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, GraphQLError } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { textOf, type SourceRow } from '../../subgraphs/kit/record-source.ts';
import { COUNTS, STATIONS } from './stations.ts';

export const STATION_SDL = `
  type Query {
    stations: [Station!]!
    copies: [Station!]!
    station(id: ID!): Station
    counts(stations: [ID!]!): [Count!]!
    count(of: CountKey!): Count
    pages(first: Int = 2, after: String): StationPage!
  }
  input CountKey { station: ID! day: String! }
  type StationPage { nodes: [Station!]! pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Station {
    id: ID! name: String district: District lines: Int opened: String
    operator: Operator
    "Needs more than a manifest can say."
    departures(from: String!): [String!]!
  }
  type Operator { name: String address: Address }
  type Address { city: String zip: String station: Station }
  type Count { station: ID! day: String! passengers: Float! }
  enum District { north east west centre }
`;

/** The stations of the contract suite as a GraphQL service. */
export async function serveStationGraphql() {
  const requests: string[] = [];
  const rootValue = {
    stations: STATIONS.map(withOperator),
    copies: [...STATIONS, ...STATIONS],
    station: ({ id }: { id: string }) => {
      const found = STATIONS.find((station) => station['id'] === id);
      return found && withOperator(found);
    },
    counts: ({ stations }: { stations: string[] }) =>
      COUNTS.filter(({ station }) => stations.includes(textOf(station!))),
    count: ({ of }: { of: { station: string; day: string } }) =>
      COUNTS.find(({ station, day }) => station === of.station && day === of.day),
    pages({ first, after }: { first: number; after?: string }) {
      const from = after === undefined ? 0 : Number(after);
      const nodes = STATIONS.slice(from, from + first);
      const endCursor = nodes.length === 0 ? null : String(from + nodes.length);
      return { nodes, pageInfo: { endCursor, hasNextPage: from + first < STATIONS.length } };
    },
  };
  const handler = createHandler({ schema: buildSchema(STATION_SDL), rootValue });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => requests.push(String(chunks)));
    void handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    requests,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** S4 is run by nobody that the service can tell. */
function withOperator(station: SourceRow) {
  return {
    ...station,
    operator() {
      if (station['id'] === 'S4') throw new GraphQLError('the operator is away');
      return { name: 'City lines', address: { city: 'Upton', zip: '1' } };
    },
  };
}
