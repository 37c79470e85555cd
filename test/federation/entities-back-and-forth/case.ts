import type { FederationCase } from '../../kit/federation-case.ts';

const nameOf: Record<string, string> = { t1: 'Ito', t2: 'Okafor' };
const teacher = ({ id }: { id: string }) => ({ id, name: nameOf[id], classes: [{ room: 'r1' }, { room: 'r2' }] });
const tutorOf: Record<string, string> = { r1: 't2', r2: 't1' };

export default {
  about: 'Entities lead from department to department and back',
  resolvers: {
    teachers: { Query: { teacher: () => teacher({ id: 't1' }) }, Teacher: { __resolveReference: teacher } },
    pupils: {
      Class: {
        tutor: ({ room }: { room: string }) => ({ id: tutorOf[room] }),
        pupils: ({ room }: { room: string }) => [{ name: `child of ${room}`, in: { room } }],
      },
      Teacher: { pupils: ({ id }: { id: string }) => id.length * 10 },
    },
  },
  operations: [
    {
      about: 'as deep as the client asks',
      query: '{ teacher { name classes { tutor { name pupils classes { room tutor { name } } } } } }',
      answer: {
        data: {
          teacher: {
            name: 'Ito',
            classes: ['Okafor', 'Ito'].map((name) => ({
              tutor: {
                name,
                pupils: 20,
                classes: [
                  { room: 'r1', tutor: { name: 'Okafor' } },
                  { room: 'r2', tutor: { name: 'Ito' } },
                ],
              },
            })),
          },
        },
      },
    },
    {
      about: 'and through objects that are no entities',
      query: '{ teacher { classes { pupils { name in { room tutor { name } } } } } }',
      answer: {
        data: {
          teacher: {
            classes: [
              { pupils: [{ name: 'child of r1', in: { room: 'r1', tutor: { name: 'Okafor' } } }] },
              { pupils: [{ name: 'child of r2', in: { room: 'r2', tutor: { name: 'Ito' } } }] },
            ],
          },
        },
      },
    },
  ],
} satisfies FederationCase;
