import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { StartError } from '../../subgraphs/kit/program.ts';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import { tax } from '../../subgraphs/tax/department.ts';
import type { TaxRecord } from '../../systems/city/records.ts';
import { seedTax } from '../../systems/tax/seed.ts';
import { startTaxSystem } from '../../systems/tax/service.ts';
import {
  askEntities,
  closingAfterEach,
  forge,
  freePort,
  readStats,
  serveBare,
  temporaryFolder,
} from '../kit/department.ts';
import type { Forgery } from '../kit/department.ts';

const closing = closingAfterEach();

test('a taxpayer is answered with its newest filings and invoices first', async () => {
  const { subgraph } = await startBoth();
  const answer = await askEntities(subgraph.url, [of('T-1')], EVERYTHING);
  expect(answer).toEqual({
    data: {
      _entities: [
        {
          taxpayerId: 'T-1',
          district: 'D-01',
          declaredHeadcount: 12,
          arrearsCny: 0.29,
          synthetic: true,
          filings: [
            { period: '2026-Q2', filedOn: null, revenueCny: 1_000_000.07, taxDueCny: 130.5, taxPaidCny: 0 },
            { period: '2026-Q1', filedOn: '2026-04-09', revenueCny: 12.3, taxDueCny: -4, taxPaidCny: 0 },
          ],
          invoices: [
            { month: '2026-06', count: 7, amountCny: 900.1 },
            { month: '2026-05', count: 0, amountCny: 0 },
          ],
        },
      ],
    },
  });
});

test('250 taxpayers are three SOAP calls, and three more for each list, whatever its arguments', async () => {
  const { service, subgraph } = await startBoth();
  const keys = TAXPAYERS.map(({ taxpayerId }) => of(taxpayerId));
  const plain = await askEntities(subgraph.url, keys, '... on Taxpayer { taxpayerId }');
  expect(plain.data?._entities.map((taxpayer) => taxpayer?.['taxpayerId'])).toEqual(
    TAXPAYERS.map(({ taxpayerId }) => taxpayerId),
  );
  expect(await readStats(service.url)).toEqual({ requests: 3 });
  const lists = await askEntities(
    subgraph.url,
    [...keys, ...keys],
    '... on Taxpayer { one: filings(first: 1) { period } same: filings(first: 1) { period } two: filings(first: 2) { period } }',
  );
  expect(lists.errors).toBeUndefined();
  expect(lists.data?._entities[250]).toEqual({
    one: [{ period: '2026-Q2' }],
    same: [{ period: '2026-Q2' }],
    two: [{ period: '2026-Q2' }, { period: '2026-Q1' }],
  });
  expect(await readStats(service.url)).toEqual({ requests: 9 });
});

test('an unknown taxpayer is null, and a key the register would refuse spoils no other', async () => {
  const { subgraph } = await startBoth();
  const keys = ['T-404', 'T-2', 'x'.repeat(500), '', 'T-\u0000', "T-2' OR 1=1"].map(of);
  const answer = await askEntities(subgraph.url, keys, '... on Taxpayer { taxpayerId }');
  expect(answer).toEqual({ data: { _entities: [null, { taxpayerId: 'T-2' }, null, null, null, null] } });
});

test('a taxpayer without filings has an empty list', async () => {
  const { subgraph } = await startBoth();
  const answer = await askEntities(subgraph.url, [of('T-2')], '... on Taxpayer { filings { period } }');
  expect(answer).toEqual({ data: { _entities: [{ filings: [] }] } });
});

test.each([
  ['filings(first: 0) { period }', 'first is 0; it must be from 1 to 40.'],
  ['filings(first: 41) { period }', 'first is 41; it must be from 1 to 40.'],
  ['invoices(months: 61) { month }', 'months is 61; it must be from 1 to 60.'],
])('%s is refused before anything is asked', async (field, message) => {
  const { service, subgraph } = await startBoth();
  const answer = await askEntities(subgraph.url, [of('T-1')], `... on Taxpayer { taxpayerId ${field} }`);
  expect(answer.errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(answer.data?._entities[0]).toMatchObject({ taxpayerId: 'T-1' });
  expect(await readStats(service.url)).toEqual({ requests: 1 });
});

test('null as an argument counts as the default', async () => {
  const { subgraph } = await startBoth();
  const selection = '... on Taxpayer { filings(first: null) { period } invoices(months: null) { month } }';
  const answer = await askEntities(subgraph.url, [of('T-1')], selection);
  expect(answer.data?._entities).toMatchObject([{ filings: [{}, {}], invoices: [{}, {}] }]);
});

test.each([
  ['a word for an amount', '>0.29<', '>many<', ['arrearsCny']],
  ['a number with letters for a count', '>12<', '>12abc<', ['declaredHeadcount']],
  ['an empty headcount', '>12<', '><', ['declaredHeadcount']],
  ['an amount too large to carry', '>0.29<', '>123456789012345678.91<', ['arrearsCny']],
  ['an amount in scientific notation', '>0.29<', '>1e3<', ['arrearsCny']],
  ['a word in a filing', '>12.30<', '>NaN<', ['filings', 1, 'revenueCny']],
  ['a month that is none', '>2026-05<', '>2026-13<', ['invoices', 1, 'month']],
])('%s is an error at its place', async (_, real, forged, place) => {
  const { subgraph } = await startForged({ answer: (text) => text.replace(real, forged) });
  const answer = await askEntities(subgraph.url, [of('T-1'), of('T-2')], EVERYTHING);
  expect(answer.errors).toMatchObject([
    { path: ['_entities', 0, ...place], extensions: { code: 'SYSTEM_BAD_ANSWER' } },
  ]);
  const spoiled = String(place[0]);
  expect(answer.data?._entities).toMatchObject([{ taxpayerId: 'T-1', [spoiled]: null }, { taxpayerId: 'T-2' }]);
});

test('a day that is none is null with an error, and the rest of its filing stays', async () => {
  const { subgraph } = await startForged({ answer: (text) => text.replace('>2026-04-09<', '>2026-99-99<') });
  const answer = await askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { filings { period filedOn } }');
  const filings = [
    { period: '2026-Q2', filedOn: null },
    { period: '2026-Q1', filedOn: null },
  ];
  expect(answer).toMatchObject({
    data: { _entities: [{ filings }] },
    errors: [{ path: ['_entities', 0, 'filings', 1, 'filedOn'], extensions: { code: 'SYSTEM_BAD_ANSWER' } }],
  });
});

test('a fault of the register is told with its own words', async () => {
  const { file, subgraph } = await startBoth();
  const store = new DatabaseSync(file);
  store.exec('ALTER TABLE filing RENAME TO lost');
  store.close();
  const answer = await askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { district filings { period } }');
  expect(answer).toMatchObject({
    data: { _entities: [{ district: 'D-01', filings: null }] },
    errors: [
      {
        message: 'The tax system could not carry out GetFilings: TX-900: the register cannot be read.',
        path: ['_entities', 0, 'filings'],
        extensions: { code: 'SYSTEM_UNAVAILABLE' },
      },
    ],
  });
});

test('a fault that says the request is wrong is a refusal', async () => {
  const { subgraph } = await startForged({ request: (text) => text.replace(/NEWEST>4</, 'NEWEST>4x<') });
  const answer = await askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { filings { period } }');
  expect(answer.errors).toMatchObject([
    {
      message: 'The tax system refused GetFilings: TX-102: NEWEST must be a whole number from 1 to 60.',
      extensions: { code: 'SYSTEM_REFUSED' },
    },
  ]);
});

test('it starts while the register is down, and is well once the register is there', async () => {
  const folder = closing(temporaryFolder());
  const port = await freePort();
  const subgraph = await startSubgraph(`http://127.0.0.1:${port}/soap?wsdl`);
  const down = await askEntities(subgraph.url, [of('T-1'), of('T-2')], '... on Taxpayer { taxpayerId }');
  expect(down).toMatchObject({
    data: { _entities: [null, null] },
    errors: [0, 1].map((index) => ({
      message: 'The tax system does not answer GetTaxpayers: it cannot be reached (ECONNREFUSED).',
      path: ['_entities', index],
      extensions: { code: 'SYSTEM_UNAVAILABLE' },
    })),
  });
  await startService(folder.file('tax.db'), port);
  expect(await askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { taxpayerId }')).toEqual({
    data: { _entities: [{ taxpayerId: 'T-1' }] },
  });
});

test('the register may go down and come back on the same port', async () => {
  const { service, file, port, subgraph } = await startBoth();
  const ask = () => askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { taxpayerId }');
  expect((await ask()).errors).toBeUndefined();
  await service.close();
  expect(await ask()).toMatchObject({
    data: { _entities: [null] },
    errors: [{ extensions: { code: 'SYSTEM_UNAVAILABLE' } }],
  });
  await startService(file, port);
  expect(await ask()).toEqual({ data: { _entities: [{ taxpayerId: 'T-1' }] } });
});

test('a register that moved is found again by its WSDL', async () => {
  const { file, service } = await startBoth();
  let current = service;
  const directory = closing(
    await serveBare((_request, response) => {
      void fetch(current.url).then(async (wsdl) => response.end(await wsdl.text()));
    }),
  );
  const subgraph = await startSubgraph(`${directory.url}/tax.wsdl`);
  const ask = () => askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { taxpayerId }');
  expect((await ask()).errors).toBeUndefined();
  await service.close();
  current = await startService(file);
  expect((await ask()).errors).toHaveLength(1);
  expect(await ask()).toEqual({ data: { _entities: [{ taxpayerId: 'T-1' }] } });
});

test('a register that never answers ends at the time limit, whether it hangs at the WSDL or at a call', async () => {
  const { url } = closing(await serveBare(() => {}));
  const silent = await startSubgraph(`${url}/soap?wsdl`, 300);
  const { subgraph: halfway } = await startForged({ intercept: ({ method }) => method === 'POST' }, 300);
  for (const subgraph of [silent, halfway]) {
    const started = performance.now();
    const answer = await askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { taxpayerId }');
    expect(answer.errors).toMatchObject([
      {
        message: 'The tax system does not answer GetTaxpayers: nothing came within 300 ms.',
        extensions: { code: 'SYSTEM_UNAVAILABLE' },
      },
    ]);
    expect(performance.now() - started).toBeLessThan(1_500);
  }
});

const RUBBISH: [string, string][] = [
  ['plain words', 'the system is resting'],
  ['nothing', ''],
  ['a web page', '<html><body>Welcome</body></html>'],
  ['JSON', '{"Envelope": {}}'],
  ['a torn envelope', '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetTax'],
  ['an empty envelope', envelope('')],
  ['an envelope of something else', envelope('<Weather>fine</Weather>')],
  ['an answer without a count', envelope('<GetTaxpayersResponse xmlns="urn:tax-bureau:register:1"/>')],
  ['an answer that miscounts', envelope(taxpayersXml('<RESULT_CNT>2</RESULT_CNT>'))],
  [
    'a row of nobody',
    envelope(taxpayersXml('<RESULT_CNT>1</RESULT_CNT><TAXPAYER><DISTRICT_CD>D</DISTRICT_CD></TAXPAYER>')),
  ],
  ['a hundred thousand brackets', '<'.repeat(100_000)],
  ['more than is read', `<a>${'x'.repeat(9 * 1024 * 1024)}</a>`],
];

test.each(RUBBISH)(
  '%s in place of an answer is one clear error, and the next answer is read again',
  async (_, rubbish) => {
    const forgery: Forgery = { answer: (text) => (text.includes('definitions') ? text : rubbish) };
    const { subgraph } = await startForged(forgery);
    const started = performance.now();
    const answer = await askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { taxpayerId }');
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(answer).toMatchObject({
      data: { _entities: [null] },
      errors: [
        {
          message: expect.stringMatching(
            /^The answer of the tax system to GetTaxpayers cannot be read: |without TAXPAYER_NO/,
          ),
          extensions: { code: 'SYSTEM_BAD_ANSWER' },
        },
      ],
    });
    delete forgery.answer;
    expect((await askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { taxpayerId }')).errors).toBeUndefined();
  },
);

test.each(RUBBISH)('%s in place of the WSDL is one clear error', async (_, rubbish) => {
  const { url } = closing(await serveBare((_request, response) => response.end(rubbish)));
  const subgraph = await startSubgraph(`${url}/soap?wsdl`);
  const answer = await askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { taxpayerId }');
  expect(answer.errors).toMatchObject([{ extensions: { code: 'SYSTEM_BAD_ANSWER' } }]);
});

test('a register that answers 503 is down for now', async () => {
  const { subgraph } = await startForged({
    intercept({ method }, response) {
      if (method === 'POST') response.writeHead(503).end('closed');
      return method === 'POST';
    },
  });
  const answer = await askEntities(subgraph.url, [of('T-1')], '... on Taxpayer { taxpayerId }');
  expect(answer.errors).toMatchObject([
    {
      message: 'The tax system does not answer GetTaxpayers: it answers HTTP 503.',
      extensions: { code: 'SYSTEM_UNAVAILABLE' },
    },
  ]);
});

test.each([
  [{}, 'TAX_WSDL_URL is not set'],
  [{ TAX_WSDL_URL: 'ftp://tax' }, 'TAX_WSDL_URL is "ftp://tax"; it must be an http(s) URL'],
  [{ TAX_WSDL_URL: 'http://127.0.0.1:1/', TAX_TIMEOUT_MS: '2s' }, 'TAX_TIMEOUT_MS is "2s"'],
])('settings %j are refused with one line', async (env, line) => {
  const start = serveDepartment(tax, { PORT: '0', ...env });
  await expect(start).rejects.toThrow(StartError);
  await expect(start).rejects.toThrow(line);
});

const EVERYTHING = `... on Taxpayer {
  taxpayerId district declaredHeadcount arrearsCny synthetic
  filings { period filedOn revenueCny taxDueCny taxPaidCny }
  invoices { month count amountCny }
}`;

const TAXPAYERS: TaxRecord[] = Array.from({ length: 250 }, (_, index) => ({
  taxpayerId: `T-${index + 1}`,
  name: `Works & Sons <${index}>`,
  address: '1 Long Road',
  district: 'D-01',
  sector: index < 12 ? 'C' : 'F',
  declaredHeadcount: 12,
  arrearsCny: 0.29,
  filings:
    index === 1
      ? []
      : [
          { period: '2026-Q1', filedOn: '2026-04-09', revenueCny: 12.3, taxDueCny: -4, taxPaidCny: 0 },
          { period: '2026-Q2', filedOn: null, revenueCny: 1_000_000.07, taxDueCny: 130.5, taxPaidCny: 0 },
        ],
  invoices: [
    { month: '2026-05', count: 0, amountCny: 0 },
    { month: '2026-06', count: 7, amountCny: 900.1 },
  ],
}));

function of(taxpayerId: string) {
  return { __typename: 'Taxpayer', taxpayerId };
}

function envelope(body: string): string {
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
}

function taxpayersXml(content: string): string {
  return `<GetTaxpayersResponse xmlns="urn:tax-bureau:register:1">${content}</GetTaxpayersResponse>`;
}

async function startBoth() {
  const file = closing(temporaryFolder()).file('tax.db');
  const service = await startService(file);
  return { file, service, port: Number(new URL(service.url).port), subgraph: await startSubgraph(service.url) };
}

async function startService(file: string, port = 0) {
  seedTax(file, TAXPAYERS, 'test');
  return closing(await startTaxSystem({ PORT: String(port), TAX_DATABASE_FILE: file }));
}

async function startSubgraph(wsdlUrl: string, timeoutMs = 2_000) {
  const env = { PORT: '0', TAX_WSDL_URL: wsdlUrl, TAX_TIMEOUT_MS: String(timeoutMs) };
  return closing(await serveDepartment(tax, env));
}

/** The subgraph reaching the real register through somebody who changes what passes. */
async function startForged(forgery: Forgery, timeoutMs?: number) {
  const service = await startService(closing(temporaryFolder()).file('tax.db'));
  const forger = closing(await forge(service.url, forgery));
  return { subgraph: await startSubgraph(`${forger.url}/soap?wsdl`, timeoutMs) };
}
