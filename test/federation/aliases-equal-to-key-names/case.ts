import type { FederationCase } from '../../kit/federation-case.ts';

const lineOf: Record<string, string> = { '77': 'harbour line' };

export default {
  about: 'A client gives a field the name of a key',
  resolvers: {
    schools: { Query: { pupil: () => ({ number: '77', locker: '4', class: '3b' }) } },
    buses: { Pupil: { line: ({ number }: { number: string }) => lineOf[number] ?? 'nobody', seat: () => 12 } },
  },
  operations: [
    {
      about: 'and the departments are joined by the key all the same',
      query: '{ pupil { number: locker line } }',
      answer: { data: { pupil: { number: '4', line: 'harbour line' } } },
      apolloIsWrong: 'gives the key in place of the field',
    },
    {
      about: 'of another type than the key’s',
      query: '{ pupil { line number: class } }',
      answer: { data: { pupil: { line: 'harbour line', number: '3b' } } },
      apolloIsWrong: 'gives the key in place of the field',
    },
    {
      about: 'that comes from the department to be joined',
      query: '{ pupil { number: seat line } }',
      answer: { data: { pupil: { number: 12, line: 'harbour line' } } },
    },
    {
      about: 'and the key another one',
      query: '{ pupil { number: locker locker: number line } }',
      answer: { data: { pupil: { number: '4', locker: '77', line: 'harbour line' } } },
      apolloIsWrong: 'gives the key in place of the field',
    },
    {
      about: 'also to the name of its type',
      query: '{ pupil { number: __typename line } }',
      answer: { data: { pupil: { number: 'Pupil', line: 'harbour line' } } },
    },
  ],
} satisfies FederationCase;
