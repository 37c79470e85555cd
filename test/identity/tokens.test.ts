import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { exportSPKI, importJWK, type CryptoKey } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Identity } from '../../gateway/caller.ts';
import { closingAfterEach } from '../kit/department.ts';
import { openAsking, outcomeOf, type Asking } from './asking.ts';
import { AUDIENCE, goodClaims, makeKey, signClaims, startIssuer, type TestKey } from './test-issuer.ts';

const opened = closingAfterEach();

let key: TestKey;
let rsaKey: TestKey;
let strangersKey: TestKey;
beforeAll(async () => {
  [key, rsaKey, strangersKey] = await Promise.all([makeKey('one'), makeKey('rsa', 'RS256'), makeKey('one')]);
});

const ISSUER = 'https://login.city.test';

/** Who checks the tokens of one issuer whose keys are known. */
function openStatic(settings: object = {}): Promise<Asking> {
  const jwks = { keys: [key.jwk, rsaKey.jwk] };
  return openAsking({ issuers: [{ issuer: ISSUER, audience: AUDIENCE, jwks, ...settings }] });
}

function base64url(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A token as an attacker makes it: any header, and a signature of their own. */
function forge(header: object, claims: object, sign: (input: string) => string): string {
  const input = `${base64url(header)}.${base64url(claims)}`;
  return `${input}.${sign(input)}`;
}

describe('what a good token says', () => {
  test('is who asks, by the claims that the issuer uses', async () => {
    const claims = {
      department: 'realm.department',
      organisation: ['https://city.test/organisation'],
      roles: 'realm_access.roles',
      scopes: 'scp',
      others: { district: 'realm.district', uscc: 'uscc', floors: 'floors' },
    };
    const asking = await openStatic({ claims });
    const token = await signClaims(key, {
      ...goodClaims(ISSUER),
      realm: { department: 'tax', district: 7 },
      'https://city.test/organisation': 'City',
      realm_access: { roles: ['inspector', 'reader'] },
      scp: 'tax:read  tax:list',
      floors: ['1', 2, true],
      secret: 'not for rules',
    });
    const { identity } = (await asking.bearer(token)) as { identity: Identity };
    expect(identity).toEqual({
      kind: 'person',
      proof: `jwt:${ISSUER}`,
      subject: 'inspector-7',
      organisation: 'City',
      department: 'tax',
      roles: ['inspector', 'reader'],
      scopes: ['tax:read', 'tax:list'],
      claims: { district: 7, floors: ['1', 2, true] },
    });
  });

  test('may be little: a subject, and by the settings it is a system', async () => {
    const asking = await openStatic({ kind: 'system' });
    const answer = await asking.bearer(await signClaims(rsaKey, goodClaims(ISSUER)));
    expect(answer).toMatchObject({
      identity: { kind: 'system', organisation: undefined, department: undefined, roles: [], scopes: [], claims: {} },
    });
  });

  test('may have scopes as a list, and one role as a text', async () => {
    const asking = await openStatic();
    const token = await signClaims(key, { ...goodClaims(ISSUER), roles: 'tax inspector', scope: ['a', 'b'] });
    expect(await asking.bearer(token)).toMatchObject({ identity: { roles: ['tax inspector'], scopes: ['a', 'b'] } });
  });

  test('is there at once the second time', async () => {
    const asking = await openStatic();
    const authorization = `Bearer ${await signClaims(key, goodClaims(ISSUER))}`;
    const first = asking.identify({ authorization });
    expect(first).toBeInstanceOf(Promise);
    expect(asking.identify({ authorization: 'bearer none.such.token' })).toBeInstanceOf(Promise);
    await first;
    expect(asking.identify({ authorization })).toEqual(await first);
  });

  test('is remembered of so many tokens and no more', async () => {
    const jwks = { keys: [key.jwk] };
    const asking = await openAsking({
      issuers: [{ issuer: ISSUER, audience: AUDIENCE, jwks }],
      maxRememberedTokens: 1,
    });
    const tokens = await Promise.all(['a', 'b'].map((sub) => signClaims(key, { ...goodClaims(ISSUER), sub })));
    for (const token of tokens) await asking.bearer(token);
    const known = tokens.map((token) => asking.identify({ authorization: `Bearer ${token}` }));
    expect(known.map((answer) => answer instanceof Promise)).toEqual([true, false]);
    await Promise.all(known.map(async (answer) => answer));
  });
});

describe('a token is refused with a code of its own', () => {
  const seconds = Math.floor(Date.now() / 1_000);
  const good = (more: object = {}) => ({ ...goodClaims(ISSUER), ...more });
  const without = (name: string) => Object.fromEntries(Object.entries(good()).filter(([each]) => each !== name));
  const spki = () => importJWK(rsaKey.jwk, 'RS256').then((publicKey) => exportSPKI(publicKey as CryptoKey));
  const hs256 = (secret: string) => (input: string) => createHmac('sha256', secret).update(input).digest('base64url');

  const cases: [name: string, code: string, make: () => string | Promise<string>][] = [
    ['that has expired', 'TOKEN_EXPIRED', () => signClaims(key, good({ exp: seconds - 60 }))],
    ['that is not valid yet', 'TOKEN_NOT_YET_VALID', () => signClaims(key, good({ nbf: seconds + 60 }))],
    ['of another issuer', 'TOKEN_WRONG_ISSUER', () => signClaims(key, good({ iss: 'https://evil.test' }))],
    ['of no issuer', 'TOKEN_WRONG_ISSUER', () => signClaims(key, without('iss'))],
    [
      'of an issuer that is a list',
      'TOKEN_WRONG_ISSUER',
      () => forge({ alg: 'ES256' }, good({ iss: [ISSUER] }), () => 'AA'),
    ],
    ['of an issuer by an inherited name', 'TOKEN_WRONG_ISSUER', () => signClaims(key, good({ iss: '__proto__' }))],
    ['for another audience', 'TOKEN_WRONG_AUDIENCE', () => signClaims(key, good({ aud: ['https://shop.test'] }))],
    ['for no audience', 'TOKEN_WRONG_AUDIENCE', () => signClaims(key, without('aud'))],
    ['without end', 'TOKEN_CLAIMS_INVALID', () => signClaims(key, without('exp'))],
    ['with an end that is a text', 'TOKEN_CLAIMS_INVALID', () => signClaims(key, good({ exp: 'tomorrow' }))],
    ['without a subject', 'TOKEN_CLAIMS_INVALID', () => signClaims(key, without('sub'))],
    ['with a subject that is empty', 'TOKEN_CLAIMS_INVALID', () => signClaims(key, good({ sub: '' }))],
    ['with roles of the wrong form', 'TOKEN_CLAIMS_INVALID', () => signClaims(key, good({ roles: { admin: true } }))],
    ['with scopes of the wrong form', 'TOKEN_CLAIMS_INVALID', () => signClaims(key, good({ scope: [1] }))],
    ['with a department of the wrong form', 'TOKEN_CLAIMS_INVALID', () => signClaims(key, good({ department: ['a'] }))],
    ['with another claim of the wrong form', 'TOKEN_CLAIMS_INVALID', () => signClaims(key, good({ district: {} }))],
    ['that is not signed', 'TOKEN_ALGORITHM_REFUSED', () => forge({ alg: 'none' }, good(), () => '')],
    ['that is not signed, in other letters', 'TOKEN_ALGORITHM_REFUSED', () => forge({ alg: 'nOnE' }, good(), () => '')],
    [
      'signed with the public key as a secret (key confusion)',
      'TOKEN_ALGORITHM_REFUSED',
      async () => forge({ alg: 'HS256', kid: 'rsa' }, good(), hs256(await spki())),
    ],
    [
      'signed with the published key as a secret',
      'TOKEN_ALGORITHM_REFUSED',
      () => forge({ alg: 'HS256', kid: 'rsa' }, good(), hs256(JSON.stringify(rsaKey.jwk))),
    ],
    [
      'signed by an algorithm that is good but not accepted',
      'TOKEN_ALGORITHM_REFUSED',
      async () => signClaims(await makeKey('512', 'ES512'), good()),
    ],
    ['signed with another key of that name', 'TOKEN_SIGNATURE_INVALID', () => signClaims(strangersKey, good())],
    [
      'that was changed after it was signed',
      'TOKEN_SIGNATURE_INVALID',
      async () => {
        const [header, , signature] = (await signClaims(key, good())).split('.');
        return `${header}.${base64url(good({ roles: ['admin'] }))}.${signature}`;
      },
    ],
    [
      'that brings its own key',
      'TOKEN_SIGNATURE_INVALID',
      () => signClaims(strangersKey, good(), { jwk: strangersKey.jwk, jku: 'http://127.0.0.1:9/keys' }),
    ],
    ['signed with a key nobody knows', 'TOKEN_KEY_UNKNOWN', () => signClaims(key, good(), { kid: 'other' })],
    ['whose key is a path', 'TOKEN_KEY_UNKNOWN', () => signClaims(key, good(), { kid: '../../dev/null' })],
    [
      'whose key is of another kind than its algorithm',
      'TOKEN_KEY_UNKNOWN',
      () => signClaims(key, good(), { kid: 'rsa' }),
    ],
    ['that is no token', 'TOKEN_MALFORMED', () => 'opaque'],
    ['of two parts', 'TOKEN_MALFORMED', async () => (await signClaims(key, good())).split('.').slice(0, 2).join('.')],
    ['that is encrypted', 'TOKEN_MALFORMED', () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..a.b.c'],
    ['without an algorithm', 'TOKEN_MALFORMED', () => forge({ kid: 'one' }, good(), () => 'AA')],
    ['with claims that are a list', 'TOKEN_MALFORMED', () => forge({ alg: 'ES256' }, [], () => 'AA')],
    ['with a header that is null', 'TOKEN_MALFORMED', () => `${base64url('null')}.${base64url({})}.AA`],
    [
      'with an extension that must be understood',
      'TOKEN_MALFORMED',
      () => forge({ alg: 'ES256', kid: 'one', crit: ['x'], x: 1 }, good(), () => 'AA'),
    ],
  ];
  test.each(cases)('one %s', async (_name, code, make) => {
    const asking = await openStatic({ claims: { others: { district: 'district' } } });
    const token = await make();
    const answer = await asking.bearer(token);
    expect(outcomeOf(answer)).toBe(code);
    expect(answer).toMatchObject({
      httpStatus: 401,
      challenge: expect.stringContaining('Bearer error="invalid_token"'),
    });
    expect(JSON.stringify(answer)).not.toContain(token);
  });

  test('one of another type, where the type is said', async () => {
    const asking = await openStatic({ tokenType: 'at+jwt' });
    const outcomes = await Promise.all(
      [{}, { typ: 'logout+jwt' }, { typ: 'at+jwt' }].map(async (header) =>
        outcomeOf(await asking.bearer(await signClaims(key, good(), header))),
      ),
    );
    expect(outcomes).toEqual(['TOKEN_CLAIMS_INVALID', 'TOKEN_CLAIMS_INVALID', 'accepted']);
  });

  test.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer ', 'Bearer a b', 'Bearer "a.b.c"', '', 'DPoP a.b.c'])(
    'an authorization header that reads %j',
    async (authorization) => {
      const asking = await openStatic();
      expect(outcomeOf(await asking.identify({ authorization }))).toBe('TOKEN_MALFORMED');
    },
  );
});

describe('clocks that differ', () => {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  test.each([
    ['expired a little ago', { exp: nowSeconds - 20 }, 'accepted'],
    ['expired long ago', { exp: nowSeconds - 40 }, 'TOKEN_EXPIRED'],
    ['valid in a moment', { nbf: nowSeconds + 20 }, 'accepted'],
    ['valid later', { nbf: nowSeconds + 60 }, 'TOKEN_NOT_YET_VALID'],
  ])('a token that is %s', async (_name, claims, outcome) => {
    const asking = await openStatic();
    const token = await signClaims(key, { ...goodClaims(ISSUER), ...claims });
    expect(outcomeOf(await asking.bearer(token))).toBe(outcome);
  });

  test('a token that was seen before expires all the same', async () => {
    const asking = await openStatic();
    const token = await signClaims(key, goodClaims(ISSUER));
    const outcomes: string[] = [];
    for (const waitMs of [0, 620_000, 20_000]) {
      asking.clock.advance(waitMs);
      outcomes.push(outcomeOf(await asking.bearer(token)));
    }
    expect(outcomes).toEqual(['accepted', 'accepted', 'TOKEN_EXPIRED']);
  });
});

describe('several issuers', () => {
  test('vouch for their own tokens, each with its own keys', async () => {
    const [one, other] = [opened(await startIssuer(key)), opened(await startIssuer(rsaKey))];
    const asking = await openAsking({
      issuers: [one, other].map(({ issuer, jwksUrl }) => ({ issuer, jwksUrl, audience: ['else', AUDIENCE] })),
    });
    const outcome = async (token: Promise<string>) => outcomeOf(await asking.bearer(await token));
    expect(await outcome(one.sign(key))).toBe('accepted');
    expect(await outcome(other.sign(rsaKey))).toBe('accepted');
    expect(await outcome(one.sign(rsaKey))).toBe('TOKEN_KEY_UNKNOWN');
    expect(await outcome(other.sign(key))).toBe('TOKEN_KEY_UNKNOWN');
  });
});

describe('whatever is sent as a token', () => {
  const refused = /^(TOKEN_|API_KEY_|AMBIGUOUS)/;

  test('rubbish is refused', async () => {
    const asking = await openStatic();
    const part = fc.oneof(
      fc.base64String().map((text) => text.replaceAll(/[+/=]/g, '')),
      fc.json().map(base64url),
      fc.record({ alg: fc.constantFrom('ES256', 'RS256', 'none', 'HS256', 1), kid: fc.string() }).map(base64url),
    );
    const parts = fc.array(part, { maxLength: 6 }).map((each) => each.join('.'));
    const rubbish = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), parts);
    await fc.assert(
      fc.asyncProperty(rubbish, async (token) => {
        expect(outcomeOf(await asking.bearer(token))).toMatch(refused);
      }),
      { numRuns: 500 },
    );
  });

  test('a good token that was cut or changed is refused', async () => {
    const asking = await openStatic();
    const token = await signClaims(rsaKey, goodClaims(ISSUER));
    expect(outcomeOf(await asking.bearer(token))).toBe('accepted');
    const cut = fc.tuple(fc.nat(token.length), fc.nat(token.length)).map(([from, to]) => token.slice(from, to));
    const changed = fc
      .tuple(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }))
      .map(([at, character]) => token.slice(0, at) + character + token.slice(at + 1));
    await fc.assert(
      fc.asyncProperty(fc.oneof(cut, changed), async (other) => {
        fc.pre(other.trim() !== token);
        expect(outcomeOf(await asking.bearer(other))).toMatch(refused);
      }),
      { numRuns: 500 },
    );
  });
});
