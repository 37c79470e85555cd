import { FEDERATION_LINK, type BenchSubgraph, type Entity, type Workload } from './workload.ts';

/** How large a workload of the growth chart is. */
export interface Size {
  /** Entities in the list the operation begins with; each level below has as many again. */
  entities: number;
  /** Subgraphs that each add two fields to every entity. */
  subgraphs: number;
  /** Levels of entities; each is a hop further. */
  depth: number;
}

/** What stays as it is while another side grows. */
export const BASE_SIZE: Size = { entities: 100, subgraphs: 4, depth: 2 };

/** The points of the chart, by the side that grows. */
export const GROWTH: Readonly<Record<keyof Size, readonly number[]>> = {
  entities: [10, 30, 100, 300, 1_000, 3_000, 10_000],
  subgraphs: [4, 8, 12, 18, 24, 36],
  depth: [2, 3, 4, 5, 6, 8],
};

/** The name by which {@link growth} makes a workload of this size again, in another process. */
export function growthName({ entities, subgraphs, depth }: Size): string {
  return `growth-${entities}-${subgraphs}-${depth}`;
}

/** The workload of a {@link growthName}; undefined where the name is none. */
export function growthByName(name: string): Workload | undefined {
  const match = /^growth-(\d+)-(\d+)-(\d+)$/.exec(name);
  if (!match) return undefined;
  const [entities, subgraphs, depth] = match.slice(1).map(Number);
  return growth({ entities: entities!, subgraphs: subgraphs!, depth: depth! });
}

/** A chain of levels: at each one, every subgraph adds two fields, and one of them leads to the next level. */
function growth(size: Size): Workload {
  return {
    name: growthName(size),
    title: `${size.entities} entities, ${size.subgraphs} subgraphs, depth ${size.depth}`,
    subgraphs: range(size.subgraphs).map((place) => subgraph(place, size)),
    query: `query Growth { parts ${selection(1, size)} }`,
    answer: () => ({ parts: range(size.entities).map((nth) => expected(1, nth, size)) }),
  };
}

const range = (length: number): number[] => Array.from({ length }, (_, nth) => nth);
const idOf = (level: number, nth: number): string => `${level}-${nth}`;
const fields = (place: number, id: string) => ({
  [`name${place}`]: `${id} at ${place}`,
  [`rank${place}`]: place * 100 + id.length,
});

/** The subgraph that knows what comes below a level; the first list comes from subgraph 0. */
const linkOwner = (level: number, { subgraphs }: Size): number => level % subgraphs;

function subgraph(place: number, size: Size): BenchSubgraph {
  const links = range(size.depth - 1)
    .map((nth) => nth + 1)
    .filter((level) => linkOwner(level, size) === place);
  const known = new Map<string, Entity>();
  const part = (id: string): Entity => {
    let entity = known.get(id);
    if (!entity) known.set(id, (entity = makePart(id)));
    return entity;
  };
  const makePart = (id: string): Entity => {
    const [level, nth] = id.split('-').map(Number);
    const below = links.includes(level!) ? { [`below${level}`]: part(idOf(level! + 1, nth!)) } : {};
    return { __typename: 'Part', id, ...fields(place, id), ...below };
  };
  return {
    name: `part${place}`,
    sdl: `${FEDERATION_LINK}
      ${place === 0 ? 'type Query { parts: [Part!]! }' : ''}
      type Part @key(fields: "id") {
        id: ID! name${place}: String! rank${place}: Int!
        ${links.map((level) => `below${level}: Part!`).join(' ')}
      }`,
    ...(place === 0 ? { roots: { parts: () => range(size.entities).map((nth) => part(idOf(1, nth))) } } : {}),
    entities: { Part: ({ id }) => part(String(id)) },
  };
}

function selection(level: number, size: Size): string {
  const below = level < size.depth ? ` below${level} ${selection(level + 1, size)}` : '';
  const names = range(size.subgraphs).map((place) => `name${place} rank${place}`);
  return `{ id ${names.join(' ')}${below} }`;
}

function expected(level: number, nth: number, size: Size): object {
  const id = idOf(level, nth);
  const below = level < size.depth ? { [`below${level}`]: expected(level + 1, nth, size) } : {};
  return Object.fromEntries<unknown>([
    ['id', id],
    ...range(size.subgraphs).flatMap((place) => Object.entries(fields(place, id))),
    ...Object.entries(below),
  ]);
}
