import type { FederationCase } from '../../kit/federation-case.ts';

const down = { code: 'SUBREQUEST_HTTP_ERROR', service: 'depot' };
const message = 'Department depot could not be reached.';
const noPlace = 'says nothing of the places that the department was asked for';

export default {
  about: 'A department is down',
  down: ['depot'],
  resolvers: {
    trams: {
      Query: {
        trams: () => [
          { number: '1', line: 'Harbour' },
          { number: '2', line: 'Hill' },
        ],
      },
    },
    drivers: { Tram: { driver: ({ number }: { number: string }) => `driver of ${number}` } },
  },
  operations: [
    {
      about: 'and what the others know is answered',
      query: '{ trams { line service driver } }',
      answer: {
        data: {
          trams: [
            { line: 'Harbour', service: null, driver: 'driver of 1' },
            { line: 'Hill', service: null, driver: 'driver of 2' },
          ],
        },
        errors: [
          { message, path: ['trams', 0], extensions: down },
          { message, path: ['trams', 1], extensions: down },
        ],
      },
      apolloIsWrong: noPlace,
    },
    {
      about: 'and its root fields are null',
      query: '{ trams { line } base: depot { name } }',
      answer: {
        data: { trams: [{ line: 'Harbour' }, { line: 'Hill' }], base: null },
        errors: [{ message, path: ['base'], extensions: down }],
      },
      apolloIsWrong: noPlace,
    },
    {
      about: 'and what may not be null takes with it what stands above',
      query: '{ capacity trams { line } }',
      answer: { data: null, errors: [{ message, path: ['capacity'], extensions: down }] },
      apolloIsWrong: noPlace,
    },
    {
      about: 'and nobody who does not need it notices',
      query: '{ trams { number driver } }',
      answer: {
        data: {
          trams: [
            { number: '1', driver: 'driver of 1' },
            { number: '2', driver: 'driver of 2' },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
