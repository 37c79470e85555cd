import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A department serves values that it did not publish',
  resolvers: {
    gauges: {
      Query: {
        gauges: () => [
          { id: 'good', count: 4, level: 4, label: 'north', open: true, state: 'ON', history: [1, null] },
          { id: 'odd', count: 4.5, level: '4', label: 4, open: 'yes', state: 'ASLEEP', history: 7 },
          { id: 'odder', count: 2_147_483_648, level: {}, label: ['x'], open: 1, state: 0, history: [1, 'x', [2]] },
        ],
        strict: () => [
          { id: 'a', count: 1 },
          { id: 'b', count: '2' },
        ],
      },
    },
    alarms: { Gauge: { alarm: ({ id }: { id: string }) => `alarm of ${id}` } },
  },
  operations: [
    {
      about: 'and a number that is no whole number of 32 bits is no Int',
      query: '{ gauges { count alarm } }',
      answer: {
        data: {
          gauges: [
            { count: 4, alarm: 'alarm of good' },
            { count: null, alarm: 'alarm of odd' },
            { count: null, alarm: 'alarm of odder' },
          ],
        },
        errors: [
          {
            message: 'A department gave a value that the schema does not allow. It was for Gauge.count.',
            path: ['gauges', 1, 'count'],
            extensions: { code: 'INVALID_VALUE' },
          },
          { path: ['gauges', 2, 'count'], extensions: { code: 'INVALID_VALUE' } },
        ],
      },
      apolloIsWrong: 'says so in an extension, and not among the errors',
    },
    {
      about: 'and what is no number, no text, no truth or no value of the enum is null with an error',
      query: '{ gauges { level label open state } }',
      answer: {
        data: {
          gauges: [
            { level: 4, label: 'north', open: true, state: 'ON' },
            { level: null, label: null, open: null, state: null },
            { level: null, label: null, open: null, state: null },
          ],
        },
        errors: ['level', 'label', 'open', 'state'].flatMap((field) =>
          [1, 2].map((index) => ({ path: ['gauges', index, field], extensions: { code: 'INVALID_VALUE' } })),
        ),
      },
      apolloIsWrong: 'says so in an extension, and not among the errors',
    },
    {
      about: 'and what is no list, or has elements that may not be, is null with an error at that place',
      query: '{ gauges { history } }',
      answer: {
        data: { gauges: [{ history: [1, null] }, { history: null }, { history: [1, null, null] }] },
        errors: [
          { path: ['gauges', 1, 'history'], extensions: { code: 'INVALID_VALUE' } },
          { path: ['gauges', 2, 'history', 1], extensions: { code: 'INVALID_VALUE' } },
          { path: ['gauges', 2, 'history', 2], extensions: { code: 'INVALID_VALUE' } },
        ],
      },
      apolloIsWrong: 'fails as a whole where a list is expected',
    },
    {
      about: 'and a value that may not be null takes with it what stands above',
      query: '{ strict { id count } }',
      answer: {
        data: null,
        errors: [{ path: ['strict', 1, 'count'], extensions: { code: 'INVALID_VALUE' } }],
      },
      apolloIsWrong: 'says so in an extension, and not among the errors',
    },
  ],
} satisfies FederationCase;
