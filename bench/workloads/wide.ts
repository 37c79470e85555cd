import { FEDERATION_LINK, type BenchSubgraph, type Entity, type Workload } from './workload.ts';

const SUBGRAPHS = 36;
const DISTRICTS = 20;

/** What one department knows of one district: five fields of five kinds. */
function indicators(department: number, district: number): Record<string, string | number | boolean> {
  const seed = department * 131 + district * 17;
  return {
    [`title${department}`]: `Figure ${department}.${district}`,
    [`count${department}`]: seed % 10_000,
    [`share${department}`]: (seed % 997) / 1_000,
    [`isFinal${department}`]: seed % 2 === 0,
    [`code${department}`]: `D${department}-${district}`,
  };
}

function fieldsOf(department: number): string {
  return `title${department}: String! count${department}: Int! share${department}: Float! isFinal${department}: Boolean! code${department}: ID!`;
}

function subgraph(department: number): BenchSubgraph {
  const districts = new Map<unknown, Entity>(
    Array.from({ length: DISTRICTS }, (_, nth) => {
      const id = `district-${nth + 1}`;
      return [id, { __typename: 'District', id, ...indicators(department, nth + 1) }];
    }),
  );
  const all = [...districts.values()];
  return {
    name: `department${department}`,
    sdl: `${FEDERATION_LINK}
      ${department === 1 ? 'type Query { districts: [District!]! }' : ''}
      type District @key(fields: "id") { id: ID! ${fieldsOf(department)} }`,
    ...(department === 1 ? { roots: { districts: () => all } } : {}),
    entities: { District: ({ id }) => districts.get(id) ?? null },
  };
}

const departments = Array.from({ length: SUBGRAPHS }, (_, nth) => nth + 1);

/** The city's own shape: one record, and every department adds its part. */
export const wide: Workload = {
  name: 'wide',
  title: '36 subgraphs on one entity type, 180 fields, 20 entities',
  subgraphs: departments.map(subgraph),
  query: `query Districts {
  districts {
    id
${departments.map((department) => `    ${Object.keys(indicators(department, 1)).join(' ')}`).join('\n')}
  }
}
`,
  answer: () => ({
    districts: Array.from({ length: DISTRICTS }, (_, nth) =>
      Object.fromEntries([
        ['id', `district-${nth + 1}`],
        ...departments.flatMap((department) => Object.entries(indicators(department, nth + 1))),
      ]),
    ),
  }),
};
