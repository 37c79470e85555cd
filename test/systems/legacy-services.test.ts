import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readRetryAfterMs } from '../../subgraphs/kit/sources/pause.ts';
import { createRetryBudget } from '../../subgraphs/kit/sources/retry-budget.ts';
import { StartError, type FailedMessage, type ReadyMessage } from '../../subgraphs/kit/program.ts';
import type { TaxRecord } from '../../systems/city/records.ts';
import { seedSocialSecurity } from '../../systems/social-security/seed.ts';
import { startSocialSecuritySystem } from '../../systems/social-security/service.ts';
import { createTokenBucket } from '../../systems/social-security/token-bucket.ts';
import { seedTax } from '../../systems/tax/seed.ts';
import { startTaxSystem } from '../../systems/tax/service.ts';
import { closingAfterEach, readStats, temporaryFolder } from '../kit/department.ts';

const closing = closingAfterEach();

test('a store made from the same is kept, one made from something else is made anew', () => {
  const file = closing(temporaryFolder()).file('deep/down/tax.db');
  expect(seedTax(file, [taxpayer('A'), taxpayer('B')], 'one')).toEqual({ taxpayers: 2 });
  expect(seedTax(file, [taxpayer('A')], 'one')).toEqual({ taxpayers: 2 });
  expect(seedTax(file, [taxpayer('A')], 'two')).toEqual({ taxpayers: 1 });
});

test('a file that is no store and a half-written one are replaced', () => {
  const file = closing(temporaryFolder()).file('units.db');
  writeFileSync(file, 'not a database at all, but long enough to look like one to a hurried reader');
  writeFileSync(`${file}.part`, 'half of a store');
  expect(seedSocialSecurity(file, [unit('U1')], 'one')).toEqual({ units: 1 });
  expect(existsSync(`${file}.part`)).toBe(false);
});

test('a seed that fails leaves the standing store as it was', () => {
  const file = closing(temporaryFolder()).file('tax.db');
  seedTax(file, [taxpayer('A')], 'one');
  expect(() => seedTax(file, [taxpayer('B'), taxpayer('B')], 'two')).toThrow('UNIQUE');
  expect(existsSync(`${file}.part`)).toBe(false);
  expect(seedTax(file, [], 'one')).toEqual({ taxpayers: 1 });
});

test.each([
  ['no setting', () => ({}), 'TAX_DATABASE_FILE is not set'],
  ['no store', (file: string) => ({ TAX_DATABASE_FILE: file }), 'does not exist; npm start makes it'],
  ['a wrong port', (file: string) => ({ TAX_DATABASE_FILE: store(file), PORT: '99999' }), 'PORT is "99999"'],
])('the tax system with %s says so in one line', async (_, env, line) => {
  const start = startTaxSystem(env(closing(temporaryFolder()).file('tax.db')));
  await expect(start).rejects.toThrow(StartError);
  await expect(start).rejects.toThrow(line);
});

test('a store of something else is refused by both systems', async () => {
  const file = closing(temporaryFolder()).file('tax.db');
  writeFileSync(file, 'x'.repeat(5_000));
  const message = `${file} is not a store of this system`;
  await expect(startTaxSystem({ TAX_DATABASE_FILE: file })).rejects.toThrow(message);
  await expect(startSocialSecuritySystem({ SOCIAL_SECURITY_DATABASE_FILE: file })).rejects.toThrow(message);
});

test('the WSDL names the address it was asked by', async () => {
  const { url } = await startTax();
  const wsdl = await (await fetch(url)).text();
  expect(wsdl).toContain(`<soap:address location="http://${new URL(url).host}/soap"/>`);
});

test.each([
  ['a hundred and one taxpayers', request('GetTaxpayers', numbers(101)), 'soap:Client', 'TX-101: '],
  ['no taxpayer', request('GetTaxpayers', ''), 'soap:Client', 'TX-101: '],
  ['an empty number', request('GetTaxpayers', '<TAXPAYER_NO/>'), 'soap:Client', 'TX-101: '],
  ['a number with letters', request('GetFilings', `${numbers(1)}<NEWEST>4x</NEWEST>`), 'soap:Client', 'TX-102: '],
  ['too many months', request('GetInvoiceMonths', `${numbers(1)}<NEWEST>61</NEWEST>`), 'soap:Client', 'TX-102: '],
  ['an unknown operation', request('DropTables', ''), 'soap:Client', 'TX-100: '],
  ['torn XML', request('GetTaxpayers', '').slice(0, -10), 'soap:Client', 'TX-100: '],
  ['no XML', 'hello', 'soap:Client', 'TX-100: '],
  ['nothing', '', 'soap:Client', 'TX-100: '],
])('%s is a SOAP 1.1 fault', async (_, xml, code, text) => {
  const response = await post((await startTax()).url, xml);
  const body = await response.text();
  expect(response.status).toBe(500);
  expect(body).toContain(`<faultcode>${code}</faultcode><faultstring>${text}`);
  expect(body).not.toContain('node_modules');
});

test('a body that is too large or not XML by its type is refused unread', async () => {
  const { url } = await startTax();
  expect((await post(url, request('GetTaxpayers', numbers(3_000)))).status).toBe(413);
  expect((await post(url, '{}', 'application/json')).status).toBe(415);
  expect(await readStats(url)).toEqual({ requests: 0 });
});

test('every n-th request is answered 503 and one over the rate 429, and both are counted', async () => {
  const { url } = await startUnits({ SOCIAL_SECURITY_RATE: '2', SOCIAL_SECURITY_FAULT_EVERY: '3' });
  const answers = [];
  for (let n = 0; n < 5; n += 1) answers.push(await fetch(`${url}/api/units/U1`));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 503, 429, 429]);
  expect(answers[4]?.headers.get('retry-after')).toBe('1');
  expect(await readStats(url)).toEqual({ requests: 5, limited: 2, faulted: 1 });
});

test.each([
  ['/api/units/U1/headcounts?page=0', 400],
  ['/api/units/U1/headcounts?page_size=13', 400],
  ['/api/units/U1/headcounts?page=x', 400],
  ['/api/units/U9/headcounts', 404],
  ['/api/units/U9', 404],
  ['/nowhere', 404],
])('%s is answered %i with the reason', async (path, status) => {
  const { url } = await startUnits({});
  const response = await fetch(url + path);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: expect.any(String) });
});

test('its OpenAPI document describes the paths it serves', async () => {
  const { url } = await startUnits({});
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as { openapi: string; paths: object };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(['/api/units/{unitNo}', '/api/units/{unitNo}/headcounts', '/api/groups']);
});

test('a token bucket lets a burst through, then as many as flow in', () => {
  let nowMs = 0;
  const bucket = createTokenBucket(2, () => nowMs);
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 1]);
  nowMs = 500;
  expect([bucket.take(), bucket.take()]).toEqual([0, 1]);
  nowMs = 60_000;
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 1]);
});

test('a retry budget allows its reserve and then a share of new requests', () => {
  const budget = createRetryBudget(0.5, 2);
  budget.spend();
  expect(budget.allows()).toBe(true);
  budget.spend();
  expect(budget.allows()).toBe(false);
  budget.earn();
  expect(budget.allows()).toBe(false);
  budget.earn();
  expect(budget.allows()).toBe(true);
  for (let n = 0; n < 100; n += 1) budget.earn();
  budget.spend();
  budget.spend();
  expect(budget.allows()).toBe(false);
});

test.each([
  ['2', 2_000],
  ['Thu, 01 Jan 1970 00:00:05 GMT', 4_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', 1_000],
  [undefined, 1_000],
])('Retry-After %s is read as %i ms', (header, ms) => {
  expect(readRetryAfterMs(header, 1_000)).toBe(ms);
});

test.each(['tax', 'social-security'])('%s as a program says that it is ready, and stops when told', async (name) => {
  const folder = closing(temporaryFolder());
  seedSocialSecurity(folder.file('units.db'), [unit('U1')], 'one');
  store(folder.file('tax.db'));
  const env = { TAX_DATABASE_FILE: folder.file('tax.db'), SOCIAL_SECURITY_DATABASE_FILE: folder.file('units.db') };
  for (const stop of [(child: ChildProcess) => child.kill('SIGTERM'), (child: ChildProcess) => child.disconnect()]) {
    const child = startProgram(name, env);
    const [message] = (await once(child, 'message')) as [ReadyMessage];
    expect(message.ready).toBe(true);
    // The connection stays open behind it: an idle socket must not hold the program up.
    expect(await readStats(message.url)).toMatchObject({ requests: 0 });
    const exited = once(child, 'exit');
    stop(child);
    expect(await exited).toEqual([0, null]);
  }
});

test.each(['tax', 'social-security'])('%s as a program without its store ends with one line', async (name) => {
  const child = startProgram(name, {});
  const [[message], [code]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [
    [FailedMessage],
    [number],
  ];
  expect(message.reason).toMatch(/^[a-z ]+: [A-Z_]+ is not set; it must be the path of/);
  expect(code).toBe(1);
});

const PLACE = { district: 'D-01', sector: 'C' };

function taxpayer(taxpayerId: string): TaxRecord {
  const none = { filings: [], invoices: [], declaredHeadcount: 0, arrearsCny: 0 };
  return { taxpayerId, name: 'Works', address: '1 Long Road', ...PLACE, ...none };
}

function unit(unitNo: string) {
  return { unitNo, name: 'Works', address: '1 Long Road', ...PLACE, insuredSince: '2024-01', headcounts: [] };
}

function store(file: string): string {
  seedTax(file, [taxpayer('A')], 'one');
  return file;
}

async function startTax() {
  const file = store(closing(temporaryFolder()).file('tax.db'));
  return closing(await startTaxSystem({ PORT: '0', TAX_DATABASE_FILE: file }));
}

async function startUnits(env: Record<string, string>) {
  const file = closing(temporaryFolder()).file('units.db');
  seedSocialSecurity(file, [unit('U1')], 'one');
  return closing(await startSocialSecuritySystem({ PORT: '0', SOCIAL_SECURITY_DATABASE_FILE: file, ...env }));
}

function startProgram(name: string, env: Record<string, string>): ChildProcess {
  const program = fileURLToPath(new URL(`../../systems/${name}/main.ts`, import.meta.url));
  const child = fork(program, {
    env: { PORT: '0', ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  closing({ close: () => child.kill('SIGKILL') });
  return child;
}

function numbers(count: number): string {
  return Array.from({ length: count }, (_, index) => `<TAXPAYER_NO>T-${index}</TAXPAYER_NO>`).join('');
}

function request(operation: string, content: string): string {
  const body = `<${operation}Request xmlns="urn:tax-bureau:register:1">${content}</${operation}Request>`;
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
}

function post(wsdlUrl: string, body: string, type = 'text/xml; charset=utf-8'): Promise<Response> {
  return fetch(wsdlUrl.replace('?wsdl', ''), { method: 'POST', body, headers: { 'content-type': type } });
}
