import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveTrail } from '../../gateway/audit/reading/department.ts';
import { TRAIL_SDL } from '../../gateway/audit/reading/sdl.ts';
import { resolveConfig } from '../../gateway/config/config.ts';
import { FIND_USAGE_PATH, findUsageRoute } from '../../gateway/http/find-usage.ts';
import { serveHttp } from '../../gateway/http/server.ts';
import { openIdentification } from '../../gateway/identity/identify.ts';
import { parseRules, readRuleTexts } from '../../gateway/rule-files.ts';
import { AUDIENCE, makeKey, startIssuer, type TestClaims } from '../identity/test-issuer.ts';
import { federate } from '../kit/federation.ts';
import { someEntry } from './entries.ts';
import { makePlace } from './trail-kit.ts';

const opened: { close(): unknown }[] = [];
const NOW = Date.UTC(2026, 6, 2);
let url: string;
let tokenOf: (claims: TestClaims) => Promise<string>;

beforeAll(async () => {
  const place = keep(await makePlace());
  const trail = await place.open();
  const key = await makeKey('k1');
  const issuer = keep(await startIssuer(key));
  tokenOf = (claims) => issuer.sign(key, claims);
  const at = (hour: number): string => new Date(Date.UTC(2026, 6, 1, hour)).toISOString();
  await trail.write(someEntry({ logTime: at(1), queryId: 'q1', legalBasis: 'Tax Code 5' }), ['Person:p-1']);
  await trail.write(someEntry({ logTime: at(2), queryId: 'q2' }), ['Person:p-2']);
  const hidden = { hiddenUntil: '2026-08-01T00:00:00.000Z', hiddenReason: 'investigation' };
  await trail.write(someEntry({ logTime: at(3), queryId: 'q3', ...hidden }), ['Person:p-1']);
  const wasHidden = { hiddenUntil: '2026-07-01T12:00:00.000Z', hiddenReason: 'investigation' };
  await trail.write(someEntry({ logTime: at(4), queryId: 'q4', ...wasHidden }), ['Person:p-1']);
  url = await serve(trail, { issuer: issuer.issuer, audience: AUDIENCE, jwksUrl: issuer.jwksUrl });
});
afterAll(async () => {
  for (const each of opened.reverse()) await each.close();
});

function keep<Part extends { close(): unknown }>(part: Part): Part {
  opened.push(part);
  return part;
}

async function serve(trail: Parameters<typeof serveTrail>[0]['trail'], issuer: object): Promise<string> {
  const onFault = (): void => undefined;
  const department = serveTrail({
    trail,
    isGuarded: true,
    subjectClaims: { pid: 'Person' },
    isOf: () => true,
    onFault,
    nowMs: () => NOW,
  });
  const federation = keep(
    await federate(
      { trail: { sdl: TRAIL_SDL.trimStart() } },
      {
        inProcess: { trail: department },
        authorise: { mode: 'enforce', rules: parseRules(await readRuleTexts('rules')) },
      },
    ),
  );
  const claims = { others: { pid: 'pid' } };
  const { identity, http } = resolveConfig({ identity: { issuers: [{ ...issuer, claims }] }, http: { port: 0 } }, {});
  const { identify } = keep(await openIdentification(identity, { onIssuer: () => undefined }));
  const handle: Parameters<typeof serveHttp>[0] = ({ parameters, caller }) =>
    federation.ask(parameters.query, parameters.variables, caller);
  const options = { ...http, tls: undefined, identify, readiness: () => ({ ready: true }), onFault };
  const route = findUsageRoute({ isServed: () => true, handle, identify, requestTimeoutMs: 10_000 });
  return keep(await serveHttp(handle, options, route)).url;
}

/** What findUsage answers to somebody with these claims; nobody in particular without. */
async function ask(claims: TestClaims | undefined, query = ''): Promise<{ status: number; body: unknown }> {
  const headers = claims ? { authorization: `Bearer ${await tokenOf(claims)}` } : {};
  const response = await fetch(`${url}${FIND_USAGE_PATH}${query}`, { headers });
  expect(response.headers.get('cache-control')).toBe('no-store');
  return { status: response.status, body: await response.json() };
}

const ADA = { pid: 'p-1' };

describe('findUsage', () => {
  test('tells people who was given something of them, the newest first, and nothing that is hidden', async () => {
    const { status, body } = await ask(ADA);
    const usage = {
      purpose: 'inspection',
      logSourceSystem: 'switchyard',
      initiatorOrg: { name: 'city' },
      initiatorPerson: { alternativeCode: 'inspector-1' },
      target: { name: 'switchyard', systemName: 'switchyard' },
    };
    expect(status).toBe(200);
    expect(body).toEqual({
      totalUsages: 2,
      returnedUsages: 2,
      dataResponses: [
        {
          ...usage,
          logTime: '2026-07-01T04:00:00.000Z',
          queryId: 'q4',
          hiddenReason: 'investigation',
          hiddenUntil: '2026-07-01T12:00:00.000Z',
        },
        { ...usage, logTime: '2026-07-01T01:00:00.000Z', queryId: 'q1', legalBasis: 'Tax Code 5' },
      ],
    });
  });

  test.each([
    ['?limit=1', ['q4'], 2],
    ['?limit=1&offset=1', ['q1'], 2],
    ['?offset=2', [], 2],
    ['?periodEnd=2026-07-01T02:00:00Z', ['q1'], 1],
    ['?periodStart=2026-07-01T02:00:00Z', ['q4'], 1],
    ['?processingType=DATA_REQUEST&processingType=DATA_RESPONSE', ['q4', 'q1'], 2],
    ['?processingType=DATA_REQUEST', [], 0],
    ['?logSourceSystems=other', [], 0],
    ['?logSourceSystems=other&logSourceSystems=switchyard', ['q4', 'q1'], 2],
    ['?userCode=p-1&includeBulkProcessing=true', ['q4', 'q1'], 2],
  ])('takes %s', async (query, queryIds, totalUsages) => {
    const { body } = await ask(ADA, query);
    const { dataResponses, ...counts } = body as { dataResponses: { queryId: string }[] };
    expect(dataResponses.map(({ queryId }) => queryId)).toEqual(queryIds);
    expect(counts).toEqual({ totalUsages, returnedUsages: queryIds.length });
  });

  test.each<[string, TestClaims | undefined, string, number, string]>([
    ['of others', ADA, '?userCode=p-2', 400, 'BAD_USER_INPUT'],
    ['with a limit of nothing', ADA, '?limit=0', 400, 'BAD_REQUEST'],
    ['with a time that is none', ADA, '?periodStart=soon', 400, 'BAD_REQUEST'],
    ['with what it does not know', ADA, '?of=p-2', 400, 'BAD_REQUEST'],
    ['by those who have nothing there to ask about', { sub: 'inspector-1' }, '', 403, 'UNAUTHORIZED_FIELD_OR_TYPE'],
    ['by nobody in particular', undefined, '', 403, 'UNAUTHORIZED_FIELD_OR_TYPE'],
    ['with a token that is over', { ...ADA, exp: 1 }, '', 401, 'TOKEN_EXPIRED'],
  ])('refuses what is asked %s', async (_what, claims, query, status, code) => {
    expect(await ask(claims, query)).toMatchObject({ status, body: { code } });
  });
});
