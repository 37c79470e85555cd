import type { FederationCase } from '../../kit/federation-case.ts';

const plainOnly = 'a program does not know the objects above an entity';
const apolloIsWrong = 'refuses to serve @context';

export default {
  about: 'Where there is no value for a contextual argument, or a wrong one,',
  resolvers: {
    users: {
      Query: {
        users: () =>
          ['high', 'low', 'broken'].map((level) => ({ id: level, level, badge: { id: `of ${level}`, name: 'star' } })),
      },
      Badge: {
        name: () => 'star',
        colour: (_: unknown, { level }: { level: string }) => {
          if (level === 'broken') throw new Error('no such level');
          return `${level} red`;
        },
        rank: (_: unknown, { score }: { score: number }) => `rank ${score}`,
      },
    },
    names: { Badge: { title: ({ id }: { id: string }) => `title ${id}` } },
  },
  down: ['scores'],
  operations: [
    {
      about: 'only what was asked with the wrong one is missing',
      query: '{ users { id badge { colour } } }',
      answer: {
        data: {
          users: [
            { id: 'high', badge: { colour: 'high red' } },
            { id: 'low', badge: { colour: 'low red' } },
            { id: 'broken', badge: { colour: null } },
          ],
        },
        errors: [{ message: 'no such level', path: ['users', 2, 'badge', 'colour'], extensions: { service: 'users' } }],
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'the fields that need it are not asked for, but those beside them are',
      query: '{ users { badge { rank colour title } } }',
      answer: {
        data: {
          users: ['high', 'low', 'broken'].map((level) => ({
            badge: { rank: null, colour: level === 'broken' ? null : `${level} red`, title: `title of ${level}` },
          })),
        },
        errors: [
          ...[0, 1, 2].map((index) => ({
            path: ['users', index],
            extensions: { code: 'SUBREQUEST_HTTP_ERROR', service: 'scores' },
          })),
          { message: 'no such level', path: ['users', 2, 'badge', 'colour'] },
        ],
      },
      apolloIsWrong,
      plainOnly,
    },
  ],
} satisfies FederationCase;
