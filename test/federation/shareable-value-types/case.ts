import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'Several departments have a type without a key in common',
  resolvers: {
    tourism: { Query: { sights: () => [{ name: 'Lighthouse', at: { lat: 51.5, lon: 4.25 } }] } },
    traffic: { Query: { jams: () => [{ minutes: 15, at: { lat: 51.75, lon: 4 } }] } },
  },
  operations: [
    {
      about: 'and each fills it on its own paths',
      query: '{ sights { name at { ...P } } jams { minutes at { ...P } } } fragment P on Position { lat lon }',
      answer: {
        data: {
          sights: [{ name: 'Lighthouse', at: { lat: 51.5, lon: 4.25 } }],
          jams: [{ minutes: 15, at: { lat: 51.75, lon: 4 } }],
        },
      },
    },
  ],
} satisfies FederationCase;
