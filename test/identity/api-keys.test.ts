import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openAsking, outcomeOf } from './asking.ts';

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

const open = () =>
  openAsking({
    apiKeys: [
      {
        name: 'power-meters',
        sha256: sha256('key-of-the-meters').toUpperCase(),
        department: 'power',
        roles: ['reader'],
      },
      { name: 'bank', sha256: sha256('Schlüssel'), scopes: ['banded'], claims: { district: 3 }, organisation: 'Bank' },
      { name: 'trial', sha256: sha256('key-for-a-day'), expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
    ],
  });

describe('an API key', () => {
  test('stands for the system that the settings say, at once', async () => {
    const asking = await open();
    expect(asking.identify({ 'x-api-key': 'key-of-the-meters' })).toMatchObject({
      identity: {
        kind: 'system',
        proof: 'api-key:power-meters',
        subject: 'power-meters',
        organisation: undefined,
        department: 'power',
        roles: ['reader'],
        scopes: [],
        claims: {},
      },
    });
    // The characters of a header are the bytes that were sent.
    expect(asking.identify({ 'x-api-key': Buffer.from('Schlüssel').toString('latin1') })).toMatchObject({
      identity: { subject: 'bank', organisation: 'Bank', scopes: ['banded'], claims: { district: 3 } },
    });
  });

  test('is refused once its time is over', async () => {
    const asking = await open();
    const outcomes: string[] = [];
    for (const waitMs of [0, 86_399_000, 1_000]) {
      asking.clock.advance(waitMs);
      outcomes.push(outcomeOf(await asking.identify({ 'x-api-key': 'key-for-a-day' })));
    }
    expect(outcomes).toEqual(['accepted', 'accepted', 'API_KEY_EXPIRED']);
  });

  test('nobody knows is refused, whatever it is; its digest is no key', async () => {
    const asking = await open();
    const others = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', sha256('key-of-the-meters'), 'key-of'));
    fc.assert(
      fc.property(others, (key) => {
        const answer = asking.identify({ 'x-api-key': key });
        expect(answer).toMatchObject({
          ok: false,
          httpStatus: 401,
          errors: [{ extensions: { code: 'API_KEY_INVALID' } }],
        });
        // No scheme of HTTP stands for it.
        expect(answer).not.toHaveProperty('challenge');
      }),
    );
  });
});
