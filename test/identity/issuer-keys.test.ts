import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { exportJWK, generateSecret } from 'jose';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { ConfigInput } from '../../gateway/config/config.ts';
import { closingAfterEach, freePort, serveBare, temporaryFolder } from '../kit/department.ts';
import { openAsking, outcomeOf, type Asking } from './asking.ts';
import {
  AUDIENCE,
  goodClaims,
  makeKey,
  signClaims,
  startIssuer,
  type TestIssuer,
  type TestKey,
} from './test-issuer.ts';

const opened = closingAfterEach();

let old: TestKey;
let next: TestKey;
beforeAll(async () => {
  [old, next] = await Promise.all([makeKey('old'), makeKey('next')]);
});

type JwksSettings = NonNullable<NonNullable<ConfigInput['identity']>['jwks']>;

const MAX_AGE_MS = 600_000;
const COOLDOWN_MS = 30_000;

/** Who knows the issuer's keys by now. */
async function openKnowing({ issuer, jwksUrl }: TestIssuer, jwks: JwksSettings = {}): Promise<Asking> {
  return openAsking({ issuers: [{ issuer, jwksUrl, audience: AUDIENCE }], jwks });
}

/** What comes of a token by now, and whether it was there at once. */
async function askNow(asking: Asking, token: string): Promise<{ outcome: string; atOnce: boolean }> {
  const answer = asking.identify({ authorization: `Bearer ${token}` });
  return { outcome: outcomeOf(await answer), atOnce: !(answer instanceof Promise) };
}

const ACCEPTED_AT_ONCE = { outcome: 'accepted', atOnce: true };

describe('an issuer that changes its keys', () => {
  test('signs with a new one, which is fetched when it is first seen', async () => {
    const issuer = opened(await startIssuer(old));
    const asking = await openKnowing(issuer);
    const [before, after] = [await issuer.sign(old), await issuer.sign(next)];
    expect(await askNow(asking, before)).toMatchObject({ outcome: 'accepted' });
    issuer.publish(old, next);
    asking.clock.advance(COOLDOWN_MS);
    expect(await askNow(asking, after)).toMatchObject({ outcome: 'accepted' });
    expect(await askNow(asking, before)).toMatchObject({ outcome: 'accepted' });
    expect(await askNow(asking, before)).toEqual(ACCEPTED_AT_ONCE);
    expect(issuer.requests).toBe(2);
  });

  test('is not asked for every unknown key, however many come', async () => {
    const issuer = opened(await startIssuer(old));
    const asking = await openKnowing(issuer);
    await asking.bearer(await issuer.sign(old));
    const unknown = await Promise.all(
      Array.from({ length: 50 }, (_, at) => issuer.sign(next, {}, { kid: `made-up-${at}` })),
    );
    const outcomes: string[] = [];
    for (const waitMs of [0, COOLDOWN_MS, 0]) {
      asking.clock.advance(waitMs);
      const answers = await Promise.all(unknown.map((token) => asking.bearer(token)));
      outcomes.push(...answers.map(outcomeOf));
    }
    expect(new Set(outcomes)).toEqual(new Set(['TOKEN_KEY_UNKNOWN']));
    expect(issuer.requests).toBe(2);
  });

  test('may keep the name: the new key of that name is fetched', async () => {
    const issuer = opened(await startIssuer(old));
    const asking = await openKnowing(issuer);
    await asking.bearer(await issuer.sign(old));
    const successor = { ...next, jwk: { ...next.jwk, kid: 'old' } };
    issuer.publish(successor);
    asking.clock.advance(COOLDOWN_MS);
    expect(await askNow(asking, await issuer.sign(successor))).toMatchObject({ outcome: 'accepted' });
    expect(await askNow(asking, await issuer.sign(old))).toMatchObject({ outcome: 'TOKEN_SIGNATURE_INVALID' });
  });

  test('need not name its keys: each that fits is tried', async () => {
    const [one, other, stranger] = await Promise.all([undefined, undefined, undefined].map((kid) => makeKey(kid)));
    const issuer = opened(await startIssuer(one!, other!));
    const asking = await openKnowing(issuer);
    const outcomes = await Promise.all(
      [one!, other!, stranger!].map(async (key) => (await askNow(asking, await issuer.sign(key))).outcome),
    );
    expect(outcomes).toEqual(['accepted', 'accepted', 'TOKEN_SIGNATURE_INVALID']);
    expect(await askNow(asking, await issuer.sign(other!, { exp: 1 }))).toMatchObject({ outcome: 'TOKEN_EXPIRED' });
  });
});

describe('a key that is withdrawn', () => {
  test('is refused once the keys are old, although the token was seen before and nobody asked meanwhile', async () => {
    const issuer = opened(await startIssuer(old));
    const asking = await openKnowing(issuer);
    const token = await issuer.sign(old, { exp: Math.floor(Date.now() / 1_000) + 86_400 });
    await asking.bearer(token);
    issuer.publish(next);
    asking.clock.advance(MAX_AGE_MS / 2 - 1);
    expect(await askNow(asking, token)).toEqual(ACCEPTED_AT_ONCE);
    expect(issuer.requests).toBe(1);
    asking.clock.advance(MAX_AGE_MS / 2 + 1);
    expect(await askNow(asking, token)).toEqual({ outcome: 'TOKEN_KEY_UNKNOWN', atOnce: false });
  });

  test('is found out beside the requests where there are some', async () => {
    const issuer = opened(await startIssuer(old));
    const asking = await openKnowing(issuer);
    const token = await issuer.sign(old);
    await asking.bearer(token);
    issuer.publish(next);
    asking.clock.advance(MAX_AGE_MS / 2);
    expect(await askNow(asking, token)).toEqual(ACCEPTED_AT_ONCE);
    await vi.waitFor(async () => expect((await askNow(asking, token)).outcome).toBe('TOKEN_KEY_UNKNOWN'));
    expect(issuer.requests).toBe(2);
  });

  test('may be the last: an issuer without keys vouches for nothing', async () => {
    const issuer = opened(await startIssuer(old));
    const asking = await openKnowing(issuer);
    const token = await issuer.sign(old);
    await asking.bearer(token);
    issuer.publish();
    asking.clock.advance(MAX_AGE_MS);
    expect(await askNow(asking, token)).toMatchObject({ outcome: 'TOKEN_KEY_UNKNOWN' });
  });

  test('leaves tokens alone where the same keys are published again', async () => {
    const issuer = opened(await startIssuer(old));
    const asking = await openKnowing(issuer);
    const token = await issuer.sign(old);
    await asking.bearer(token);
    asking.clock.advance(MAX_AGE_MS / 2);
    expect(await askNow(asking, token)).toEqual(ACCEPTED_AT_ONCE);
    await vi.waitUntil(() => issuer.requests === 2);
    expect(await askNow(asking, token)).toEqual(ACCEPTED_AT_ONCE);
  });
});

describe('an issuer that is away', () => {
  const away: RequestListener = (_request, response) => void response.writeHead(503).end('closed');

  test('at the start cannot vouch for anybody until it is back, and is not asked all the time', async () => {
    const issuer = opened(await startIssuer(old));
    issuer.misbehave(away);
    const asking = await openKnowing(issuer);
    const token = await issuer.sign(old);
    const answer = await asking.bearer(token);
    expect(answer).toMatchObject({ httpStatus: 503 });
    expect(answer).not.toHaveProperty('challenge');
    expect(outcomeOf(answer)).toBe('TOKEN_ISSUER_UNAVAILABLE');
    issuer.misbehave(undefined);
    expect(await askNow(asking, token)).toMatchObject({ outcome: 'TOKEN_ISSUER_UNAVAILABLE' });
    expect(issuer.requests).toBe(1);
    asking.clock.advance(COOLDOWN_MS);
    expect(await askNow(asking, token)).toMatchObject({ outcome: 'accepted' });
    expect(asking.told).toEqual([
      [issuer.issuer, true],
      [issuer.issuer, false],
    ]);
  });

  test('later is asked now and then; its keys are used for a while, and then no more', async () => {
    const issuer = opened(await startIssuer(old));
    const asking = await openKnowing(issuer, { maxStaleMs: 4 * MAX_AGE_MS });
    const token = await issuer.sign(old, { exp: Math.floor(Date.now() / 1_000) + 86_400 });
    await asking.bearer(token);
    issuer.misbehave(away);
    asking.clock.advance(MAX_AGE_MS);
    expect(await askNow(asking, token)).toEqual({ outcome: 'accepted', atOnce: false });
    expect(await askNow(asking, token)).toEqual(ACCEPTED_AT_ONCE);
    expect(issuer.requests).toBe(2);
    asking.clock.advance(COOLDOWN_MS);
    expect(await askNow(asking, token)).toEqual(ACCEPTED_AT_ONCE);
    await vi.waitUntil(() => issuer.requests === 3);
    expect(asking.told).toEqual([[issuer.issuer, true]]);
    asking.clock.advance(3 * MAX_AGE_MS);
    expect(await askNow(asking, token)).toMatchObject({ outcome: 'TOKEN_ISSUER_UNAVAILABLE' });
    issuer.misbehave(undefined);
    asking.clock.advance(COOLDOWN_MS);
    expect(await askNow(asking, token)).toMatchObject({ outcome: 'accepted' });
  });

  test('because nobody listens there', async () => {
    const jwksUrl = `http://127.0.0.1:${await freePort()}/jwks`;
    const asking = await openAsking({ issuers: [{ issuer: 'https://gone.test', jwksUrl, audience: AUDIENCE }] });
    const token = await signClaims(old, goodClaims('https://gone.test'));
    expect(await askNow(asking, token)).toMatchObject({ outcome: 'TOKEN_ISSUER_UNAVAILABLE' });
  });

  const endless: RequestListener = (_request, response) => {
    const write = (): void => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
    };
    response.on('drain', write);
    write();
  };
  test.each<[string, RequestListener]>([
    ['does not answer', () => undefined],
    ['stops in the middle', (_request, response) => void response.write('{"keys":[')],
    ['does not end', endless],
    ['sends too much', (_request, response) => void response.end(`{"keys":[],"more":"${'x'.repeat(300_000)}"}`)],
    ['sends no JSON', (_request, response) => void response.end('<html>')],
    ['sends no key set', (_request, response) => void response.end('{"keys":{}}')],
    ['sends null', (_request, response) => void response.end('null')],
    ['hangs up', (request) => void request.socket.destroy()],
  ])('in that it %s', async (_name, listener) => {
    const issuer = opened(await startIssuer(old));
    issuer.misbehave(listener);
    const asking = await openKnowing(issuer, { timeoutMs: 300 });
    expect(await askNow(asking, await issuer.sign(old))).toMatchObject({ outcome: 'TOKEN_ISSUER_UNAVAILABLE' });
    expect(asking.told).toEqual([[issuer.issuer, true]]);
  });

  test('in that it sends elsewhere, where nobody is asked', async () => {
    const issuer = opened(await startIssuer(old));
    let asked = 0;
    const elsewhere = opened(
      await serveBare((_request, response) => {
        asked += 1;
        response.end(JSON.stringify({ keys: [old.jwk] }));
      }),
    );
    issuer.misbehave((_request, response) => void response.writeHead(302, { location: elsewhere.url }).end());
    const asking = await openKnowing(issuer);
    expect(await askNow(asking, await issuer.sign(old))).toMatchObject({ outcome: 'TOKEN_ISSUER_UNAVAILABLE' });
    expect(asked).toBe(0);
  });

  test('does not stand in the way of what the other issuers say', async () => {
    const [here, gone] = [opened(await startIssuer(old)), opened(await startIssuer(next))];
    gone.misbehave(() => undefined);
    const asking = await openAsking({
      issuers: [here, gone].map(({ issuer, jwksUrl }) => ({ issuer, jwksUrl, audience: AUDIENCE })),
      jwks: { timeoutMs: 2_000 },
    });
    const startedAtMs = performance.now();
    expect(await askNow(asking, await here.sign(old))).toMatchObject({ outcome: 'accepted' });
    expect(performance.now() - startedAtMs).toBeLessThan(1_500);
  });
});

describe('published keys that verify nothing are passed over', () => {
  test('those that are secret, private, short, for encryption, or not understood', async () => {
    const secret = await exportJWK(await generateSecret('HS256', { extractable: true }));
    const privateKey = await exportJWK(old.privateKey);
    const useless = [
      { ...secret, kid: 'useless' },
      { ...privateKey, kid: 'useless' },
      { ...old.jwk, kid: 'useless', use: 'enc' },
      { kty: 'RSA', n: Buffer.alloc(128, 255).toString('base64url'), e: 'AQAB', kid: 'useless' },
      { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'useless' },
      { kty: 'quantum', kid: 'useless' },
    ];
    const issuer = opened(await startIssuer());
    issuer.misbehave((_request, response) => void response.end(JSON.stringify({ keys: [...useless, next.jwk] })));
    const asking = await openKnowing(issuer);
    expect(await askNow(asking, await issuer.sign(next))).toMatchObject({ outcome: 'accepted' });
    const token = await issuer.sign({ ...old, jwk: { kid: 'useless' } });
    expect(await askNow(asking, token)).toMatchObject({ outcome: 'TOKEN_KEY_UNKNOWN' });
  });
});

describe('keys that do not change', () => {
  const issuer = 'https://file.test';

  test('come from a file', async () => {
    const folder = opened(temporaryFolder());
    await writeFile(folder.file('keys.json'), JSON.stringify({ keys: [old.jwk] }));
    const asking = await openAsking({ issuers: [{ issuer, audience: AUDIENCE, jwksFile: folder.file('keys.json') }] });
    expect(await askNow(asking, await signClaims(old, goodClaims(issuer)))).toMatchObject({ outcome: 'accepted' });
    expect(await askNow(asking, await signClaims(next, goodClaims(issuer)))).toMatchObject({
      outcome: 'TOKEN_KEY_UNKNOWN',
    });
  });

  test('are refused at the start where they are of no use', async () => {
    const folder = opened(temporaryFolder());
    await writeFile(folder.file('keys.json'), '{');
    const secret = await exportJWK(await generateSecret('HS256', { extractable: true }));
    const open = (keys: object) => openAsking({ issuers: [{ issuer, audience: AUDIENCE, ...keys }] });
    await expect(open({ jwksFile: folder.file('none.json') })).rejects.toThrow(/keys of https:\/\/file.test.*ENOENT/);
    await expect(open({ jwksFile: folder.file('keys.json') })).rejects.toThrow(/keys of https:\/\/file.test/);
    await expect(open({ jwks: { keys: [{ ...secret, kty: 'oct' }] } })).rejects.toThrow(/no public key/);
  });
});
