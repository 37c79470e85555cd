import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { expect, test, vi } from 'vitest';
import { ConfigError } from '../../gateway/config/config.ts';
import { Deadline } from '../../gateway/deadline.ts';
import { verifyRequest } from '../../subgraphs/kit/verify-request.ts';
import { closingAfterEach, serveBare, temporaryFolder } from '../kit/department.ts';
import { askOne } from '../kit/one-department.ts';
import { verifying } from '../kit/signed-request.ts';

const opened = closingAfterEach();

/** A department that answers, and the header of each request that it got. */
async function serveDepartment() {
  const seen: IncomingMessage['headers'][] = [];
  const server = opened(
    await serveBare((request, response) => {
      seen.push(request.headers);
      request.resume().on('end', () => response.end('{"data":{"a":1}}'));
    }),
  );
  return { seen, url: `${server.url}/graphql` };
}

test("a department is told how long its answer may take: its own time, or what is left of the request's", async () => {
  const { seen, url } = await serveDepartment();
  const department = opened(askOne(url, { allSubgraphs: { timeoutMs: 3_000 } }));
  await department.ask('query', new Deadline(10_000));
  await department.ask('mutation', new Deadline(2_000));
  const [own, rest] = seen.map((headers) => Number(headers['x-request-timeout-ms']));
  expect(own).toBeGreaterThan(2_000);
  expect(own).toBeLessThanOrEqual(3_000);
  expect(rest).toBeGreaterThan(1_000);
  expect(rest).toBeLessThanOrEqual(2_000);
});

test('a department is told so by another name, or not at all', async () => {
  const { seen, url } = await serveDepartment();
  const name = 'x-envoy-expected-rq-timeout-ms';
  await opened(askOne(url, { allSubgraphs: { timeoutHeader: name } })).ask();
  await opened(
    askOne(url, { allSubgraphs: { timeoutHeader: name }, subgraphs: { tax: { timeoutHeader: false } } }),
  ).ask();
  expect(seen.map((headers) => name in headers)).toEqual([true, false]);
  expect(seen.map((headers) => 'x-request-timeout-ms' in headers)).toEqual([false, false]);
});

test.each(['switchyard-timeout', 'X-Timeout', 'content-length', 'a b'])('it is not told by the name %s', (name) => {
  expect(() => askOne('http://tax.test/', { allSubgraphs: { timeoutHeader: name } })).toThrow(ConfigError);
});

test('nothing is sent where no time is left', async () => {
  const { seen, url } = await serveDepartment();
  const department = opened(askOne(url));
  const over = new Deadline(10_000);
  over.end();
  await expect(department.ask('query', over)).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
  await department.ask();
  expect(seen).toHaveLength(1);
});

test('a request that waits for a connection is not sent once its time is over', async () => {
  const waiting: (() => void)[] = [];
  const server = opened(
    await serveBare((request, response) => {
      request.resume();
      waiting.push(() => response.end('{"data":{"a":1}}'));
    }),
  );
  const department = opened(askOne(server.url, { allSubgraphs: { maxConnections: 1 } }));
  const first = department.ask();
  await vi.waitUntil(() => waiting.length === 1);
  const late = new Deadline(10_000);
  const second = department.ask('query', late);
  late.end();
  await expect(second).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
  waiting[0]!();
  await first;
  const third = department.ask();
  await vi.waitUntil(() => waiting.length === 2);
  waiting[1]!();
  await third;
});

test('a signed request that tells the time is a signed request: the time may change on its way, and attempts differ in it', async () => {
  const folder = opened(temporaryFolder());
  const keyFile = folder.file('key.pem');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const options = verifying({ keys: new Map([['gateway', publicKey]]) });
  const seen: { verified: string | true; leftMs: number; signed: string }[] = [];
  const server = opened(
    await serveBare((request, response) => {
      const { method, url, headers } = request;
      const leftMs = Number(headers['x-request-timeout-ms']);
      // As a proxy might that waited for a while.
      const passedOn = { ...headers, 'x-request-timeout-ms': String(leftMs - 1) };
      void request.toArray().then((parts) => {
        const body = Buffer.concat(parts);
        const received = { method: method!, url: new URL(url!, server.url), headers: passedOn, body };
        const verified = verifyRequest(received, options);
        seen.push({ verified: verified.ok || verified.code, leftMs, signed: String(headers['signature-input']) });
        response.writeHead(seen.length === 1 ? 503 : 200).end('{"data":{"a":1}}');
      });
    }),
  );
  const settings = { signing: { keyFile, keyId: 'gateway' }, allSubgraphs: { timeoutMs: 9_000, retryDelayMs: 5 } };
  const department = opened(askOne(`${server.url}/graphql`, settings));
  expect(await department.ask()).toMatchObject({ httpStatus: 200 });
  expect(seen.map(({ verified }) => verified)).toEqual([true, true]);
  for (const { leftMs, signed } of seen) {
    expect(leftMs).toBeGreaterThan(0);
    expect(signed).not.toContain('x-request-timeout-ms');
  }
  expect(seen[1]!.leftMs).toBeLessThanOrEqual(seen[0]!.leftMs);
});
