import type { FederationCase } from '../../kit/federation-case.ts';

interface Area {
  shape: unknown;
  surveyed: string;
}

export default {
  about: 'Values of custom scalars are whatever JSON the departments give',
  resolvers: {
    maps: {
      Query: {
        area: (_: unknown, { shape = [], on = '2020-02-29' }: { shape?: unknown; on?: string }) => ({
          id: 'a',
          shape,
          surveyed: on,
        }),
      },
    },
    plans: {
      Area: {
        plan: ({ shape, surveyed }: Area, args: { with?: unknown }) => ({
          shape,
          surveyed,
          with: args.with ?? 'nothing',
        }),
      },
    },
  },
  operations: [
    {
      about: 'and are passed on as they are',
      query: 'query ($shape: Json) { area(shape: $shape) { shape surveyed } }',
      variables: { shape: { lines: [[1, 2.5], []], 'odd "name"': null, text: 'ö\u2028', big: 1234567890, no: false } },
      answer: {
        data: {
          area: {
            shape: { lines: [[1, 2.5], []], 'odd "name"': null, text: 'ö\u2028', big: 1234567890, no: false },
            surveyed: '2020-02-29',
          },
        },
      },
    },
    {
      about: 'and may be numbers, texts, truths and lists',
      query:
        '{ a: area(shape: 4.25) { shape } b: area(shape: "x") { shape } c: area(shape: true) { shape } d: area(shape: [null, 1]) { shape } }',
      answer: { data: { a: { shape: 4.25 }, b: { shape: 'x' }, c: { shape: true }, d: { shape: [null, 1] } } },
    },
    {
      about: 'and are required by other departments',
      query: 'query ($with: Json) { area(shape: { corners: 4 }, on: "1999-12-31") { plan(with: $with) bare: plan } }',
      variables: { with: { id: 'not an id of anything', __typename: 'nor a type' } },
      answer: {
        data: {
          area: {
            plan: {
              shape: { corners: 4 },
              surveyed: '1999-12-31',
              with: { id: 'not an id of anything', __typename: 'nor a type' },
            },
            bare: { shape: { corners: 4 }, surveyed: '1999-12-31', with: 'nothing' },
          },
        },
      },
    },
  ],
} satisfies FederationCase;
