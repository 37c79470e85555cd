import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** A page in a browser that remembers what is not as it should be. */
export interface WatchedPage {
  page: Page;
  /** Origins that anything was asked of. */
  hosts: ReadonlySet<string>;
  /** Requests that failed, and what the page wrote to its console as warning or error. */
  complaints: readonly string[];
  close(): Promise<void>;
}

/** Starts Chromium without what it does by itself on the network. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Opens an empty page that shares nothing with others. */
export async function openWatchedPage(browser: Browser): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const hosts = new Set<string>();
  const complaints: string[] = [];
  watch(context, page, { hosts, complaints });
  return { page, hosts, complaints, close: () => context.close() };
}

function watch(
  context: BrowserContext,
  page: Page,
  { hosts, complaints }: { hosts: Set<string>; complaints: string[] },
): void {
  context.on('request', (request) => {
    if (/^(http|ws)s?:/.test(request.url())) hosts.add(new URL(request.url()).origin);
  });
  context.on('requestfailed', (request) => {
    // What a page was still getting when it was left.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`${request.url()} failed`);
  });
  context.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()} answered ${response.status()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
}

/** Puts the cursor into the first line of GraphiQL's editor. */
export async function clickEditor(page: Page): Promise<void> {
  await page
    .locator('.graphiql-query-editor .view-line')
    .first()
    .click({ position: { x: 8, y: 8 } });
}

/** What GraphiQL shows as the answer, once it shows `text`. */
export async function answerWith(page: Page, text: string): Promise<unknown> {
  await page.locator('.result-window').getByText(text).waitFor();
  const shown = await page.locator('.result-window .view-lines').innerText();
  // Monaco draws every space as one that does not break.
  return JSON.parse(shown.replaceAll('\u00a0', ' '));
}
