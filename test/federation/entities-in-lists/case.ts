import type { FederationCase } from '../../kit/federation-case.ts';

const roofs = new Set(['a', 'c']);

export default {
  about: 'Entities stand in lists of lists, many times, with gaps between them',
  resolvers: {
    routes: {
      Query: { timetable: () => [[{ id: 'a' }, null, { id: 'b' }], [], [{ id: 'b' }, { id: 'a' }, { id: 'c' }]] },
    },
    shelters: {
      Stop: {
        hasRoof: ({ id }: { id: string }) => roofs.has(id),
        neighbours: ({ id }: { id: string }) => (id === 'c' ? [] : [{ id: 'c' }, { id }]),
      },
    },
  },
  operations: [
    {
      about: 'and each place has the fields of its own entity',
      query: '{ timetable { hasRoof } }',
      answer: {
        data: {
          timetable: [
            [{ hasRoof: true }, null, { hasRoof: false }],
            [],
            [{ hasRoof: false }, { hasRoof: true }, { hasRoof: true }],
          ],
        },
      },
    },
    {
      about: 'and lead to further entities in lists',
      query: '{ timetable { neighbours { id hasRoof } } }',
      answer: {
        data: {
          timetable: [
            [
              {
                neighbours: [
                  { id: 'c', hasRoof: true },
                  { id: 'a', hasRoof: true },
                ],
              },
              null,
              {
                neighbours: [
                  { id: 'c', hasRoof: true },
                  { id: 'b', hasRoof: false },
                ],
              },
            ],
            [],
            [
              {
                neighbours: [
                  { id: 'c', hasRoof: true },
                  { id: 'b', hasRoof: false },
                ],
              },
              {
                neighbours: [
                  { id: 'c', hasRoof: true },
                  { id: 'a', hasRoof: true },
                ],
              },
              { neighbours: [] },
            ],
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
