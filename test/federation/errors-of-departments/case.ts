import type { FederationCase } from '../../kit/federation-case.ts';

import { GraphQLError } from 'graphql';

const fail = (message: string): never => {
  throw new Error(message);
};

export default {
  about: 'Departments report errors',
  resolvers: {
    patrols: {
      Query: {
        patrols: () => [
          [
            { hour: 1, officer: { badge: '7' } },
            { hour: 2, officer: { badge: '8' } },
          ],
          null,
          [null, { hour: 3, officer: { badge: '7' } }],
        ],
        chief: () => ({ badge: '1', rank: () => fail('Ranks are being revised.') }),
        secrets: () => [
          'public',
          new GraphQLError('not yours', {
            extensions: { code: 'FORBIDDEN', hint: 'ask the chief', stacktrace: ['at x'] },
          }),
        ],
      },
      Patrol: { hour: ({ hour }: { hour: number }) => (hour === 2 ? fail('The clock stood still.') : hour) },
    },
    staff: {
      Officer: {
        __resolveReference: async ({ badge }: { badge: string }) =>
          badge === '8' ? fail('No such badge.') : { badge },
        name: ({ badge }: { badge: string }) => (badge === '7' ? fail('The name is withheld.') : 'Ito'),
        shifts: () => [
          { from: 1, to: 2 },
          { from: 3, to: () => fail('It is not over.') },
        ],
      },
    },
  },
  operations: [
    {
      about: 'of root fields, which are null with the department’s own message, code and extensions',
      query: '{ open: secrets chief { badge } }',
      answer: {
        data: { open: ['public', null], chief: { badge: '1' } },
        errors: [{ message: 'not yours', path: ['open', 1], extensions: { code: 'FORBIDDEN', service: 'patrols' } }],
      },
    },
    {
      about: 'below aliases and in lists of lists',
      query: '{ nights: patrols { at: hour } boss: chief { level: rank } }',
      answer: {
        data: {
          nights: [[{ at: 1 }, { at: null }], null, [null, { at: 3 }]],
          boss: { level: null },
        },
        errors: [
          {
            message: 'Ranks are being revised.',
            path: ['boss', 'level'],
            extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'patrols' },
          },
          {
            message: 'The clock stood still.',
            path: ['nights', 0, 1, 'at'],
            extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'patrols' },
          },
        ],
      },
    },
    {
      about: 'of entities, at every place of the entity in the client’s answer',
      query: '{ nights: patrols { who: officer { called: name } } }',
      answer: {
        data: {
          nights: [[{ who: { called: null } }, { who: { called: null } }], null, [null, { who: { called: null } }]],
        },
        errors: [
          {
            message: 'The name is withheld.',
            path: ['nights', 0, 0, 'who', 'called'],
            extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'staff' },
          },
          { message: 'No such badge.', path: ['nights', 0, 1, 'who'], extensions: { service: 'staff' } },
          {
            message: 'The name is withheld.',
            path: ['nights', 2, 1, 'who', 'called'],
            extensions: { service: 'staff' },
          },
        ],
      },
    },
    {
      about: 'deep inside an entity',
      query: '{ chief { badge hours: shifts { from until: to } } }',
      answer: {
        data: {
          chief: {
            badge: '1',
            hours: [
              { from: 1, until: 2 },
              { from: 3, until: null },
            ],
          },
        },
        errors: [
          { message: 'It is not over.', path: ['chief', 'hours', 1, 'until'], extensions: { service: 'staff' } },
        ],
      },
    },
  ],
} satisfies FederationCase;
