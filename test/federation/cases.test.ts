import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR_CATALOGUE } from '../../gateway/errors.ts';
import type { Planner } from '../../gateway/plan/planner.ts';
import { loadSupergraph } from '../../gateway/supergraph/load.ts';
import { comparable, loadFederationCases, type CaseAnswer, type LoadedCase } from '../kit/federation-case.ts';
import { federate, type SmallFederation } from '../kit/federation.ts';
import { planHere } from '../kit/planner-here.ts';
import { startApolloOracle, type ApolloOracle } from './apollo-oracle.ts';

/**
 * Every case is a folder beside this file: a small federation, its operations, and the one right answer to each. Each is
 * asked of the gateway in both of its ways, and of ApolloGateway as a second opinion.
 */
for (const loaded of await loadFederationCases()) {
  describe(`${loaded.about} [${loaded.name}]`, () => {
    let planner: Planner;
    beforeAll(() => {
      planner = planHere(loadSupergraph(loaded.supergraphSdl).sdl);
    });

    describe('by programs', () => {
      testPrograms(loaded, () => planner);
    });
    describe('the plain way', () => {
      testPlainWay(loaded, () => planner);
    });
    describe('by ApolloGateway', () => {
      testApollo(loaded);
    });
  });
}

function testPrograms(loaded: LoadedCase, planner: () => Planner): void {
  const federation = serve(loaded, planner, true);
  for (const { about, query, variables, answer, plainOnly } of loaded.operations)
    test(about, async () => {
      const before = federation().programAnswers();
      const given = await federation().ask(query, variables);
      expect(comparable(given, answer)).toEqual(comparable(answer, answer));
      const byProgram = federation().programAnswers() > before;
      if (plainOnly !== undefined) expect(byProgram, `There is a program, although: ${plainOnly}`).toBe(false);
      else if (!answer.errors) expect(byProgram, 'whether a program wrote the answer').toBe(true);
    });
}

function testPlainWay(loaded: LoadedCase, planner: () => Planner): void {
  const federation = serve(loaded, planner, false);
  for (const { about, query, variables, answer } of loaded.operations)
    test(about, async () => {
      const given = await federation().ask(query, variables);
      expect(comparable(given, answer)).toEqual(comparable(answer, answer));
    });
}

function testApollo(loaded: LoadedCase): void {
  let apollo: ApolloOracle;
  beforeAll(async () => {
    apollo = await startApolloOracle(loaded);
  });
  afterAll(() => apollo.close());
  for (const { about, query, variables, answer, apolloIsWrong } of loaded.operations)
    test(apolloIsWrong === undefined ? about : `${about} (it does not: ${apolloIsWrong})`, async () => {
      const expected = inApolloWords(answer);
      const given = comparable(await apollo.ask(query, variables), expected);
      if (apolloIsWrong === undefined) expect(given).toEqual(comparable(expected, expected));
      else expect(given).not.toEqual(comparable(expected, expected));
    });
}

function serve(loaded: LoadedCase, planner: () => Planner, usePrograms: boolean): () => SmallFederation {
  let federation: SmallFederation;
  beforeAll(async () => {
    const { subgraphs, supergraphSdl, introspection } = loaded;
    const config = { introspection };
    federation = await federate(subgraphs, { supergraphSdl, usePrograms, config, planner: planner() });
  });
  return () => federation;
}

/** Each gateway has its own codes, and its own words for its own errors; departments' words and all places are the same. */
function inApolloWords({ data, errors = [] }: CaseAnswer): CaseAnswer {
  return {
    ...(data === undefined ? {} : { data }),
    errors: errors.map(({ message, extensions: { code, service } = {}, ...place }) => ({
      ...place,
      ...(message === undefined || isOwnCode(code) ? {} : { message }),
      ...(service === undefined ? {} : { extensions: { service } }),
    })),
  };
}

function isOwnCode(code: string | undefined): boolean {
  return code !== undefined && code !== 'DOWNSTREAM_SERVICE_ERROR' && code in ERROR_CATALOGUE;
}
