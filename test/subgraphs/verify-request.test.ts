import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOBODY } from '../../gateway/caller.ts';
import { findSignature, signatureBase } from '../../subgraphs/kit/message-signature.ts';
import { ReplayWindow } from '../../subgraphs/kit/replay-window.ts';
import { UNVERIFIED, verifyRequest, type UnverifiedCode } from '../../subgraphs/kit/verify-request.ts';
import { OFFICER, signAnew, signedRequest, SIGNING_KEY, verifying, type Changeable } from '../kit/signed-request.ts';

describe('the example of RFC 9421, B.2.6', () => {
  const request = {
    method: 'POST',
    url: new URL('https://example.com/foo?param=Value&Pet=dog'),
    headers: {
      host: 'example.com',
      date: 'Tue, 20 Apr 2021 02:07:55 GMT',
      'content-type': 'application/json',
      'content-digest':
        'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
      'content-length': '18',
      'signature-input':
        'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
      signature: 'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
    },
  };
  // The example has no tag; what has none is found as what has none.
  const found = findSignature(request.headers, undefined);

  test('has the base that the RFC prints', () => {
    if (typeof found === 'string') expect.unreachable(found);
    expect(signatureBase(found, request)).toEqual({
      ok: true,
      base: [
        '"date": Tue, 20 Apr 2021 02:07:55 GMT',
        '"@method": POST',
        '"@path": /foo',
        '"@authority": example.com',
        '"content-type": application/json',
        '"content-length": 18',
        '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
      ].join('\n'),
    });
  });

  test('is signed as the RFC prints', () => {
    if (typeof found === 'string') expect.unreachable(found);
    const built = signatureBase(found, request);
    if (!built.ok) expect.unreachable(built.component);
    const x = 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs';
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, Buffer.from(built.base), key, found.signature)).toBe(true);
  });
});

test('the parts of a request are those of RFC 9421, section 2.2', () => {
  const url = new URL('https://www.Example.com:443/path?param=value');
  const components = ['@method', '@target-uri', '@authority', '@scheme', '@path', '@query'];
  const built = signatureBase({ components, parametersText: '()' }, { method: 'POST', url, headers: {} });
  expect(built).toMatchObject({
    base: [
      '"@method": POST',
      '"@target-uri": https://www.example.com/path?param=value',
      '"@authority": www.example.com',
      '"@scheme": https',
      '"@path": /path',
      '"@query": ?param=value',
      '"@signature-params": ()',
    ].join('\n'),
  });
});

describe('a request as the gateway signs it', () => {
  test('is verified, and says who asks and what for', () => {
    const request = signedRequest();
    const { kind, proof, subject, organisation, department, roles } = OFFICER.identity;
    expect(verifyRequest(request, verifying())).toEqual({
      ok: true,
      identity: { kind, proof, subject, organisation, department, roles },
      purpose: OFFICER.purpose,
      queryId: 'query-1',
      digest: createHash('sha256').update(request.body).digest('base64'),
      keyId: 'gateway-1',
      createdSeconds: expect.closeTo(Date.now() / 1_000, -1) as number,
    });
  });

  test('is verified where nobody in particular asks', () => {
    const verified = verifyRequest(signedRequest(undefined, NOBODY), verifying());
    expect(verified).toMatchObject({ ok: true, identity: { kind: 'anonymous', proof: 'none', roles: [] } });
  });

  test('says whatever text there is', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(text, text, fc.array(text, { maxLength: 5 }), (subject, purpose, roles) => {
        const identity = { ...OFFICER.identity, subject, roles };
        const caller = { identity, purpose: { ...OFFICER.purpose, purpose } };
        const verified = verifyRequest(signedRequest(undefined, caller), verifying());
        expect(verified).toMatchObject({ ok: true, identity: { subject, roles }, purpose: { purpose } });
      }),
    );
  });

  test('is verified behind a proxy that ends TLS', () => {
    const request = signedRequest('https://tax.city.example/graphql');
    expect(verifyRequest({ ...request, url: 'http://tax.city.example/graphql' }, verifying()).ok).toBe(true);
  });

  test('is verified beside a signature of somebody else', () => {
    const request = signedRequest();
    const { 'signature-input': input, signature } = request.headers;
    const headers = {
      ...request.headers,
      'signature-input': `proxy=("@path");created=1;keyid="x", ${input}`,
      signature: `proxy=:YWFh:, ${signature}`,
    };
    expect(verifyRequest({ ...request, headers }, verifying()).ok).toBe(true);
  });
});

const stranger = generateKeyPairSync('ed25519').privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;

function withHeader(name: string, change: (value: string) => string | undefined): (request: Changeable) => Changeable {
  return (request) => {
    const { [name]: value = '', ...headers } = request.headers;
    const changed = change(value);
    return { ...request, headers: changed === undefined ? headers : { ...headers, [name]: changed } };
  };
}

const withParameters =
  (parameters: (text: string) => string) =>
  (request: Changeable): Changeable =>
    signAnew(request, { parameters });
const without =
  (...names: string[]) =>
  (request: Changeable): Changeable =>
    signAnew(request, { components: (all) => all.filter((name) => !names.includes(name)) });

const REFUSALS: [string, UnverifiedCode, (request: Changeable) => Changeable][] = [
  ['without a signature', 'SIGNATURE_MISSING', withHeader('signature', () => undefined)],
  ['without what the signature covers', 'SIGNATURE_MISSING', withHeader('signature-input', () => undefined)],
  ['with a signature for something else', 'SIGNATURE_MISSING', withParameters((p) => p.replace('switchyard', 'other'))],
  ['with a signature that is no signature', 'SIGNATURE_MALFORMED', withHeader('signature', () => 'switchyard=1')],
  ['with a signature under another label', 'SIGNATURE_MALFORMED', withHeader('signature', (s) => `x${s}`)],
  ['with what is no structured field', 'SIGNATURE_MALFORMED', withHeader('signature-input', () => '("@method"')],
  ['with two signatures of a gateway', 'SIGNATURE_MALFORMED', withHeader('signature-input', (s) => `a${s}, ${s}`)],
  ['signed without a nonce', 'SIGNATURE_MALFORMED', withParameters((p) => p.replace(/;nonce="[^"]*"/, ''))],
  ['signed without an end', 'SIGNATURE_MALFORMED', withParameters((p) => p.replace(/;expires=\d+/, ''))],
  ['signed without a beginning', 'SIGNATURE_MALFORMED', withParameters((p) => p.replace(/;created=\d+/, ''))],
  ['with one component twice', 'SIGNATURE_MALFORMED', (r) => signAnew(r, { components: (c) => [...c, '@method'] })],
  [
    'signed by another algorithm',
    'SIGNATURE_ALGORITHM_WRONG',
    withParameters((p) => p.replace('ed25519', 'hmac-sha256')),
  ],
  ['of a key not known', 'SIGNATURE_KEY_UNKNOWN', withParameters((p) => p.replace('gateway-1', 'gateway-2'))],
  ['signed by a stranger in the name of a key', 'SIGNATURE_INVALID', (r) => signAnew(r, {}, stranger)],
  ['with another body', 'SIGNATURE_DIGEST_MISMATCH', (r) => ({ ...r, body: r.body.replace('name', 'debt') })],
  [
    'with another body and its digest',
    'SIGNATURE_INVALID',
    (r) => withHeader('content-digest', () => `sha-256=:${createHash('sha256').digest('base64')}:`)({ ...r, body: '' }),
  ],
  ['with a digest of another kind', 'SIGNATURE_DIGEST_MISMATCH', withHeader('content-digest', (d) => `x${d}`)],
  ['with another purpose', 'SIGNATURE_INVALID', withHeader('switchyard-purpose', () => '"other"')],
  ['with another caller', 'SIGNATURE_INVALID', withHeader('switchyard-caller', (c) => c.replace('officer', 'auditor'))],
  ['with a purpose twice', 'SIGNATURE_INVALID', withHeader('switchyard-purpose', (p) => `${p}, ${p}`)],
  ['without its purpose', 'SIGNATURE_COMPONENT_MISSING', withHeader('switchyard-purpose', () => undefined)],
  ['without its caller', 'SIGNATURE_COMPONENT_MISSING', withHeader('switchyard-caller', () => undefined)],
  ['without its digest', 'SIGNATURE_COMPONENT_MISSING', withHeader('content-digest', () => undefined)],
  ['with a line within a value', 'SIGNATURE_COMPONENT_MISSING', withHeader('switchyard-case', (c) => `${c}\n"x": 1`)],
  ['with a consent added', 'SIGNATURE_COMPONENT_NOT_COVERED', withHeader('switchyard-consent', () => '"C-1"')],
  ['with a header added that is yet to be', 'SIGNATURE_COMPONENT_NOT_COVERED', withHeader('switchyard-x', () => '1')],
  ...['@method', '@authority', '@path', '@query', 'content-digest', 'content-type', 'switchyard-caller'].map(
    (name): [string, UnverifiedCode, (request: Changeable) => Changeable] => [
      `whose signature leaves out ${name}`,
      'SIGNATURE_COMPONENT_NOT_COVERED',
      without(name),
    ],
  ),
  ['by another method', 'SIGNATURE_INVALID', (r) => ({ ...r, method: 'PUT' })],
  ['at another department', 'SIGNATURE_INVALID', (r) => ({ ...r, url: r.url.replace('tax', 'power') })],
  ['at another path', 'SIGNATURE_INVALID', (r) => ({ ...r, url: r.url.replace('graphql', 'other') })],
  ['with another query', 'SIGNATURE_INVALID', (r) => ({ ...r, url: r.url.replace('x=1', 'x=2') })],
  ['with another content type', 'SIGNATURE_INVALID', withHeader('content-type', () => 'text/plain')],
  [
    'of a caller that cannot be read',
    'SIGNATURE_CALLER_MALFORMED',
    (r) => signAnew(withHeader('switchyard-caller', () => 'kind=ghost, proof="none", roles=()')(r), {}),
  ],
  [
    'of a purpose that cannot be read',
    'SIGNATURE_CALLER_MALFORMED',
    (r) => signAnew(withHeader('switchyard-purpose', () => 'statistics')(r), {}),
  ],
];

describe('a request is refused', () => {
  test.each(REFUSALS)('%s: %s', (_what, code, change) => {
    expect(verifyRequest(change(signedRequest()), verifying())).toEqual({ ok: false, code, message: UNVERIFIED[code] });
  });

  test('whose key is not for Ed25519, whatever the signature says', () => {
    const options = verifying({ keys: new Map([[SIGNING_KEY.keyId, rsa]]) });
    expect(verifyRequest(signedRequest(), options)).toMatchObject({ code: 'SIGNATURE_ALGORITHM_WRONG' });
  });

  test.each([
    ['at once', 0, 'ok'],
    ['as long as it lasts and clocks may differ', 64, 'ok'],
    ['after that', 67, 'SIGNATURE_EXPIRED'],
    ['by a clock a little slow', -4, 'ok'],
    ['by a clock too slow', -7, 'SIGNATURE_FROM_FUTURE'],
  ])('by its age: %s', (_when, seconds, outcome) => {
    const verified = verifyRequest(signedRequest(), verifying({ now: () => Date.now() + seconds * 1_000 }));
    expect(verified.ok ? 'ok' : verified.code).toBe(outcome);
  });

  test('that is older than allowed here, whatever it says of its end', () => {
    const request = withParameters((text) => text.replace(/expires=\d+/, 'expires=99999999999'))(signedRequest());
    const options = verifying({ maxAgeSeconds: 10, now: () => Date.now() + 17_000 });
    expect(verifyRequest(request, options)).toMatchObject({ code: 'SIGNATURE_EXPIRED' });
  });

  test('when it comes again', () => {
    const [request, options] = [signedRequest(), verifying()];
    expect(verifyRequest(request, options).ok).toBe(true);
    expect(verifyRequest(request, options)).toMatchObject({ code: 'SIGNATURE_REPLAYED' });
    expect(verifyRequest(signedRequest(), options).ok).toBe(true);
  });

  test('without a place in the memory of those that have been', () => {
    const replayWindow = new ReplayWindow(1);
    const request = signedRequest();
    for (const [, , change] of REFUSALS.filter(([, code]) => code === 'SIGNATURE_INVALID'))
      verifyRequest(change(request), verifying({ replayWindow }));
    expect(verifyRequest(request, verifying({ replayWindow })).ok).toBe(true);
  });

  test('whichever one bit of it is another', () => {
    const request = signedRequest();
    expect(verifyRequest(request, verifying()).ok).toBe(true);
    const parts = signedParts(request);
    const place = fc
      .nat({ max: parts.length - 1 })
      .chain((part) => fc.tuple(fc.constant(part), fc.nat({ max: parts[part]!.text.length - 1 }), fc.nat({ max: 7 })));
    fc.assert(
      fc.property(place, ([part, position, bit]) => {
        const { text, put } = parts[part]!;
        const changed = put(flipped(text, position, bit));
        fc.pre(changed !== undefined);
        expect(verifyRequest(changed, verifying()).ok).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });
});

function flipped(text: string, position: number, bit: number): string {
  const bytes = Buffer.from(text, 'latin1');
  bytes[position]! ^= 1 << bit;
  return bytes.toString('latin1');
}

/** All that is signed, as bytes, and how it is put back; undefined where what is put back says the same. */
function signedParts(request: Changeable): { text: string; put(text: string): Changeable | undefined }[] {
  const { accept: _unsigned, ...signed } = request.headers;
  const original = new URL(request.url).href;
  const scheme = 'http://';
  return [
    { text: request.method, put: (method) => ({ ...request, method }) },
    {
      // Without the scheme: a department may stand behind a proxy that ends TLS.
      text: request.url.slice(scheme.length),
      put: (text) => {
        const url = scheme + text;
        return URL.parse(url)?.href === original ? undefined : { ...request, url };
      },
    },
    {
      text: Buffer.from(request.body).toString('latin1'),
      put: (text) => ({ ...request, body: Buffer.from(text, 'latin1') }) as unknown as Changeable,
    },
    ...Object.entries(signed).flatMap(([name, value]) => [
      { text: value, put: (text: string) => withHeader(name, () => text)(request) },
      {
        text: name,
        // Names are the same in capitals; Node gives them in lower case.
        put: (other: string) =>
          other.toLowerCase() === name
            ? undefined
            : withHeader(other.toLowerCase(), () => value)(withHeader(name, () => undefined)(request)),
      },
    ]),
  ];
}
