import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Grant } from '../../gateway/grants/grant.ts';
import type { GrantStore } from '../../gateway/grants/store.ts';
import { DATABASES, type GrantsPlace } from './databases.ts';

const NOW = '2026-07-01T12:00:00.000Z';
const LATER = '2026-07-01T13:00:00.000Z';

function grant(more: Partial<Grant> = {}): Grant {
  return {
    id: 'g1',
    kind: 'given',
    department: 'tax',
    classes: ['amounts', "o'clock"],
    grantee: { subject: 'zhang' },
    purpose: 'audit',
    subjects: ['e1'],
    reason: 'Ünïcode "reasons"',
    maxReads: 3,
    reads: 0,
    expiresAt: LATER,
    approvalsNeeded: 2,
    approvals: [{ by: 'li', at: NOW }],
    isRevoked: false,
    ...more,
  };
}

describe.each(DATABASES)('grants in %s', (_, make) => {
  let place: GrantsPlace;
  let store: GrantStore;
  beforeEach(async () => {
    place = await make();
    store = await place.open();
  });
  afterEach(async () => {
    await store.close();
    await place.close();
  });

  test('are found as they were added, also by who opens the place again', async () => {
    await store.add(grant());
    expect(await store.find('g1')).toEqual(grant());
    expect(await store.find('g2')).toBeUndefined();
    const other = await place.open();
    expect(await other.live(NOW)).toEqual([grant()]);
    await other.close();
  });

  test('are live until they end, are used up, or are revoked', async () => {
    await store.add(grant({ id: 'ended', expiresAt: NOW }));
    await store.add(grant({ id: 'used', maxReads: 1 }));
    await store.add(grant({ id: 'revoked' }));
    await store.add(grant({ id: 'live' }));
    expect(await store.take('used', NOW)).toBe(true);
    await store.revoke('revoked');
    expect((await store.live(NOW)).map(({ id }) => id)).toEqual(['live']);
    expect(await Promise.all(['ended', 'used', 'revoked', 'none'].map((id) => store.take(id, NOW)))).toEqual(
      Array.from({ length: 4 }, () => false),
    );
  });

  test('allow as many reads as they say, however many gateways count at once', async () => {
    await store.add(grant({ maxReads: 50 }));
    const gateways = await Promise.all([place.open(), place.open(), place.open()]);
    const taken = await Promise.all(
      Array.from({ length: 120 }, (_none, index) => gateways[index % 3]!.take('g1', NOW)),
    );
    expect(taken.filter(Boolean)).toHaveLength(50);
    expect(await store.find('g1')).toMatchObject({ reads: 50 });
    await Promise.all(gateways.map((each) => each.close()));
  });

  test('take one approval of each person, and none on top of what was not seen', async () => {
    await store.add(grant());
    const seen = (await store.find('g1'))!;
    expect(await store.approve(seen, { by: 'li', at: NOW })).toBe(false);
    expect(await store.approve(seen, { by: 'wang', at: NOW })).toBe(true);
    expect(await store.approve(seen, { by: 'chen', at: NOW })).toBe(false);
    expect((await store.find('g1'))!.approvals.map(({ by }) => by)).toEqual(['li', 'wang']);
  });

  test('are listed the newest first, of one department or of all', async () => {
    await store.add(grant({ id: 'a', approvals: [{ by: 'li', at: '2026-07-01T10:00:00.000Z' }] }));
    await store.add(grant({ id: 'b', approvals: [{ by: 'li', at: '2026-07-01T11:00:00.000Z' }] }));
    await store.add(grant({ id: 'c', department: 'power' }));
    expect((await store.list(10, 'tax')).map(({ id }) => id)).toEqual(['b', 'a']);
    expect((await store.list(2)).map(({ id }) => id)).toEqual(['c', 'b']);
  });
});
