import { IntrospectAndCompose } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { afterAll, beforeAll, expect, describe, test } from 'vitest';
import { SwitchyardGateway } from '../../gateway/apollo/switchyard-gateway.ts';
import {
  composeServed,
  FEES,
  listeningLogger,
  PERMITS,
  serveSlowPermits,
  serveSubgraph,
  type ServedSubgraph,
} from './city-desk.ts';
import { DrivenManager, nextSupergraph } from './driven-manager.ts';

let permits: ServedSubgraph;
let fees: ServedSubgraph;
let first: string;
let second: string;
beforeAll(async () => {
  [permits, fees] = await Promise.all([serveSubgraph(PERMITS), serveSubgraph(FEES)]);
  first = composeServed(permits);
  second = composeServed(permits, fees);
});
afterAll(() => Promise.all([permits.close(), fees.close()]));

describe('stop()', () => {
  test('leaves nothing: no thread, no connection, no timer, and the manager has cleaned up', async () => {
    const before = resources();
    const manager = new DrivenManager(second);
    const gateway = new SwitchyardGateway({ supergraphSdl: manager });
    const server = new ApolloServer({ gateway });
    await server.start();
    const served = nextSupergraph(gateway);
    manager.update(first);
    await served;
    const { body } = await server.executeOperation({ query: '{ permits { number } }' });
    expect(body).toMatchObject({ singleResult: { data: { permits: [{ number: 'P-1' }, { number: 'P-2' }] } } });
    expect(resources()).not.toEqual(before);
    const startedAt = performance.now();
    await Promise.all([server.stop(), gateway.stop()]);
    // What the update put aside waits longer than this for its last requests.
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await expect.poll(resources, { timeout: 5_000 }).toEqual(before);
    expect(manager.cleanups).toBe(1);
    expect(() => manager.update(second)).toThrow(/takes no update; it is stopped/);
    await expect(gateway.load()).rejects.toThrow(/can be loaded once; it is stopped/);
  });

  test('leaves nothing of what IntrospectAndCompose asked and polls', async () => {
    const before = resources();
    const manager = new IntrospectAndCompose({
      subgraphs: [permits, fees].map(({ name, url }) => ({ name, url })),
      pollIntervalInMs: 10,
    });
    const gateway = new SwitchyardGateway({ supergraphSdl: manager });
    await gateway.load();
    expect(resources()['TCPSocketWrap']).toBeGreaterThan(before['TCPSocketWrap'] ?? 0);
    await gateway.stop();
    await expect.poll(resources, { timeout: 5_000 }).toEqual(before);
  });

  test('lets requests under way finish', async () => {
    const { slow, asked, answerNow } = await serveSlowPermits();
    const gateway = new SwitchyardGateway({ supergraphSdl: composeServed(slow, fees) });
    const server = new ApolloServer({ gateway });
    await server.start();
    const answer = server.executeOperation({ query: '{ permits { kind fee } }' });
    await asked;
    const stopped = gateway.stop();
    answerNow();
    expect((await answer).body).toMatchObject({ singleResult: { data: { permits: [{ kind: 'STALL', fee: 40 }] } } });
    await stopped;
    const message = 'SwitchyardGateway cannot answer; it is stopped.';
    const late = await server.executeOperation({ query: '{ permits { number } }' });
    expect(late.body).toMatchObject({ singleResult: { errors: [{ message }] } });
    await server.stop();
    await slow.close();
  });

  test('before anything was loaded is no error', async () => {
    const gateway = new SwitchyardGateway({ supergraphSdl: first });
    await expect(gateway.stop()).resolves.toBeUndefined();
  });

  test('of a manager that fails to clean up is told to the log', async () => {
    const logger = listeningLogger();
    const cleanup = () => Promise.reject(new Error('still polling'));
    const gateway = new SwitchyardGateway({
      supergraphSdl: () => Promise.resolve({ supergraphSdl: first, cleanup }),
      logger,
    });
    await gateway.load();
    await gateway.stop();
    expect(logger.lines).toEqual(['error The supergraph manager could not clean up: still polling']);
  });
});

/** What keeps this process alive, counted by its kind; the test runner's own channel among it. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
