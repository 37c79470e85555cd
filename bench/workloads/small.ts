import { FEDERATION_LINK, type Workload } from './workload.ts';

const station = {
  id: 'harbour',
  name: 'Harbour quay',
  waterLevelCm: 412,
  isRising: false,
  measuredAt: '2026-05-04T06:30Z',
};

/** What the front door itself costs. */
export const small: Workload = {
  name: 'small',
  title: 'one root field of one subgraph, an answer under 300 bytes',
  subgraphs: [
    {
      name: 'harbour',
      sdl: `${FEDERATION_LINK}
        type Query { station: Station! }
        type Station { id: ID! name: String! waterLevelCm: Int! isRising: Boolean! measuredAt: String! }`,
      roots: { station: () => ({ __typename: 'Station', ...station }) },
    },
  ],
  query: '{ station { id name waterLevelCm isRising measuredAt } }',
  answer: () => ({ station }),
};
