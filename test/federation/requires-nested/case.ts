import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A required field reaches into objects and lists',
  resolvers: {
    plots: {
      Query: {
        plots: () => [
          { id: '1', size: { width: 10, depth: 20 }, corners: [{ height: 3 }, { height: 8 }] },
          { id: '2', size: null, corners: [{ height: null }] },
        ],
      },
    },
    taxes: {
      Plot: {
        tax: ({ size }: { size: { width: number; depth: number } | null }) => size && size.width * size.depth,
        slope: ({ corners }: { corners: { height: number | null }[] }) => {
          const heights = corners.flatMap(({ height }) => height ?? []);
          return heights.length < 2 ? null : Math.max(...heights) - Math.min(...heights);
        },
      },
    },
  },
  operations: [
    {
      about: 'and is null where the other department has nothing',
      query: '{ plots { tax slope } }',
      answer: {
        data: {
          plots: [
            { tax: 200, slope: 5 },
            { tax: null, slope: null },
          ],
        },
      },
    },
    {
      about: 'beside other fields of the same objects that the client asks for',
      query: '{ plots { size { deep: depth } tax corners { height } } }',
      answer: {
        data: {
          plots: [
            { size: { deep: 20 }, tax: 200, corners: [{ height: 3 }, { height: 8 }] },
            { size: null, tax: null, corners: [{ height: null }] },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
