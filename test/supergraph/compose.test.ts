import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import type { SubgraphSource } from '../../gateway/supergraph/composition.ts';
import { loadSupergraph, SupergraphError } from '../../gateway/supergraph/load.ts';
import { readSubgraphs } from '../../gateway/supergraph/supergraph-config.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])\n';

function source(name: string, sdl: string): SubgraphSource {
  return { name, routingUrl: `http://${name}.test`, origin: `schema/${name}.graphql`, sdl: LINK + sdl };
}

function problemsOf(...sources: SubgraphSource[]) {
  const result = composeSubgraphs(sources);
  if (result.ok) throw new Error('composed');
  return result.problems;
}

describe('a composition error names the department, the file and the line, and what to change', () => {
  test('a field of two types', () => {
    const [problem] = problemsOf(
      source('a', 'type Query { x: T }\n type T @key(fields: "id") {\n id: ID!\n size: Int }'),
      source('b', 'type T @key(fields: "id") {\n id: ID!\n size: String }'),
    );
    expect(problem).toMatchObject({
      code: 'FIELD_TYPE_MISMATCH',
      places: [
        { department: 'a', origin: 'schema/a.graphql', line: 5 },
        { department: 'b', origin: 'schema/b.graphql', line: 4 },
      ],
      advice: expect.stringContaining('same type in every subgraph') as string,
    });
  });

  test('a text that is not GraphQL', () => {
    expect(problemsOf(source('a', 'type Query { x: Int }'), source('b', '\ntype T {'))).toMatchObject([
      { code: 'INVALID_GRAPHQL', places: [{ department: 'b', origin: 'schema/b.graphql', line: 3 }] },
    ]);
  });

  test('a field that two departments claim', () => {
    const [problem] = problemsOf(source('a', 'type Query {\n x: Int }'), source('b', 'type Query {\n x: Int }'));
    expect(problem).toMatchObject({
      code: 'INVALID_FIELD_SHARING',
      advice: expect.stringContaining('@shareable') as string,
    });
    expect(problem!.places.map(({ department, line }) => [department, line])).toEqual([
      ['a', 3],
      ['b', 3],
    ]);
  });
});

test('what each subgraph says of caching is in the supergraph, for that subgraph', () => {
  const cacheControl = 'directive @cacheControl(maxAge: Int, inheritMaxAge: Boolean) on OBJECT | FIELD_DEFINITION\n';
  const composed = composeSubgraphs([
    source('a', `${cacheControl} type Query { t: T } type T @key(fields: "id") @cacheControl(maxAge: 60) { id: ID! }`),
    source(
      'b',
      `${cacheControl} type T @key(fields: "id") { id: ID! x: Int @cacheControl(maxAge: 5) y: T @cacheControl(inheritMaxAge: true) }`,
    ),
  ]);
  if (!composed.ok) throw new Error('did not compose');
  const { cacheHints } = loadSupergraph(composed.sdl);
  expect(cacheHints.get('a')).toEqual(new Map([['T', { maxAgeSeconds: 60 }]]));
  expect(cacheHints.get('b')).toEqual(
    new Map([
      ['T.x', { maxAgeSeconds: 5 }],
      ['T.y', { inheritMaxAge: true }],
    ]),
  );
});

test.each(['none', '2.0', '2.3', '2.6', '2.7', '2.9'])(
  'departments of federation %s may have hints for caching and access',
  (version) => {
    const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v${version}", import: ["@key"])`;
    const composed = composeSubgraphs([
      {
        ...source('a', ''),
        sdl: `${version === 'none' ? '' : link} directive @cacheControl(maxAge: Int) on OBJECT
          directive @access(class: String!) on FIELD_DEFINITION
          type Query { t: T } type T @key(fields: "id") @cacheControl(maxAge: 5) { id: ID! x: Int @access(class: "c") }`,
      },
    ]);
    if (!composed.ok) throw new Error('did not compose');
    const { cacheHints, access } = loadSupergraph(composed.sdl);
    expect(cacheHints.get('a')).toEqual(new Map([['T', { maxAgeSeconds: 5 }]]));
    expect(access.conditions).toContainEqual({ kind: 'class', department: 'a', name: 'c' });
  },
);

test('a text that is no supergraph is refused with the reason', () => {
  expect(() => loadSupergraph('type Query { a: Int }')).toThrow(SupergraphError);
  expect(() => loadSupergraph('nonsense {')).toThrow(SupergraphError);
});

test('every schema of the reference deployment is read by supergraph.yaml', async () => {
  const names = (await readSubgraphs('supergraph.yaml')).map(({ name }) => name);
  const schemas = (await readdir('schema')).filter(
    (file) => file.endsWith('.graphql') && file !== 'supergraph.graphql',
  );
  expect(names.toSorted()).toEqual(schemas.map((file) => file.replace('.graphql', '')).toSorted());
});
