import { expect, test, vi } from 'vitest';
import { StartError } from '../../subgraphs/kit/program.ts';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import { socialSecurity } from '../../subgraphs/social-security/department.ts';
import type { SocialSecurityRecord } from '../../systems/city/records.ts';
import { seedSocialSecurity } from '../../systems/social-security/seed.ts';
import { startSocialSecuritySystem } from '../../systems/social-security/service.ts';
import { askEntities, closingAfterEach, forge, freePort, readStats, temporaryFolder } from '../kit/department.ts';
import type { Forgery } from '../kit/department.ts';

const closing = closingAfterEach();

/** Neither limit nor faults, for tests about something else. */
const CALM = { SOCIAL_SECURITY_RATE: '100000', SOCIAL_SECURITY_FAULT_EVERY: '0' };

test('a unit is answered with its newest months first', async () => {
  const { subgraph } = await startBoth(CALM);
  const answer = await askEntities(
    subgraph.url,
    [of('U1')],
    '... on InsuredUnit { unitNo name insuredSince synthetic headcounts(months: 2) { month insured } six: headcounts { month } }',
  );
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities).toMatchObject([
    {
      unitNo: 'U1',
      name: 'Works 1',
      insuredSince: '2023-01',
      synthetic: true,
      headcounts: [
        { month: '2025-06', insured: 30 },
        { month: '2025-05', insured: 29 },
      ],
      six: [{}, {}, {}, {}, {}, { month: '2025-01' }],
    },
  ]);
});

test('months are read page by page, and no further than there are', async () => {
  const { service, subgraph } = await startBoth(CALM);
  const answer = await askEntities(subgraph.url, [of('U1')], '... on InsuredUnit { headcounts(months: 60) { month } }');
  const months = answer.data?._entities[0]?.['headcounts'] as { month: string }[];
  expect(months.map(({ month }) => month)).toEqual(MONTHS.toReversed());
  // The unit itself, and thirty months on pages of twelve.
  expect(await readStats(service.url)).toMatchObject({ requests: 1 + 3 });
});

test('250 units are one request each, however often they are asked for', async () => {
  const { service, subgraph } = await startBoth(CALM);
  const keys = UNITS.map(({ unitNo }) => of(unitNo));
  const answer = await askEntities(subgraph.url, [...keys, ...keys], '... on InsuredUnit { unitNo }');
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities.map((unit) => unit?.['unitNo'])).toEqual(
    [...UNITS, ...UNITS].map((unit) => unit.unitNo),
  );
  expect(await readStats(service.url)).toEqual({ requests: 250, limited: 0, faulted: 0 });
});

test('an unknown unit is null, and what cannot be a unit number is not even asked for', async () => {
  const { service, subgraph } = await startBoth(CALM);
  const keys = ['U404', '../../stats', '', 'U1?page=2', 'U'.repeat(33), 'U1\n'].map(of);
  const answer = await askEntities(subgraph.url, keys, '... on InsuredUnit { unitNo }');
  expect(answer).toEqual({ data: { _entities: [null, null, null, null, null, null] } });
  expect(await readStats(service.url)).toMatchObject({ requests: 1 });
});

test.each(['0', '61', '-1'])('%s months are refused before anything is asked', async (months) => {
  const { subgraph } = await startBoth(CALM);
  const selection = `... on InsuredUnit { unitNo headcounts(months: ${months}) { month } }`;
  const answer = await askEntities(subgraph.url, [of('U1')], selection);
  expect(answer).toMatchObject({
    data: { _entities: [{ unitNo: 'U1', headcounts: null }] },
    errors: [{ message: `months is ${months}; it must be from 1 to 60.`, extensions: { code: 'BAD_USER_INPUT' } }],
  });
});

test('the rate limit is absorbed: all wait together instead of each being told to', async () => {
  const { service, subgraph } = await startBoth({ ...CALM, SOCIAL_SECURITY_RATE: '10' });
  const keys = UNITS.slice(0, 18).map(({ unitNo }) => of(unitNo));
  const answer = await askEntities(subgraph.url, keys, '... on InsuredUnit { unitNo }');
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities).toEqual(UNITS.slice(0, 18).map(({ unitNo }) => ({ unitNo })));
  const { requests = 0, limited = 0 } = await readStats(service.url);
  expect(limited).toBeGreaterThan(0);
  // No more than were on their way when the first of them was refused.
  expect(limited).toBeLessThanOrEqual(8);
  expect(requests).toBe(18 + limited);
});

test('the occasional 503 is absorbed by asking again', async () => {
  const { service, subgraph } = await startBoth({ ...CALM, SOCIAL_SECURITY_FAULT_EVERY: '7' });
  // One after the other: of many at once, one may meet every fault there is when it is repeated.
  for (const { unitNo } of UNITS.slice(0, 100)) {
    const answer = await askEntities(subgraph.url, [of(unitNo)], '... on InsuredUnit { unitNo }');
    expect(answer).toEqual({ data: { _entities: [{ unitNo }] } });
  }
  const { requests = 0, faulted = 0 } = await readStats(service.url);
  expect(faulted).toBeGreaterThan(10);
  expect(requests).toBe(100 + faulted);
});

test('a service that answers only 503 is soon left alone', async () => {
  const { service, subgraph } = await startBoth({ ...CALM, SOCIAL_SECURITY_FAULT_EVERY: '1' });
  const keys = UNITS.map(({ unitNo }) => of(unitNo));
  const answer = await askEntities(subgraph.url, keys, '... on InsuredUnit { unitNo }');
  expect(answer.errors).toHaveLength(250);
  expect(answer.errors?.[0]).toMatchObject({
    message: expect.stringMatching(/^The register of insured units does not answer getUnit: it answers HTTP 503/),
    path: ['_entities', 0],
    extensions: { code: 'SYSTEM_UNAVAILABLE' },
  });
  expect((await readStats(service.url))['requests']).toBeLessThan(50);
});

test('it starts while the service is down, and is well by itself once the service is there', async () => {
  const folder = closing(temporaryFolder());
  const port = await freePort();
  const subgraph = await startSubgraph(`http://127.0.0.1:${port}`);
  const keys = UNITS.slice(0, 30).map(({ unitNo }) => of(unitNo));
  const down = await askEntities(subgraph.url, keys, '... on InsuredUnit { unitNo }');
  expect(down.data?._entities).toEqual(keys.map(() => null));
  expect(down.errors?.map(({ path, extensions }) => ({ path, code: extensions?.code }))).toEqual(
    keys.map((_, index) => ({ path: ['_entities', index], code: 'SYSTEM_UNAVAILABLE' })),
  );
  for (const { message } of down.errors ?? []) {
    expect(message).toMatch(
      /^The register of insured units does not answer getUnit: it cannot be reached \(ECONNREFUSED\)/,
    );
  }
  await startService(folder.file('units.db'), CALM, port);
  await vi.waitFor(async () => {
    const up = await askEntities(subgraph.url, keys, '... on InsuredUnit { unitNo }');
    expect(up).toEqual({ data: { _entities: keys.map(({ unitNo }) => ({ unitNo })) } });
  }, 5_000);
});

test('the service may go down and come back on the same port', async () => {
  const { file, port, service, subgraph } = await startBoth(CALM);
  const ask = () => askEntities(subgraph.url, [of('U1')], '... on InsuredUnit { unitNo }');
  expect((await ask()).errors).toBeUndefined();
  await service.close();
  expect(await ask()).toMatchObject({
    data: { _entities: [null] },
    errors: [{ extensions: { code: 'SYSTEM_UNAVAILABLE' } }],
  });
  await startService(file, CALM, port);
  await vi.waitFor(async () => expect(await ask()).toEqual({ data: { _entities: [{ unitNo: 'U1' }] } }), 5_000);
});

test.each(['never answers', 'stops in the middle of an answer'])(
  'a service that %s ends at the deadline',
  async (how) => {
    const intercept: Forgery['intercept'] = (_request, response) => {
      if (how !== 'never answers') response.write('{"unit_no": ');
      return true;
    };
    const { subgraph } = await startForged({ intercept }, { tries: 150, deadline: 400 });
    const started = performance.now();
    const keys = UNITS.slice(0, 40).map(({ unitNo }) => of(unitNo));
    const answer = await askEntities(subgraph.url, keys, '... on InsuredUnit { unitNo }');
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(answer.errors).toHaveLength(40);
    for (const { message, extensions } of answer.errors ?? []) {
      expect(extensions?.code).toBe('SYSTEM_UNAVAILABLE');
      expect(message).toMatch(
        /^The register of insured units does not answer getUnit: (there was no time left|nothing came within 150 ms)/,
      );
    }
  },
);

test.each([
  ['plain words', 'out for lunch'],
  ['nothing', ''],
  ['torn JSON', '{"unit_no": "U1", "unit_na'],
  ['null', 'null'],
  ['another unit', '{"unit_no": "U2", "unit_name": "Works 2"}'],
  ['a web page', '<html><body>Welcome</body></html>'],
  ['more than is read', JSON.stringify({ unit_no: 'U1', unit_name: 'x'.repeat(100_000) })],
])('%s in place of an answer is one clear error and is not asked for again', async (_, rubbish) => {
  const forgery: Forgery = { answer: () => rubbish };
  const { service, subgraph } = await startForged(forgery);
  const ask = () => askEntities(subgraph.url, [of('U1')], '... on InsuredUnit { unitNo }');
  expect(await ask()).toMatchObject({
    data: { _entities: [null] },
    errors: [
      {
        message: expect.stringMatching(
          /^The answer of the register of insured units to getUnit cannot be read: |is not the record asked for/,
        ),
        extensions: { code: 'SYSTEM_BAD_ANSWER' },
      },
    ],
  });
  expect(await readStats(service.url)).toMatchObject({ requests: 1 });
  delete forgery.answer;
  expect((await ask()).errors).toBeUndefined();
});

test.each([
  ['a page that miscounts itself', '"page":1', '"page":2'],
  ['a page of another unit', '"unit_no":"U1"', '"unit_no":"U2"'],
  ['no list', '"items":[', '"items":{},"_":['],
])('%s is an error of the list alone', async (_, real, forged) => {
  const forgery: Forgery = { answer: (text) => (text.includes('items') ? text.replace(real, forged) : text) };
  const { subgraph } = await startForged(forgery);
  const answer = await askEntities(subgraph.url, [of('U1')], '... on InsuredUnit { name headcounts { month } }');
  expect(answer).toMatchObject({
    data: { _entities: [{ name: 'Works 1', headcounts: null }] },
    errors: [{ path: ['_entities', 0, 'headcounts'], extensions: { code: 'SYSTEM_BAD_ANSWER' } }],
  });
});

test('a 404 that does not name the unit is a wrong address, not an absent unit', async () => {
  const { subgraph } = await startForged({
    intercept(_request, response) {
      response.writeHead(404).end('{"error": "no such page"}');
      return true;
    },
  });
  const answer = await askEntities(subgraph.url, [of('U1')], '... on InsuredUnit { unitNo }');
  expect(answer.errors).toMatchObject([
    {
      message:
        'The answer of the register of insured units to getUnit cannot be read: HTTP 404 does not name what is not there.',
      extensions: { code: 'SYSTEM_BAD_ANSWER' },
    },
  ]);
});

test.each([
  ['a name that is a number', '"Works 1"', '1', ['name']],
  ['a month that is none', '"2023-01"', '"January"', ['insuredSince']],
  ['half an employee', '"insured":29', '"insured":29.5', ['headcounts', 1, 'insured']],
  ['fewer than nobody', '"insured":29', '"insured":-1', ['headcounts', 1, 'insured']],
  ['a word for a count', '"insured":29', '"insured":"29"', ['headcounts', 1, 'insured']],
])('%s is an error at its place', async (_, real, forged, place) => {
  const { subgraph } = await startForged({ answer: (text) => text.replace(real, forged) });
  const selection = '... on InsuredUnit { unitNo name insuredSince headcounts { month insured } }';
  const answer = await askEntities(subgraph.url, [of('U1')], selection);
  expect(answer.errors).toMatchObject([
    { path: ['_entities', 0, ...place], extensions: { code: 'SYSTEM_BAD_ANSWER' } },
  ]);
  expect(answer.data?._entities).toMatchObject([{ unitNo: 'U1', [String(place[0])]: null }]);
});

test('a wait longer than the deadline is told at once, and the service is not asked meanwhile', async () => {
  let asked = 0;
  const { subgraph } = await startForged({
    intercept(_request, response) {
      asked += 1;
      response.writeHead(429, { 'retry-after': '30' }).end('{}');
      return true;
    },
  });
  for (let round = 0; round < 3; round += 1) {
    const started = performance.now();
    const answer = await askEntities(subgraph.url, [of('U1')], '... on InsuredUnit { unitNo }');
    expect(answer.errors).toMatchObject([
      {
        message: expect.stringMatching(
          /^The register of insured units does not answer getUnit: it limits requests and asks to wait another \d+ ms/,
        ),
        extensions: { code: 'SYSTEM_UNAVAILABLE' },
      },
    ]);
    expect(performance.now() - started).toBeLessThan(1_000);
  }
  expect(asked).toBe(1);
});

test('at most eight requests are under way for the whole department', async () => {
  let underWay = 0;
  let most = 0;
  const { subgraph } = await startForged({
    intercept(_request, response) {
      underWay += 1;
      most = Math.max(most, underWay);
      setTimeout(() => {
        underWay -= 1;
        response.end('null');
      }, 10);
      return true;
    },
  });
  const keys = UNITS.slice(0, 50).map(({ unitNo }) => of(unitNo));
  await Promise.all([1, 2].map(() => askEntities(subgraph.url, keys, '... on InsuredUnit { unitNo }')));
  expect(most).toBe(8);
});

test.each([
  [{}, 'SOCIAL_SECURITY_URL is not set'],
  [{ SOCIAL_SECURITY_URL: 'units' }, 'SOCIAL_SECURITY_URL is "units"; it must be an http(s) URL'],
  [
    { SOCIAL_SECURITY_URL: 'http://127.0.0.1:1', SOCIAL_SECURITY_DEADLINE_MS: '0' },
    'SOCIAL_SECURITY_DEADLINE_MS is "0"',
  ],
])('settings %j are refused with one line', async (env, line) => {
  const start = serveDepartment(socialSecurity, { PORT: '0', ...env });
  await expect(start).rejects.toThrow(StartError);
  await expect(start).rejects.toThrow(line);
});

/** Thirty months, oldest first. */
const MONTHS = Array.from({ length: 30 }, (_, index) => {
  return `${2023 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`;
});

const UNITS: SocialSecurityRecord[] = Array.from({ length: 250 }, (_, index) => ({
  unitNo: `U${index + 1}`,
  name: `Works ${index + 1}`,
  address: '1 Long Road',
  district: 'D-01',
  sector: index < 12 ? 'C' : 'F',
  insuredSince: '2023-01',
  headcounts: MONTHS.map((month, at) => ({ month, insured: at + 1 })),
}));

function of(unitNo: string) {
  return { __typename: 'InsuredUnit', unitNo };
}

async function startBoth(env: Record<string, string>) {
  const file = closing(temporaryFolder()).file('units.db');
  const service = await startService(file, env);
  return { file, service, port: Number(new URL(service.url).port), subgraph: await startSubgraph(service.url) };
}

async function startService(file: string, env: Record<string, string>, port = 0) {
  seedSocialSecurity(file, UNITS, 'test');
  return closing(await startSocialSecuritySystem({ PORT: String(port), SOCIAL_SECURITY_DATABASE_FILE: file, ...env }));
}

async function startSubgraph(url: string, { tries = 1_000, deadline = 5_000 } = {}) {
  const env = {
    PORT: '0',
    SOCIAL_SECURITY_URL: url,
    SOCIAL_SECURITY_TIMEOUT_MS: String(tries),
    SOCIAL_SECURITY_DEADLINE_MS: String(deadline),
  };
  return closing(await serveDepartment(socialSecurity, env));
}

/** The subgraph reaching the real service through somebody who changes what passes. */
async function startForged(forgery: Forgery, times?: { tries: number; deadline: number }) {
  const service = await startService(closing(temporaryFolder()).file('units.db'), CALM);
  const forger = closing(await forge(service.url, forgery));
  return { service, subgraph: await startSubgraph(forger.url, times) };
}
