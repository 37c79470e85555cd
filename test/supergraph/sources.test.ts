import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import { openSource } from '../../gateway/supergraph/open-source.ts';
import type { SupergraphSource } from '../../gateway/supergraph/source.ts';
import { serveBare, temporaryFolder } from '../kit/department.ts';

function open(supergraph: string, reload: ConfigInput['reload'] = {}): SupergraphSource {
  const source = openSource(resolveConfig({ supergraph, reload }, {}));
  onTestFinished(() => source.close());
  return source;
}

function folder(): ReturnType<typeof temporaryFolder> {
  const made = temporaryFolder();
  onTestFinished(() => made.close());
  return made;
}

/** What a server of supergraphs was asked, and what it says: changed by the test. */
async function serveSupergraph() {
  const server = {
    sdl: 'type Query { a: Int }',
    httpStatus: 200,
    sends: true,
    seen: [] as { etag: string | undefined; key: unknown; answered: number }[],
    url: '',
  };
  const { url, close } = await serveBare((request, response) => {
    const etag = `"${server.sdl.length}"`;
    const asked = request.headers['if-none-match'];
    const httpStatus = server.httpStatus === 200 && asked === etag ? 304 : server.httpStatus;
    server.seen.push({ etag: asked, key: request.headers['x-key'], answered: httpStatus });
    if (!server.sends) return;
    response.writeHead(httpStatus, { etag, location: '/elsewhere' }).end(httpStatus === 304 ? undefined : server.sdl);
  });
  onTestFinished(close);
  return Object.assign(server, { url: `${url}/supergraph?token=hidden` });
}

describe('a supergraph that is got over HTTP', () => {
  test('is sent again only when it has changed', async () => {
    const server = await serveSupergraph();
    const source = open(server.url, { headers: { 'x-key': 'k1' } });
    const first = server.sdl;
    expect(await source.read()).toBe(first);
    expect(await source.read()).toBe(first);
    server.sdl = 'type Query { a: Int b: Int }';
    expect(await source.read()).toBe(server.sdl);
    expect(server.seen).toEqual([
      { etag: undefined, key: 'k1', answered: 200 },
      { etag: '"21"', key: 'k1', answered: 304 },
      { etag: '"21"', key: 'k1', answered: 200 },
    ]);
  });

  test.each([
    [500, /answered with status 500/],
    [301, /answered with status 301/],
    [404, /answered with status 404/],
  ])('is not had by an answer of %i, and can be had later', async (httpStatus, reason) => {
    const server = await serveSupergraph();
    const source = open(server.url);
    await source.read();
    server.httpStatus = httpStatus;
    await expect(source.read()).rejects.toThrow(reason);
    server.httpStatus = 200;
    expect(await source.read()).toBe(server.sdl);
  });

  test('is given up when it takes too long, or is too large', async () => {
    const server = await serveSupergraph();
    await expect(open(server.url, { maxBytes: 20 }).read()).rejects.toThrow('more bytes than reload.maxBytes allows');
    server.sends = false;
    await expect(open(server.url, { timeoutMs: 20 }).read()).rejects.toThrow('it took more than 20 ms');
  });

  test('is named without what is secret in its address', async () => {
    const server = await serveSupergraph();
    server.httpStatus = 500;
    const source = open(server.url.replace('://', '://user:password@'));
    expect(source.description).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/supergraph$/);
    await expect(source.read()).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hidden') }),
    );
  });
});

describe('a supergraph that is composed', () => {
  const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
  const first = `${LINK} type Query { t: T } type T @key(fields: "id") { id: ID! }`;
  const second = `${LINK} type T @key(fields: "id") { id: ID! x: Int }`;

  test('is composed again when a schema has changed, and says what keeps it from being one', async () => {
    const files = folder();
    const subgraph = (name: string): string =>
      `  ${name}: { routing_url: "http://${name}.test", schema: { file: ${name}.graphql } }`;
    await writeFile(files.file('supergraph.yaml'), `subgraphs:\n${subgraph('a')}\n${subgraph('b')}\n`);
    await writeFile(files.file('a.graphql'), first);
    await writeFile(files.file('b.graphql'), second);
    const source = open(files.file('supergraph.yaml'));
    const composed = await source.read();
    expect(composed).toContain('x: Int');
    expect(await source.read()).toBe(composed);
    await writeFile(files.file('b.graphql'), second.replace('x: Int', 'y: String'));
    expect(await source.read()).toContain('y: String');
    await writeFile(files.file('a.graphql'), first.replace('id: ID! }', 'id: ID! y: Int }'));
    await expect(source.read()).rejects.toThrow(/cannot be composed: .*b\.graphql:1:\d+/s);
    await rm(files.file('b.graphql'));
    await expect(source.read()).rejects.toThrow(/cannot be composed: .*b\.graphql .*cannot be read/s);
  });

  test('is given up when composing takes too long', async () => {
    const files = folder();
    await writeFile(
      files.file('supergraph.yaml'),
      'subgraphs: { a: { routing_url: "http://a.test", schema: { file: a.graphql } } }',
    );
    await writeFile(files.file('a.graphql'), first);
    await expect(open(files.file('supergraph.yaml'), { timeoutMs: 1 }).read()).rejects.toThrow('it took too long');
  });
});

test('a file that is too large is not taken', async () => {
  const files = folder();
  await writeFile(files.file('s.graphql'), 'type Query { a: Int }');
  await expect(open(files.file('s.graphql'), { maxBytes: 20 }).read()).rejects.toThrow('reload.maxBytes allows 20');
});
