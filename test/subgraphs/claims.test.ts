import { readFileSync } from 'node:fs';
import { parse, print } from 'graphql';
import { expect, test } from 'vitest';
import { readFacts } from '../../subgraphs/kit/facts/facts-department.ts';
import { projectRoot } from '../../network/settings.ts';

test('the schema that is composed is the one that is made of the facts: else write it with switchyard-subgraph schema', () => {
  const { sdl } = readFacts(new URL('../../subgraphs/claims/facts.yaml', import.meta.url));
  const composed = readFileSync(`${projectRoot}schema/claims.graphql`, 'utf8');
  expect(print(parse(composed))).toBe(print(parse(sdl)));
});
