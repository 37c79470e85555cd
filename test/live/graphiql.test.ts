import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openGraphiql, type Graphiql, type SavedOperation } from '../../gateway/http/graphiql/page-files.ts';
import { answerWith, clickEditor, launchBrowser, openWatchedPage, type WatchedPage } from '../kit/browser.ts';

const TABS: SavedOperation[] = [
  {
    name: 'place-360',
    text: 'query Place360($iso: String = "SE") {\n  place(iso: $iso) {\n    iso\n    name\n  }\n}\n',
  },
  { name: 'all-places', text: 'query AllPlaces {\n  places {\n    iso\n  }\n}\n' },
];

const schema = buildSchema(`
  "A country or territory."
  type Place { iso: String! name: String! }
  type Query {
    "One place by its ISO 3166 code."
    place(iso: String!): Place
    places: [Place!]!
  }
`);
const places = [
  { iso: 'SE', name: 'Sweden' },
  { iso: 'NO', name: 'Norway' },
];
const rootValue = {
  place: ({ iso }: { iso: string }) => places.find((place) => place.iso === iso),
  places: () => places,
};

async function bundle(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['tools/bundle-graphiql.ts'], { timeout: 50_000 });
  return stdout;
}

beforeAll(async () => {
  await bundle();
});

describe('GraphiQL in a browser', () => {
  let server: Server;
  let origin: string;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    server = serve(openGraphiql({ tabs: TABS }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  beforeEach(async () => {
    watched = await openWatchedPage(browser);
    page = watched.page;
  });

  afterEach(async () => {
    await watched.close();
    expectQuietAndLocal();
  });

  function expectQuietAndLocal(): void {
    expect(watched.complaints).toEqual([]);
    expect([...watched.hosts]).toEqual([origin]);
  }

  test('opens the saved operations as tabs, and Ctrl-Enter shows the answer', async () => {
    await page.goto(origin);
    await page.getByRole('tab', { name: 'Place360', selected: true }).waitFor();
    await page.getByRole('tab', { name: 'AllPlaces' }).waitFor();
    await page.getByText('Place360($iso').waitFor();
    await clickEditor(page);
    await page.keyboard.press('Control+Enter');
    expect(await answerWith(page, '"Sweden"')).toEqual({ data: { place: { iso: 'SE', name: 'Sweden' } } });
  });

  test('shows the schema with its descriptions in the documentation', async () => {
    await page.goto(`${origin}/graphiql`);
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.getByRole('link', { name: 'Query', exact: true }).click();
    await page.getByText('One place by its ISO 3166 code.').waitFor();
    expect(await page.locator('.graphiql-plugin').innerText()).toMatch(/place\s*\(\s*iso: String!/);
  });

  test('marks a field that the schema lacks, which Monaco finds in its worker', async () => {
    await page.goto(origin);
    await page.getByText('Place360($iso').waitFor();
    await clickEditor(page);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('{ places { isso ');
    await page.locator('.graphiql-query-editor .squiggly-error').first().waitFor();
    const message = page.getByText('Cannot query field "isso" on type "Place"').first();
    // What it shows first may be what it found before the last key was pressed.
    const isShown = async (): Promise<boolean> => {
      await page.keyboard.press('F8');
      return message.isVisible();
    };
    await vi.waitUntil(isShown, { timeout: 30_000, interval: 500 });
    expect(await message.innerText()).toContain('Did you mean "iso"?');
  }, 60_000);

  test('opens a closed tab again from the saved operations', async () => {
    await page.goto(origin);
    await page.getByRole('tab', { name: 'AllPlaces' }).click();
    await page.getByRole('button', { name: 'Close Tab' }).last().click();
    await page.getByRole('tab', { name: 'AllPlaces' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Show Saved operations' }).click();
    await page.getByRole('button', { name: 'all-places' }).click();
    await page.getByRole('tab', { name: 'AllPlaces', selected: true }).waitFor();
    await page.getByText('query AllPlaces').waitFor();
    expect(await page.getByRole('tab').count()).toBe(2);
  });

  test("keeps the user's own tabs at the next visit", async () => {
    await page.goto(origin);
    await page.getByText('Place360($iso').waitFor();
    await clickEditor(page);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('query Mine { places { name ');
    await page.getByRole('tab', { name: 'Mine' }).waitFor();
    await page.waitForFunction(everyKeystrokeIsStored);
    await page.reload();
    await page.getByRole('tab', { name: 'Mine' }).waitFor();
    expect(await page.getByRole('tab', { name: 'Place360' }).count()).toBe(0);
  });
});

/**
 * Runs in the page. GraphiQL stores the tabs and the text of the open one at different times, and a page that is loaded between the two opens
 * that text in a tab more.
 */
function everyKeystrokeIsStored(): boolean {
  const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{"tabs":[]}') as {
    tabs: { query: string | null }[];
    activeTabIndex: number;
  };
  const text = localStorage.getItem('graphiql:query');
  return text !== null && text.includes('query Mine { places { name ') && tabs[activeTabIndex]?.query === text;
}

describe("GraphiQL's files", () => {
  const graphiql = openGraphiql({ tabs: TABS });

  test('are remembered for ever under their hashed names, and the page itself is asked for each time', () => {
    const index = graphiql.handle({ path: '/' });
    expect(index).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } });
    const [script] = /graphiql\/page-\w+\.js/.exec(text(index)) ?? [''];
    const headers = graphiql.handle({ path: `/${script}` })?.headers;
    expect(headers?.['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers?.['content-type']).toBe('text/javascript; charset=utf-8');
  });

  test('come in the smallest form the client takes, each with a tag of its own', () => {
    const asked = ['gzip, deflate, br', 'gzip', 'br;q=0, gzip', 'deflate'];
    const answers = asked.map((acceptEncoding) => graphiql.handle({ path: '/', acceptEncoding })?.headers);
    expect(answers.map((headers) => headers?.['content-encoding'])).toEqual(['br', 'gzip', 'gzip', undefined]);
    expect(new Set(answers.map((headers) => headers?.['etag'])).size).toBe(3);
  });

  test('are not sent again to a client that has them', () => {
    const etag = graphiql.handle({ path: '/' })?.headers['etag'];
    const again = graphiql.handle({ path: '/', ifNoneMatch: `"old", W/${etag}` });
    expect(again).toMatchObject({ status: 304, headers: { etag } });
    expect(again?.body).toHaveLength(0);
    expect(graphiql.handle({ path: '/', ifNoneMatch: '"old"' })?.status).toBe(200);
  });

  test('may load nothing from another host', () => {
    const headers = graphiql.handle({ path: '/' })?.headers;
    expect(headers?.['content-security-policy']).toContain("default-src 'none'");
    expect(headers?.['content-security-policy']).not.toMatch(/http|unsafe-eval|\*/);
    expect(headers?.['x-content-type-options']).toBe('nosniff');
  });

  test('leave every other path to the gateway', () => {
    for (const other of ['/graphql', '/health', '/graphiql/../page-files.ts', '/graphiql/stamp.json', '/graphiqlx']) {
      expect(graphiql.handle({ path: other })).toBeUndefined();
    }
  });

  test('are not bundled again while nothing changed', async () => {
    expect(await bundle()).toBe('GraphiQL: the bundle is current\n');
  });

  test('name the licence of every package in them', () => {
    const licences = text(graphiql.handle({ path: '/graphiql/LICENSES.txt' }));
    for (const name of ['graphiql', 'react', 'react-dom', 'monaco-editor', 'graphql']) {
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, 'm'));
    }
  });

  test('are replaced by a page that says what to run while there is no bundle', async () => {
    const empty = await mkdtemp(path.join(tmpdir(), 'graphiql-'));
    try {
      for (const folder of [empty, path.join(empty, 'missing')]) {
        const unbundled = openGraphiql({ tabs: TABS, folder });
        expect(unbundled.handle({ path: '/' })?.status).toBe(503);
        expect(text(unbundled.handle({ path: '/' }))).toContain('npm run prepare');
        expect(JSON.parse(text(unbundled.handle({ path: '/graphiql/tabs.json' })))).toEqual(TABS);
      }
    } finally {
      await rm(empty, { recursive: true });
    }
  });
});

function text(answer: ReturnType<Graphiql['handle']>): string {
  return Buffer.from(answer?.body ?? []).toString();
}

function serve(graphiql: Graphiql): Server {
  const graphql = createHandler({ schema, rootValue });
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/graphql') return void graphql(request, response);
    const answer = graphiql.handle({
      path: pathname,
      acceptEncoding: request.headers['accept-encoding']?.toString(),
      ifNoneMatch: request.headers['if-none-match'],
    });
    if (!answer) return void response.writeHead(404).end();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
}
