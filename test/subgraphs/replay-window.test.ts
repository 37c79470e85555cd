import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplayWindow } from '../../subgraphs/kit/replay-window.ts';

test('a request is new once', () => {
  const window = new ReplayWindow();
  expect([window.admit('a', 100, 40), window.admit('a', 100, 40), window.admit('b', 100, 40)]).toEqual([
    true,
    false,
    true,
  ]);
});

test('what is too old to be taken is forgotten, and not taken where the clock goes back', () => {
  const window = new ReplayWindow(2);
  window.admit('a', 100, 40);
  window.admit('b', 100, 40);
  expect(window.admit('c', 170, 110)).toBe(true);
  expect(window.admit('a', 100, 40)).toBe(false);
  expect(window.admit('d', 170, 110)).toBe(true);
});

test('where it is full it forgets the oldest, and takes nothing as old as that', () => {
  const window = new ReplayWindow(2);
  window.admit('a', 100, 40);
  window.admit('b', 101, 40);
  expect(window.admit('c', 102, 40)).toBe(true);
  expect([window.admit('a', 100, 40), window.admit('other', 100, 40)]).toEqual([false, false]);
  expect([window.admit('b', 101, 40), window.admit('d', 103, 40)]).toEqual([false, true]);
});

test('no request is ever taken twice, in whatever order and however small the window', () => {
  const request = fc.record({ nonce: fc.constantFrom('a', 'b', 'c', 'd'), created: fc.integer({ min: 1, max: 6 }) });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (requests, maxNonces) => {
      const window = new ReplayWindow(maxNonces);
      const taken = requests
        .filter(({ nonce, created }, index) => window.admit(nonce, created, Math.floor(index / 10) - 2))
        .map(({ nonce, created }) => `${nonce} ${created}`);
      expect(new Set(taken).size).toBe(taken.length);
    }),
  );
});
