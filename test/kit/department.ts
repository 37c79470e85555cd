import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

/** A GraphQL answer of a department's subgraph, as JSON. */
export interface EntitiesAnswer {
  data?: { _entities: (Record<string, unknown> | null)[] } | null;
  errors?: { message: string; path?: (string | number)[]; extensions?: { code?: string } }[];
}

/** Asks a subgraph for entities, as a gateway does. */
export async function askEntities(
  url: string,
  representations: readonly object[],
  selection: string,
): Promise<EntitiesAnswer> {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query, variables: { representations } }),
  });
  return (await response.json()) as EntitiesAnswer;
}

/** What `GET /stats` beside a URL answers. */
export async function readStats(url: string): Promise<Record<string, number>> {
  const response = await fetch(new URL('/stats', url));
  return (await response.json()) as Record<string, number>;
}

/** Things a test opened; each is closed when it ends, the last one first. */
export function closingAfterEach(): <T extends { close(): unknown }>(opened: T) => T {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const thing of open.splice(0).reverse()) await thing.close();
  });
  return (thing) => {
    open.push(thing);
    return thing;
  };
}

/** A folder of its own, removed by `close`. */
export function temporaryFolder(): { path: string; file(name: string): string; close(): void } {
  const path = mkdtempSync(join(tmpdir(), 'switchyard-test-'));
  return { path, file: (name) => join(path, name), close: () => rmSync(path, { recursive: true, force: true }) };
}

/** A bare HTTP server, for systems that misbehave; `close` cuts what is still under way. */
export async function serveBare(
  listener: RequestListener,
  port = 0,
): Promise<{ url: string; port: number; close(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A port where nobody listens. */
export async function freePort(): Promise<number> {
  const server = await serveBare(() => {});
  await server.close();
  return server.port;
}

/** How a forger changes what passes between a subgraph and its system. */
export interface Forgery {
  request?(text: string): string;
  answer?(text: string): string;
  /** Takes a request over when it returns true: it answers by itself, or never. */
  intercept?(request: IncomingMessage, response: ServerResponse): boolean;
}

/** Stands before a real system and changes the text of requests or answers on their way. */
export function forge(target: string, forgery: Forgery) {
  return serveBare((request, response) => {
    void (async () => {
      if (forgery.intercept?.(request, response)) return;
      const body = await readText(request);
      const answer = await fetch(new URL(request.url ?? '/', target), {
        method: request.method ?? 'GET',
        headers: { 'content-type': request.headers['content-type'] ?? 'text/plain' },
        ...(body && { body: forgery.request?.(body) ?? body }),
      });
      // A WSDL names the host it was asked by; whoever reads it here must come back here.
      const text = (await answer.text()).replaceAll(new URL(target).host, request.headers.host ?? '');
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? 'text/plain',
      });
      response.end(forgery.answer?.(text) ?? text);
    })();
  });
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
