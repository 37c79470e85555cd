import { describe, expect, test } from 'vitest';
import { loadSupergraph, SupergraphError } from '../../gateway/supergraph/load.ts';
import { composeSmall } from '../kit/federation.ts';

const sdl = composeSmall({
  words: {
    sdl: `extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
      @link(url: "https://specs.example.org/wording/v1.0", import: ["@shout"])
      @link(url: "https://specs.example.org/owners/v1.0", import: ["@owner"])
      @composeDirective(name: "@shout")
      @composeDirective(name: "@owner")
      directive @shout on FIELD
      directive @owner(name: String) on OBJECT
      type Query @owner(name: "us") { word: String }`,
  },
});

describe('directives of features that a supergraph links', () => {
  test('are part of the schema that clients see where clients can use them', () => {
    const { apiSchema } = loadSupergraph(sdl);
    expect(apiSchema.getDirective('shout')?.locations).toEqual(['FIELD']);
    expect(apiSchema.getDirective('owner')).toBeUndefined();
  });

  test('do not make a supergraph fit to serve whose feature has to be known', () => {
    const secured = sdl.replace('import: ["@shout"]', 'import: ["@shout"], for: SECURITY');
    expect(secured).not.toBe(sdl);
    expect(() => loadSupergraph(secured)).toThrow(SupergraphError);
  });
});
