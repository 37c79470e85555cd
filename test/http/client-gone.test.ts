import { request } from 'node:http';
import { expect, test, vi } from 'vitest';
import { closingAfterEach, serveBare } from '../kit/department.ts';
import { serveFederation } from '../kit/served-federation.ts';

const opened = closingAfterEach();

/** A gateway before one department that answers when the test says so. */
async function serve() {
  const asked: { query: string; end: 'cut' | 'whole' | undefined; answer(): void }[] = [];
  const desk = opened(
    await serveBare((incoming, response) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
      incoming.on('end', () => {
        const { query } = JSON.parse(body) as { query: string };
        const entry: (typeof asked)[number] = {
          query,
          end: undefined,
          answer: () => void response.end('{"data":{"set":1,"again":2}}'),
        };
        response.on('close', () => (entry.end = response.writableFinished ? 'whole' : 'cut'));
        asked.push(entry);
      });
    }),
  );
  const sdl = 'type Query { slow: Int } type Mutation { set: Int again: Int }';
  return { asked, gateway: opened(await serveFederation({ desk: { sdl, routingUrl: desk.url } })) };
}

/** Sends an operation; the caller goes when the test says so. */
function send(url: string, query: string): { leave(): void } {
  const sent = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } });
  sent.on('error', () => undefined);
  sent.end(JSON.stringify({ query }));
  return { leave: () => sent.destroy() };
}

test('a query whose caller has gone is given up, also at the department', async () => {
  const { gateway, asked } = await serve();
  const client = send(gateway.url, '{ slow }');
  await vi.waitUntil(() => asked.length === 1);
  client.leave();
  await vi.waitUntil(() => asked[0]!.end !== undefined);
  expect(asked[0]!.end).toBe('cut');
});

test('a mutation whose caller has gone is carried through', async () => {
  const { gateway, asked } = await serve();
  const client = send(gateway.url, 'mutation { set again }');
  const reader = send(gateway.url, '{ slow }');
  await vi.waitUntil(() => asked.length === 2);
  client.leave();
  reader.leave();
  const [mutation, query] = ['mutation', '{'].map((start) => asked.find((each) => each.query.startsWith(start))!);
  // What was left after it is cut by now: the gateway has seen both callers go.
  await vi.waitUntil(() => query!.end === 'cut');
  expect(mutation!.end).toBeUndefined();
  mutation!.answer();
  await vi.waitUntil(() => mutation!.end !== undefined);
  expect(mutation!.end).toBe('whole');
});
