import type { FederationCase } from '../../kit/federation-case.ts';

const good = { id: 'good' };
const bad = { id: 'bad' };

export default {
  about: 'A department gives null where the schema promises a value',
  resolvers: {
    clinics: {
      Query: {
        clinic: () => bad,
        clinics: () => [good, bad],
        certain: () => [good, bad],
        grid: () => [[good], [good, bad], null],
        strictGrid: () => [[good], [bad]],
        essential: () => bad,
      },
    },
    beds: {
      Clinic: {
        __resolveReference: ({ id }: { id: string }) =>
          id === 'good'
            ? { id, beds: 20, ward: { head: { name: 'Ana' }, rooms: [1] } }
            : { id, beds: null, ward: { head: {}, rooms: [1, null] } },
      },
    },
  },
  operations: [
    {
      about: 'and the nearest place above that may be null is null: the object',
      query: '{ clinic { id beds } }',
      answer: {
        data: { clinic: null },
        errors: [
          {
            message: 'Cannot return null for non-nullable field Clinic.beds.',
            path: ['clinic', 'beds'],
            extensions: { service: 'beds' },
          },
        ],
      },
    },
    {
      about: 'an element of a list',
      query: '{ clinics { beds } }',
      answer: {
        data: { clinics: [{ beds: 20 }, null] },
        errors: [{ path: ['clinics', 1, 'beds'] }],
      },
    },
    {
      about: 'a whole list',
      query: '{ certain { beds } }',
      answer: { data: { certain: null }, errors: [{ path: ['certain', 1, 'beds'] }] },
    },
    {
      about: 'a list in a list',
      query: '{ grid { beds } }',
      answer: {
        data: { grid: [[{ beds: 20 }], null, null] },
        errors: [{ path: ['grid', 1, 1, 'beds'] }],
      },
    },
    {
      about: 'a list of lists',
      query: '{ strictGrid { beds } }',
      answer: { data: { strictGrid: null }, errors: [{ path: ['strictGrid', 1, 0, 'beds'] }] },
    },
    {
      about: 'all there is',
      query: '{ essential { beds } clinics { id } }',
      answer: { data: null, errors: [{ path: ['essential', 'beds'] }] },
    },
    {
      about: 'an object inside the entity, through several that may not be null',
      query: '{ clinics { id ward { head { name } } } }',
      answer: {
        data: {
          clinics: [
            { id: 'good', ward: { head: { name: 'Ana' } } },
            { id: 'bad', ward: null },
          ],
        },
        errors: [{ path: ['clinics', 1, 'ward', 'head', 'name'] }],
      },
    },
    {
      about: 'a list inside the entity',
      query: '{ clinics { ward { rooms } } }',
      answer: {
        data: { clinics: [{ ward: { rooms: [1] } }, { ward: { rooms: null } }] },
        errors: [{ path: ['clinics', 1, 'ward', 'rooms', 1] }],
      },
    },
    {
      about: 'by the names that the client gives',
      query: '{ list: clinics { number: beds } }',
      answer: { data: { list: [{ number: 20 }, null] }, errors: [{ path: ['list', 1, 'number'] }] },
    },
    {
      about: 'and where nobody asks for the field nothing is wrong',
      query: '{ essential { id } certain { id } }',
      answer: { data: { essential: { id: 'bad' }, certain: [{ id: 'good' }, { id: 'bad' }] } },
    },
  ],
} satisfies FederationCase;
