import type { FederationCase } from '../../kit/federation-case.ts';

const makeResolvers = () => {
  let revoked = 0;
  return {
    permits: {
      Mutation: {
        revoke(_: unknown, { id }: { id: string }) {
          if (id === 'lost') throw new Error('There is no such permit.');
          revoked += 1;
          return { id };
        },
        count: () => revoked,
      },
    },
    letters: {
      Mutation: {
        send() {
          throw new Error('The printer is out of paper.');
        },
      },
      Permit: { letter: ({ id }: { id: string }) => `about ${id}` },
    },
  };
};

export default {
  about: 'A mutation fails',
  resolvers: makeResolvers,
  operations: [
    {
      about: 'and those after it run',
      query: 'mutation { a: revoke(id: "lost") { letter } b: revoke(id: "p") { letter } count }',
      answer: {
        data: { a: null, b: { letter: 'about p' }, count: 1 },
        errors: [
          {
            message: 'There is no such permit.',
            path: ['a'],
            extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'permits' },
          },
        ],
      },
    },
    {
      about: 'and takes the whole answer with it, where it may not be null',
      query: 'mutation { revoke(id: "lost") { id } send(to: "p") }',
      answer: {
        data: null,
        errors: [
          { message: 'There is no such permit.', path: ['revoke'] },
          { message: 'The printer is out of paper.', path: ['send'], extensions: { service: 'letters' } },
        ],
      },
    },
  ],
} satisfies FederationCase;
