import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { getLocation, GraphQLError, parse, Source, type ASTNode, type GraphQLSchema } from 'graphql';
import { StartError } from './program.ts';

/** A federation resolver map: type name to field name to resolver, as `@apollo/subgraph` takes it. */
export type Resolvers = NonNullable<Extract<BuildInput, { typeDefs: unknown }>['resolvers']>;
type BuildInput = Extract<Parameters<typeof buildSubgraphSchema>[0], unknown[]>[number];

/** A department's SDL, and the schema that it makes with the federation's own fields. */
export interface Sdl {
  schema: GraphQLSchema;
}

/**
 * Reads SDL from a file, or from every `.graphql` file of a folder.
 * @param resolvers what answers it; left out where only the types are of interest
 * @throws StartError with the place of what is wrong
 */
export function readSdl(path: string, resolvers: Resolvers = {}): Sdl {
  try {
    const files = statSync(path).isDirectory() ? graphqlFiles(path) : [path];
    const documents = files.map((file) => parse(new Source(readFileSync(file, 'utf8'), file)));
    const modules = documents.map((typeDefs, at) => (at === 0 ? { typeDefs, resolvers } : { typeDefs }));
    return { schema: buildSubgraphSchema(modules) };
  } catch (error) {
    if (error instanceof GraphQLError) throw new StartError(`${placeOfError(error, path)}: ${error.message}`);
    throw new StartError(`the schema ${path} cannot be taken: ${(error as Error).message}`);
  }
}

/** `file:line:column` of a definition. */
export function placeOf(node: ASTNode | null | undefined): string {
  if (!node?.loc) return 'the schema';
  const { line, column } = getLocation(node.loc.source, node.loc.start);
  return `${node.loc.source.name}:${line}:${column}`;
}

function graphqlFiles(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
  if (names.length === 0) throw new StartError(`${folder} has no .graphql file`);
  return names.toSorted().map((name) => join(folder, name));
}

function placeOfError({ source, locations, nodes }: GraphQLError, path: string): string {
  const [location] = locations ?? [];
  if (source && location) return `${source.name}:${location.line}:${location.column}`;
  return nodes?.[0] ? placeOf(nodes[0]) : path;
}
