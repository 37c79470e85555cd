import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { SmallSubgraph } from '../kit/federation.ts';

/** Two departments that are joined; the supergraph says its number as the description of `Person`. */
export const PEOPLE: Readonly<Record<string, SmallSubgraph>> = {
  people: {
    sdl: `type Query { person(pid: ID!): Person }
      "number 0"
      type Person @key(fields: "pid") { pid: ID! name: String }`,
    resolvers: { Query: { person: (_: unknown, { pid }: { pid: string }) => ({ pid, name: `name of ${pid}` }) } },
  },
  courts: {
    sdl: 'type Person @key(fields: "pid") { pid: ID! cases: [String!] }',
    resolvers: { Person: { cases: ({ pid }: { pid: string }) => [`case of ${pid}`] } },
  },
};

/** Asks both departments, and which supergraph is answered by. */
export const NUMBERED_QUERY = '{ __type(name: "Person") { description } person(pid: "p1") { name cases } }';

/** What {@link NUMBERED_QUERY} gives with the supergraph of a number. */
export function numberedAnswer(number: number): unknown {
  return {
    data: { __type: { description: `number ${number}` }, person: { name: 'name of p1', cases: ['case of p1'] } },
  };
}

/** The number that an answer to {@link NUMBERED_QUERY} was made with. */
export function numberIn({ data }: { data?: Record<string, unknown> | null }): number {
  return Number((data!['__type'] as { description: string }).description.slice('number '.length));
}

/** A supergraph's SDL with another number. */
export function withNumber(sdl: string, number: number): string {
  return sdl.replace(/number \d+/, `number ${number}`);
}

/** Puts the supergraph of a number in a file's place, at once and whole. Gives its hash. */
export async function putNumber(file: string, number: number): Promise<string> {
  const sdl = withNumber(await readFile(file, 'utf8'), number);
  await writeFile(`${file}.new`, sdl);
  await rename(`${file}.new`, file);
  return createHash('sha256').update(sdl).digest('hex');
}
