import { composeServices } from '@apollo/composition';
import { GraphQLError, parse, Source, type ASTNode, type DocumentNode } from 'graphql';
import { sayPlainly } from './composition-advice.ts';
import type { CompositionProblem, CompositionResult, Place, SubgraphSource } from './composition.ts';
import { addJoinedDirectives } from './joined-directives.ts';
import { placeOfCoordinate, placeOfNode, uniquePlaces } from './places.ts';
import { explainUnreachable } from './unreachable-fields.ts';

/** Composes subgraphs into a supergraph with Apollo's composition, and adds the subgraphs' hints for caching and access. */
export function composeSubgraphs(sources: readonly SubgraphSource[]): CompositionResult {
  const parsed = sources.map(parseSource);
  const problems = parsed.flatMap((result) => (result.problem ? [result.problem] : []));
  if (problems.length > 0) return { ok: false, problems };
  const subgraphs = parsed.map(({ source, document }) => ({
    name: source.name,
    url: source.routingUrl,
    typeDefs: document!,
  }));
  const result = composeServices(subgraphs);
  if (result.errors) {
    const problems = result.errors.map((error) => explain(error, sources));
    return { ok: false, problems: explainUnreachable(problems, sources) };
  }
  const documents = subgraphs.map(({ name, typeDefs }) => ({ name, document: typeDefs }));
  return {
    ok: true,
    sdl: `${addJoinedDirectives(result.supergraphSdl, documents).trimEnd()}\n`,
    hints: result.hints.map((hint) => hint.message),
  };
}

interface ParsedSource {
  source: SubgraphSource;
  document?: DocumentNode;
  problem?: CompositionProblem;
}

function parseSource(source: SubgraphSource): ParsedSource {
  try {
    return { source, document: parse(new Source(source.sdl, source.origin)) };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { line = 1, column = 1 } = error.locations?.[0] ?? {};
    return {
      source,
      problem: {
        code: 'INVALID_GRAPHQL',
        ...sayPlainly('INVALID_GRAPHQL', error.message, []),
        places: [{ department: source.name, origin: source.origin, line, column }],
      },
    };
  }
}

function explain(error: GraphQLError, sources: readonly SubgraphSource[]): CompositionProblem {
  const code = typeof error.extensions['code'] === 'string' ? error.extensions['code'] : 'COMPOSITION_FAILED';
  const marked = (error.nodes ?? []).flatMap((node) => placeOf(node, sources));
  const isThere = new Set(marked.map(({ department }) => department));
  const missing = sources.filter(({ name }) => error.message.includes(`"${name}"`) && !isThere.has(name));
  const named = placesNamedIn(error.message, missing.length > 0 || marked.length > 0 ? missing : sources);
  const { message, advice } = sayPlainly(
    code,
    error.message,
    sources.map(({ name }) => name),
  );
  return { code, message, places: uniquePlaces([...marked, ...named]), advice };
}

/**
 * Some of Apollo's errors carry no nodes, or those of one side, only names in their text: `"Type.field"` and the subgraphs. Where those are
 * defined is what the reader will look for.
 */
function placesNamedIn(message: string, sources: readonly SubgraphSource[]): Place[] {
  const quoted = [...message.matchAll(/"(\w+)(?:\.(\w+))?[^"\s]*"/g)];
  for (const [, typeName, fieldName] of quoted) {
    const places = sources.flatMap((source) => placeOfCoordinate(source, typeName!, fieldName));
    if (places.length > 0) return places;
  }
  return [];
}

/** Apollo marks each node of an error with the subgraph it is from; nodes of the supergraph itself have no place. */
function placeOf(node: ASTNode & { subgraph?: string }, sources: readonly SubgraphSource[]): Place[] {
  const source = sources.find(({ name }) => name === node.subgraph);
  return source ? placeOfNode(source, node) : [];
}
