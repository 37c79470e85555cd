import type { FederationCase } from '../../kit/federation-case.ts';

const assets = [
  { __typename: 'Desk', tag: 'd', room: '1.04' },
  { __typename: 'Printer', tag: 'p', room: '2.10', pages: 900 },
];
const byTag = (key: { tag: string }) => assets.find(({ tag }) => tag === key.tag);

export default {
  about: 'An interface is itself an entity, found by its key whatever the type behind it',
  resolvers: {
    assets: {
      Query: { asset: (_: unknown, key: { tag: string }) => byTag(key) },
      Asset: { __resolveReference: byTag },
      Desk: { __resolveReference: byTag },
      Printer: { __resolveReference: byTag },
    },
    repairs: {
      Query: {
        broken: () => [{ tag: 'p' }, { tag: 'd' }],
        repairs: () => [{ id: 'r1', of: { tag: 'd' } }],
      },
    },
  },
  operations: [
    {
      about: 'and the department that knows the types tells them',
      query: '{ broken { __typename tag ... on Printer { pages } } }',
      answer: {
        data: {
          broken: [
            { __typename: 'Printer', tag: 'p', pages: 900 },
            { __typename: 'Desk', tag: 'd' },
          ],
        },
      },
      plainOnly: 'the first department names the interface, and only the second one the type',
    },
    {
      about: 'and a field of the interface is asked for without naming a type',
      query: '{ repairs { id of { room } } }',
      answer: { data: { repairs: [{ id: 'r1', of: { room: '1.04' } }] } },
      plainOnly: 'the first department names the interface, and only the second one the type',
    },
    {
      about: 'and the key alone is not asked of a second department',
      query: '{ broken { tag } }',
      answer: { data: { broken: [{ tag: 'p' }, { tag: 'd' }] } },
      plainOnly: 'the department names the interface, and not the type',
    },
  ],
} satisfies FederationCase;
