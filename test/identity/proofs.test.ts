import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { ANONYMOUS, NOBODY } from '../../gateway/caller.ts';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import { ERROR_CATALOGUE } from '../../gateway/errors.ts';
import { SYSTEM_CLOCK } from '../../gateway/identity/clock.ts';
import { openIdentification } from '../../gateway/identity/identify.ts';
import { openAsking, outcomeOf, requestWith } from './asking.ts';
import { AUDIENCE, goodClaims, makeKey, signClaims, type TestKey } from './test-issuer.ts';

const ISSUER = 'https://login.city.test';
const API_KEY = 'a-key-that-is-known';
const apiKeys = [{ name: 'meters', sha256: createHash('sha256').update(API_KEY).digest('hex') }];

let key: TestKey;
let authorization: string;
beforeAll(async () => {
  key = await makeKey('one');
  authorization = `Bearer ${await signClaims(key, goodClaims(ISSUER))}`;
});

const issuers = () => [{ issuer: ISSUER, audience: AUDIENCE, jwks: { keys: [key.jwk] } }];

test('without a proof everyone is nobody in particular, at once', async () => {
  expect((await openAsking({})).identify({})).toBe(NOBODY);
  expect((await openAsking({ issuers: issuers(), apiKeys })).identify({ accept: '*/*' })).toBe(NOBODY);
});

test('where nothing is configured no proof is looked at', async () => {
  const asking = await openAsking({});
  expect(asking.identify({ authorization: 'Basic x', 'x-api-key': 'x' })).toBe(NOBODY);
});

test('two proofs are one too many, good or not', async () => {
  const asking = await openAsking({ issuers: issuers(), apiKeys });
  const answer = await asking.identify({ authorization, 'x-api-key': API_KEY });
  expect(outcomeOf(answer)).toBe('AMBIGUOUS_CREDENTIALS');
  expect(answer).toMatchObject({ httpStatus: 401, challenge: 'Bearer' });
});

test('two authorization headers are, too, of which Node shows the first', async () => {
  const { identify } = await openIdentification(resolveConfig({ identity: { issuers: issuers() } }, {}).identity, {
    clock: SYSTEM_CLOCK,
    onIssuer: () => undefined,
  });
  const request = requestWith({ authorization });
  expect(outcomeOf(await identify(request))).toBe('accepted');
  const twice = { ...request, rawHeaders: ['Authorization', authorization, 'AUTHORIZATION', 'Bearer other'] };
  expect(outcomeOf(await identify(twice))).toBe('AMBIGUOUS_CREDENTIALS');
});

test('a proof of a kind that is not configured is refused, and not taken for none', async () => {
  const onlyKeys = await openAsking({ apiKeys });
  expect(outcomeOf(await onlyKeys.identify({ authorization }))).toBe('TOKEN_WRONG_ISSUER');
  const onlyTokens = await openAsking({ issuers: issuers() });
  expect(outcomeOf(await onlyTokens.identify({ 'x-api-key': API_KEY }))).toBe('API_KEY_INVALID');
});

test.each(['x-forwarded-client-cert', 'x-ssl-client-verify', 'x-client-cert', 'ssl-client-subject-dn', 'x-user'])(
  'what a proxy says in %s proves nothing',
  async (header) => {
    const http = { tls: { certFile: 'c', keyFile: 'k', caFile: 'a', clientCertificates: 'require' } } as const;
    const certificates = [{ name: 'tax', subject: 'CN=tax' }];
    const { identity } = resolveConfig({ http, identity: { certificates } }, {});
    const { identify } = await openIdentification(identity, { onIssuer: () => undefined });
    expect(identify(requestWith({ [header]: 'CN=tax' }))).toEqual({ ...NOBODY, identity: ANONYMOUS });
  },
);

describe('settings that would not be safe, or mean nothing, are refused', () => {
  const good = { issuer: ISSUER, audience: AUDIENCE, jwksUrl: 'https://login.city.test/keys' };
  const certificate = { name: 'tax', subject: 'CN=tax' };
  const digest = apiKeys[0]!.sha256;
  test.each<[string, object]>([
    ['keys over http from another machine', { issuers: [{ ...good, jwksUrl: 'http://login.city.test/keys' }] }],
    [
      'keys over http from what looks like this machine',
      { issuers: [{ ...good, jwksUrl: 'http://127.0.0.1.evil.test/' }] },
    ],
    ['keys from a file address', { issuers: [{ ...good, jwksUrl: 'file:///etc/keys.json' }] }],
    ['a password in an address', { issuers: [{ ...good, jwksUrl: 'https://user:secret@login.city.test/keys' }] }],
    ['no keys', { issuers: [{ ...good, jwksUrl: undefined }] }],
    ['keys from two places', { issuers: [{ ...good, jwksFile: 'keys.json' }] }],
    ['no audience', { issuers: [{ ...good, audience: undefined }] }],
    ['an audience of none', { issuers: [{ ...good, audience: [] }] }],
    ['tokens without a signature', { issuers: [{ ...good, algorithms: ['none'] }] }],
    ['a secret that is shared', { issuers: [{ ...good, algorithms: ['HS256'] }] }],
    ['no algorithm', { issuers: [{ ...good, algorithms: [] }] }],
    ['an issuer twice', { issuers: [good, good] }],
    ['a key in place of its digest', { apiKeys: [{ name: 'a', sha256: 'my-secret-key' }] }],
    [
      'a key twice',
      {
        apiKeys: [
          { name: 'a', sha256: digest },
          { name: 'b', sha256: digest.toUpperCase() },
        ],
      },
    ],
    ['a day that is none', { apiKeys: [{ name: 'a', sha256: digest, expiresAt: 'next week' }] }],
    ['a certificate known by nothing', { certificates: [{ name: 'a' }] }],
    ['certificates that nobody could show', { certificates: [certificate] }],
    ['a cooldown longer than keys are young', { jwks: { maxAgeMs: 1_000, cooldownMs: 2_000 } }],
  ])('%s', (_name, identity) => {
    expect(() => resolveConfig({ identity }, {})).toThrow(/identity/);
  });

  test('certificates of clients for which nobody vouches', () => {
    const tls = { certFile: 'c', keyFile: 'k', clientCertificates: 'require' } as const;
    expect(() => resolveConfig({ http: { tls } }, {})).toThrow(/caFile/);
  });

  test('and the like that is safe is taken', () => {
    const identity: ConfigInput['identity'] = {
      issuers: ['http://127.0.0.1:1/', 'http://[::1]:1/', 'http://localhost/', 'https://login.city.test/'].map(
        (jwksUrl, at) => ({ issuer: `i${at}`, audience: 'a', jwksUrl }),
      ),
    };
    const { issuers: resolved } = resolveConfig({ identity }, {}).identity;
    expect(resolved[3]).toMatchObject({ clockToleranceSeconds: 30, algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'] });
  });
});

test('each fault has a code of its own, and a status that tells', () => {
  const ofCallers = /^(TOKEN_|API_KEY_|CERTIFICATE_|AMBIGUOUS_|PURPOSE_)/;
  const codes = Object.entries(ERROR_CATALOGUE).filter(([code]) => ofCallers.test(code));
  expect(Object.fromEntries(codes.map(([code, { httpStatus }]) => [code, httpStatus]))).toEqual({
    TOKEN_MALFORMED: 401,
    TOKEN_EXPIRED: 401,
    TOKEN_NOT_YET_VALID: 401,
    TOKEN_WRONG_ISSUER: 401,
    TOKEN_WRONG_AUDIENCE: 401,
    TOKEN_ALGORITHM_REFUSED: 401,
    TOKEN_SIGNATURE_INVALID: 401,
    TOKEN_KEY_UNKNOWN: 401,
    TOKEN_CLAIMS_INVALID: 401,
    TOKEN_ISSUER_UNAVAILABLE: 503,
    API_KEY_INVALID: 401,
    API_KEY_EXPIRED: 401,
    CERTIFICATE_UNKNOWN: 401,
    AMBIGUOUS_CREDENTIALS: 401,
    PURPOSE_HEADER_INVALID: 400,
    PURPOSE_DIRECTIVE_INVALID: 400,
    PURPOSE_CONTRADICTION: 400,
  });
  // They stand in www-authenticate between quotes (RFC 6750, section 3).
  for (const [, { text }] of codes) expect(text).toMatch(/^[ !#-[\]-~]+$/);
});
