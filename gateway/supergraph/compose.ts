import { composeServices } from '@apollo/composition';
import { GraphQLError, parse, Source, type ASTNode, type DocumentNode } from 'graphql';
import { adviceFor } from './composition-advice.ts';
import { addJoinedDirectives } from './joined-directives.ts';

/** A subgraph to compose. */
export interface SubgraphSource {
  name: string;
  routingUrl: string;
  sdl: string;
  /** The file or address the SDL came from, for error messages. */
  origin: string;
}

/** Something that keeps subgraphs from being one graph, with all that is needed to mend it. */
export interface CompositionProblem {
  /** Apollo's code of the rule that is broken, such as `FIELD_TYPE_MISMATCH`. */
  code: string;
  message: string;
  /** Where the definitions that clash are. */
  places: { department: string; origin: string; line: number; column: number }[];
  /** What to change. */
  advice: string;
}

export type CompositionResult =
  { ok: true; sdl: string; hints: string[] } | { ok: false; problems: CompositionProblem[] };

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
  if (result.errors) return { ok: false, problems: result.errors.map((error) => explain(error, sources)) };
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
        message: error.message,
        places: [{ department: source.name, origin: source.origin, line, column }],
        advice: adviceFor('INVALID_GRAPHQL'),
      },
    };
  }
}

function explain(error: GraphQLError, sources: readonly SubgraphSource[]): CompositionProblem {
  const code = typeof error.extensions['code'] === 'string' ? error.extensions['code'] : 'COMPOSITION_FAILED';
  const marked = (error.nodes ?? []).flatMap((node) => placeOf(node, sources));
  const places = marked.length > 0 ? marked : placesNamedIn(error.message, sources);
  return { code, message: error.message, places: unique(places), advice: adviceFor(code) };
}

/**
 * Some of Apollo's errors carry no nodes, only names in their text: `"Type.field"` and the subgraphs. Where those are
 * defined is what the reader will look for.
 */
function placesNamedIn(message: string, sources: readonly SubgraphSource[]): CompositionProblem['places'] {
  const [, typeName, fieldName] = /"(\w+)(?:\.(\w+))?[^"\s]*"/.exec(message) ?? [];
  if (!typeName) return [];
  const named = sources.filter(({ name }) => message.includes(`"${name}"`));
  return (named.length > 0 ? named : sources).flatMap((source) => {
    const node = findDefinition(parse(source.sdl), typeName, fieldName);
    if (!node?.loc) return [];
    const { line, column } = node.loc.startToken;
    return [{ department: source.name, origin: source.origin, line, column }];
  });
}

function findDefinition(document: DocumentNode, typeName: string, fieldName: string | undefined): ASTNode | undefined {
  for (const definition of document.definitions) {
    if (!('fields' in definition) || definition.name.value !== typeName) continue;
    if (!fieldName) return definition;
    const field = definition.fields.find(({ name }) => name.value === fieldName);
    if (field) return field;
  }
  return undefined;
}

/** Apollo marks each node of an error with the subgraph it is from; nodes of the supergraph itself have no place. */
function placeOf(
  node: ASTNode & { subgraph?: string },
  sources: readonly SubgraphSource[],
): CompositionProblem['places'] {
  const source = sources.find(({ name }) => name === node.subgraph);
  if (!source || !node.loc) return [];
  const { line, column } = node.loc.startToken;
  return [{ department: source.name, origin: source.origin, line, column }];
}

function unique(places: CompositionProblem['places']): CompositionProblem['places'] {
  return [...new Map(places.map((place) => [`${place.origin}:${place.line}:${place.column}`, place])).values()];
}
