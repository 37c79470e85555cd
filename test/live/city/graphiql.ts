import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Response } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askWith } from '../../kit/ask.ts';
import { clickEditor, launchBrowser, openWatchedPage } from '../../kit/browser.ts';
import { temporaryFolder } from '../../kit/department.ts';
import { network } from './network.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const isAnswerOf = (operationName: string) => (response: Response) =>
  response.url() === network.gatewayUrl && response.request().postData()?.includes(`"${operationName}"`) === true;

// SCREENSHOT_FOLDER=... keeps the picture.
test('enterprise-360 is a tab of the page, an inspector’s headers and Ctrl-Enter show its answer, and no request leaves the machine', async () => {
  const folder = temporaryFolder();
  const { page, hosts, complaints, close } = await openWatchedPage(browser);
  try {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(new URL('/', network.gatewayUrl).href);
    await page.getByRole('tab', { name: 'Enterprise360' }).click();
    await page.getByText('query Enterprise360').waitFor();
    await page.getByRole('button', { name: 'Headers' }).click();
    await page.locator('.graphiql-editor-tool').getByRole('code').last().click();
    await page.keyboard.insertText(JSON.stringify(network.headers['tax-inspector']));
    await clickEditor(page);
    const answering = page.waitForResponse(isAnswerOf('Enterprise360'));
    await page.keyboard.press('Control+Enter');
    const operation = await readFile('schema/operations/enterprise-360.graphql', 'utf8');
    const expected = await askWith(network.headers['tax-inspector'], network.gatewayUrl, operation);
    expect(await (await answering).json()).toEqual(expected);
    expect(expected.errors).toBeUndefined();
    const { name } = expected.data!['enterprise'] as { name: string };
    await page.locator('.result-window').getByText(`"${name}"`).waitFor();
    await page.getByRole('tab', { name: 'Enterprise360', selected: true }).waitFor();

    const file = path.join(process.env['SCREENSHOT_FOLDER'] ?? folder.path, 'graphiql-enterprise.png');
    const picture = await page.screenshot({ path: file });
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([1440, 900]);
    expect(complaints).toEqual([]);
    expect([...hosts]).toEqual([new URL(network.gatewayUrl).origin]);
  } finally {
    await close();
    folder.close();
  }
});
