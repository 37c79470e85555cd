import type { CatalogueDepartment } from '../../subgraphs/ministries/catalogue.ts';
import { openEconomies, type Economies } from '../../subgraphs/ministries/economies.ts';
import { fieldName, figuresField, figuresType } from '../../subgraphs/ministries/names.ts';
import { economiesSdl } from '../../subgraphs/ministries/sdl.ts';
import { FEDERATION_LINK, type BenchSubgraph, type Entity, type Workload } from './workload.ts';

/** Twenty places of all sizes, half of whose GEC codes are another's ISO code. */
const PLACES = 'AT AU BD BG BR CH CN DE EG FR GA GB GM IN JP NG SC SE US ZA'.split(' ');

/**
 * The economies' departments with their real figures: every indicator of all of them for twenty places. Made when it is asked
 * for, since reading the figures takes a second.
 */
export function economies(): Workload {
  const figures = openEconomies();
  const { departments, indicators } = figures;
  const sdls = economiesSdl(departments);
  return {
    name: 'economies',
    title: `${departments.length} departments with real figures, ${indicators.size} indicators, ${PLACES.length} places, 8 connections`,
    // Fifty of these at a time are more than one core can do within the time that clients are patient.
    connections: 8,
    subgraphs: [registry, ...departments.map((each) => subgraph(figures, each, sdls.get(each.code) ?? ''))],
    query: `query Economies { places { iso ${departments.map(selection).join('\n')} } }`,
    answer: () => ({
      places: PLACES.map((iso) => ({
        iso,
        ...Object.fromEntries(departments.map((each) => [figuresField(each.code), expected(figures, each, iso)])),
      })),
    }),
  };
}

/** Stands for the territory registry, which has the places themselves. */
const registry: BenchSubgraph = {
  name: 'registry',
  sdl: `${FEDERATION_LINK} type Query { places: [Place!]! } type Place @key(fields: "iso") { iso: ID! }`,
  roots: { places: () => PLACES.map((iso) => ({ __typename: 'Place', iso })) },
  entities: { Place: ({ iso }) => ({ __typename: 'Place', iso: String(iso) }) },
};

function subgraph(figures: Economies, department: CatalogueDepartment, sdl: string): BenchSubgraph {
  const places = new Map<unknown, Entity>(
    PLACES.map((iso) => [
      iso,
      { __typename: 'Place', iso, [figuresField(department.code)]: heldFigures(figures, department, iso) },
    ]),
  );
  return { name: department.code, sdl, entities: { Place: ({ iso }) => places.get(iso) ?? null } };
}

function heldFigures(figures: Economies, { code, indicators }: CatalogueDepartment, iso: string): Entity {
  const fields = indicators.map((indicator) => [
    fieldName(indicator.code),
    observed(figures, indicator.code, iso)?.map((values) => ({ __typename: 'Observation', ...values })) ?? null,
  ]);
  return { __typename: figuresType(code), ...(Object.fromEntries(fields) as Record<string, Entity[] | null>) };
}

function expected(figures: Economies, { indicators }: CatalogueDepartment, iso: string) {
  return Object.fromEntries(indicators.map(({ code }) => [fieldName(code), observed(figures, code, iso)]));
}

function observed(figures: Economies, code: string, iso: string) {
  if (figures.records(code, iso).length === 0) return null;
  return figures.observations(code, iso).map(({ value, period }) => ({ value, period }));
}

function selection({ code, indicators }: CatalogueDepartment): string {
  const fields = indicators.map((indicator) => `${fieldName(indicator.code)} { value period }`);
  return `${figuresField(code)} { ${fields.join(' ')} }`;
}
