import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { digestOf, Digests } from '../../gateway/audit/digest.ts';

const long = (text: string): string => text.repeat(2_000);

test('a digest is that of the bytes, whichever way characters become bytes', () => {
  const bytes = Buffer.from('Åsa');
  const expected = hash('sha256', bytes);
  expect(digestOf({ text: 'Åsa', encoding: 'utf8' })).toBe(expected);
  expect(digestOf({ text: bytes.toString('latin1'), encoding: 'latin1' })).toBe(expected);
});

test('a digest is that of the bytes, however many there are', () => {
  for (const length of [0, 1, 43_690, 43_691, 131_072, 131_073, 500_000])
    for (const encoding of ['utf8', 'latin1'] as const) {
      const text = 'å'.repeat(length);
      expect(digestOf({ text, encoding }), `${length} ${encoding}`).toBe(hash('sha256', Buffer.from(text, encoding)));
    }
});

test('texts that come again have the digest they had, and others their own', () => {
  const digests = new Digests();
  const origin = {};
  const texts = [
    'one',
    'one',
    'two',
    'one',
    'åäö',
    'åäö',
    'one',
    ...Array.from({ length: 40 }, (_, n) => `new ${n}`),
    'x',
    'x',
  ];
  for (const text of texts)
    for (const encoding of ['utf8', 'latin1', 'utf8'] as const) {
      const given = { text: long(text), encoding };
      expect(digests.of(origin, given)).toBe(digestOf(given));
      expect(digests.of({}, given)).toBe(digestOf(given));
    }
});
