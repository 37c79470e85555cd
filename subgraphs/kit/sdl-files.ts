import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  getLocation,
  GraphQLError,
  parse,
  Source,
  visit,
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
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
  let documents: DocumentNode[] = [];
  try {
    const files = statSync(path).isDirectory() ? graphqlFiles(path) : [path];
    documents = files.map((file) => parse(new Source(readFileSync(file, 'utf8'), file)));
    const modules = documents.map((typeDefs, at) => (at === 0 ? { typeDefs, resolvers } : { typeDefs }));
    return { schema: buildSubgraphSchema(modules) };
  } catch (error) {
    const faults = graphqlErrorsOf(error);
    if (faults.length > 0)
      throw new StartError(faults.map((fault) => `${placeOfError(fault, path)}: ${fault.message}`).join('\n'));
    const { message } = error as Error;
    const place = placeOfName(documents, message);
    throw new StartError(
      place === undefined ? `the schema ${path} cannot be taken: ${message}` : `${place}: ${message}`,
    );
  }
}

/** One, or all that keep a schema from being one. */
function graphqlErrorsOf(error: unknown): GraphQLError[] {
  if (error instanceof GraphQLError) return [error];
  const { errors = [] } = error as { errors?: readonly unknown[] };
  return errors.filter((each) => each instanceof GraphQLError);
}

/** Of some mistakes only the names are told: where the first of them stands is what the reader will look for. */
function placeOfName(documents: readonly DocumentNode[], message: string): string | undefined {
  for (const [, type = '', field] of message.matchAll(/"@?(\w+)(?:\.(\w+))?[^"\s]*"/g)) {
    let found: ASTNode | undefined;
    let isWithin = false;
    for (const document of documents)
      visit(document, {
        Name(node, _key, parent) {
          const isOfDefinition =
            parent !== undefined && 'kind' in parent && /(Definition|Extension)$/.test(parent.kind);
          if (isOfDefinition && !/^(Field|InputValue|EnumValue)/.test(parent.kind)) isWithin = node.value === type;
          if (field === undefined ? node.value === type : isWithin && node.value === field) found ??= node;
        },
      });
    if (found) return placeOf(found);
  }
  return undefined;
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
