import { ApolloServer } from '@apollo/server';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SwitchyardGateway, type DataSource } from '../../gateway/apollo/switchyard-gateway.ts';
import { comparable, loadFederationCases, type CaseAnswer, type LoadedCase } from '../kit/federation-case.ts';
import { inProcessSubgraphs } from '../kit/federation.ts';

// Starting a thread for each case would take most of the time. The planner is the same one.
vi.mock(import('../../gateway/plan/planner.ts'), async () => ({
  startPlanner: (await import('../kit/planner-here.ts')).planHere,
}));

for (const loaded of await loadFederationCases()) {
  describe(`${loaded.about} [${loaded.name}], inside Apollo Server`, () => {
    let server: ApolloServer;
    beforeAll(async () => {
      server = await startServer(loaded);
    });
    afterAll(() => server.stop());
    for (const { about, query, variables, answer } of loaded.operations)
      test(about, async () => {
        const { body } = await server.executeOperation({ query, ...(variables && { variables }) });
        if (body.kind !== 'single') throw new Error('The answer came in parts.');
        // Every case is JSON; Apollo Server gives the objects that it would send.
        const given = JSON.parse(JSON.stringify(body.singleResult)) as CaseAnswer;
        const expected = answer.data === undefined ? inApolloServerWords(answer) : answer;
        expect(comparable(given, expected)).toEqual(comparable(expected, expected));
      });
  });
}

async function startServer({ subgraphs, supergraphSdl, introspection }: LoadedCase): Promise<ApolloServer> {
  const answer = inProcessSubgraphs(subgraphs);
  const buildService = ({ name: service }: { name: string }): DataSource => ({
    process: ({ request: { query = '', variables = {} } }) => answer({ service, query, variables }),
  });
  const server = new ApolloServer({
    gateway: new SwitchyardGateway({ supergraphSdl, buildService }),
    introspection,
  });
  await server.start();
  return server;
}

/** What is refused before it is carried out is refused by Apollo Server, in its own words. */
function inApolloServerWords({ errors = [] }: CaseAnswer): CaseAnswer {
  return { errors: errors.map(() => ({})) };
}
