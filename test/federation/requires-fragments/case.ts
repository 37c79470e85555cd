import type { FederationCase } from '../../kit/federation-case.ts';

type Place = { hectares: number } | { seats: number };
type Host = { name: string; members?: number };

export default {
  about: 'A required field leads to a union or an interface, with fragments for its types',
  resolvers: {
    events: {
      Query: {
        events: () => [
          {
            id: 'fair',
            place: { __typename: 'Park', hectares: 5 },
            host: { __typename: 'Club', name: 'Rowers', members: 80 },
          },
          {
            id: 'choir',
            place: { __typename: 'Hall', seats: 300, door: 'east' },
            host: { __typename: 'Guest', name: 'Ana' },
          },
          { id: 'online', place: null, host: null },
        ],
      },
    },
    police: {
      Event: {
        officers: ({ place }: { place: Place | null }) =>
          place && ('hectares' in place ? place.hectares * 2 : place.seats / 100),
        contact: ({ host }: { host: Host | null }) =>
          host && `${host.name}${host.members === undefined ? '' : ` (${host.members})`}`,
      },
    },
  },
  operations: [
    {
      about: 'of a union',
      query: '{ events { officers } }',
      answer: { data: { events: [{ officers: 10 }, { officers: 3 }, { officers: null }] } },
      plainOnly: 'a representation has an object of several types',
    },
    {
      about: 'of an interface',
      query: '{ events { contact } }',
      answer: { data: { events: [{ contact: 'Rowers (80)' }, { contact: 'Ana' }, { contact: null }] } },
      plainOnly: 'a representation has an object of several types',
    },
    {
      about: 'beside what the client asks of the same objects',
      query: '{ events { place { __typename ... on Hall { door } } officers } }',
      answer: {
        data: {
          events: [
            { place: { __typename: 'Park' }, officers: 10 },
            { place: { __typename: 'Hall', door: 'east' }, officers: 3 },
            { place: null, officers: null },
          ],
        },
      },
      plainOnly: 'a representation has an object of several types',
    },
  ],
} satisfies FederationCase;
