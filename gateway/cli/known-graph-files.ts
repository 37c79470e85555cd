import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { GraphQLError, parse, Source, type DocumentNode } from 'graphql';
import { NO_GRAPH, readKnownGraph, type KnownGraph } from '../../subgraphs/kit/wrap/known-graph.ts';
import { readSubgraphs, SupergraphConfigError } from '../supergraph/supergraph-config.ts';

/** Where a graph is looked for, from where the command is run. */
const USUAL_FILES = ['supergraph.yaml', 'supergraph.graphql', 'schema/supergraph.graphql'];

/** What is known of a graph, and the file that it was read from. */
export interface FoundGraph {
  graph: KnownGraph;
  file: string | undefined;
}

/**
 * Reads what other departments have: of a supergraph, or of a `supergraph.yaml`.
 *
 * @param file where none is named, the usual ones are looked for, and none is no mistake
 * @throws SupergraphConfigError where it cannot be read
 */
export async function findKnownGraph(file: string | undefined): Promise<FoundGraph> {
  const found = file ?? USUAL_FILES.find((each) => existsSync(each));
  if (found === undefined) return { graph: NO_GRAPH, file: undefined };
  return { graph: readKnownGraph(await documentsOf(found)), file: found };
}

async function documentsOf(file: string): Promise<DocumentNode[]> {
  if (/\.ya?ml$/.test(file)) return (await readSubgraphs(file)).map(({ sdl, origin }) => parsed(sdl, origin));
  try {
    return [parsed(await readFile(file, 'utf8'), file)];
  } catch (error) {
    if (error instanceof SupergraphConfigError) throw error;
    throw new SupergraphConfigError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function parsed(sdl: string, origin: string): DocumentNode {
  try {
    return parse(new Source(sdl, origin));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { line = 1, column = 1 } = error.locations?.[0] ?? {};
    throw new SupergraphConfigError(`${origin}:${line}:${column}: ${error.message}`, { cause: error });
  }
}
