import type { FederationCase } from '../../kit/federation-case.ts';

const MUSEUM = {
  id: 'm1',
  name: 'Old Mill',
  language: 'nl',
  poster: { id: 'p0' },
  corner: { piece: { id: 'p1' } },
  rooms: [
    { language: 'fr', pieces: [{ id: 'p1' }, { id: 'p2' }], corner: { piece: { id: 'p1' } } },
    { language: 'de', pieces: [{ id: 'p1' }], corner: { piece: { id: 'p3' } } },
  ],
};

const plainOnly = 'a program does not know the objects above an entity';
const apolloIsWrong = 'refuses to serve @context';

export default {
  about: 'Where several objects above an entity set a context, the nearest counts,',
  resolvers: {
    museums: {
      Query: { museum: () => MUSEUM },
      Piece: {
        label: ({ id }: { id: string }, { language }: { language: string }) => `${id} in ${language}`,
        ticket: (_: unknown, { house, language }: { house: string; language: string }) => `${house}, ${language}`,
        twin: ({ id }: { id: string }) => ({ id: `${id}-twin` }),
        copies: () => [{ ...MUSEUM, id: 'm2', language: 'it', name: 'New Mill' }],
      },
    },
  },
  operations: [
    {
      about: 'however far up it is',
      query:
        '{ museum { poster { label } corner { piece { label } } rooms { pieces { label } corner { piece { label } } } } }',
      answer: {
        data: {
          museum: {
            poster: { label: 'p0 in nl' },
            corner: { piece: { label: 'p1 in nl' } },
            rooms: [
              { pieces: [{ label: 'p1 in fr' }, { label: 'p2 in fr' }], corner: { piece: { label: 'p1 in fr' } } },
              { pieces: [{ label: 'p1 in de' }], corner: { piece: { label: 'p3 in de' } } },
            ],
          },
        },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'for each context by itself',
      query: '{ museum { poster { ticket } rooms { pieces { ticket label } } } }',
      answer: {
        data: {
          museum: {
            poster: { ticket: 'Old Mill, nl' },
            rooms: [
              {
                pieces: [
                  { ticket: 'Old Mill, fr', label: 'p1 in fr' },
                  { ticket: 'Old Mill, fr', label: 'p2 in fr' },
                ],
              },
              { pieces: [{ ticket: 'Old Mill, de', label: 'p1 in de' }] },
            ],
          },
        },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'also where other entities are between it and the field',
      query: `{ museum { rooms { corner { piece { label twin { label copies { poster { ticket } } twin { ticket } } } } } } }`,
      answer: {
        data: {
          museum: {
            rooms: ['fr', 'de'].map((language, index) => {
              const id = ['p1', 'p3'][index];
              return {
                corner: {
                  piece: {
                    label: `${id} in ${language}`,
                    twin: {
                      label: `${id}-twin in ${language}`,
                      copies: [{ poster: { ticket: 'New Mill, it' } }],
                      twin: { ticket: `Old Mill, ${language}` },
                    },
                  },
                },
              };
            }),
          },
        },
      },
      apolloIsWrong,
      plainOnly,
    },
  ],
} satisfies FederationCase;
