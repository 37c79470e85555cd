import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_PURPOSE } from '../../gateway/caller.ts';
import { readPurpose } from '../../gateway/identity/purpose.ts';

describe('what a request is for', () => {
  test('is nothing where no header says it', () => {
    expect(readPurpose({ accept: '*/*' })).toBe(NO_PURPOSE);
  });

  test('is what the headers say', () => {
    const headers = {
      'switchyard-purpose': 'tax%20audit',
      'switchyard-legal-basis': 'Tax Act, section 12 (3)',
      'switchyard-consent': 'c-77',
      'switchyard-case': '%E6%A1%88%E4%BB%B6%2F7',
      'switchyard-query-group': '8c1f',
    };
    expect(readPurpose(headers)).toEqual({
      purpose: 'tax audit',
      legalBasis: 'Tax Act, section 12 (3)',
      consentReference: 'c-77',
      caseNumber: '案件/7',
      queryGroupId: '8c1f',
    });
    expect(readPurpose({ 'switchyard-case': '7' })).toEqual({ ...NO_PURPOSE, caseNumber: '7' });
  });

  test('is the same in every spelling of its letters', () => {
    const spellings = ['%C3%BC', 'u%CC%88', ' %C3%BC%20'];
    const read = spellings.map((spelling) => readPurpose({ 'switchyard-purpose': spelling }));
    expect(read).toEqual(spellings.map(() => ({ ...NO_PURPOSE, purpose: 'ü' })));
  });

  test('is whatever can be printed, up to 200 characters', () => {
    const printable = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .map((text) => text.normalize('NFC').trim())
      .filter((text) => text !== '' && [...text].length <= 200 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text));
    fc.assert(
      fc.property(printable, (text) => {
        expect(readPurpose({ 'switchyard-purpose': encodeURIComponent(text) })).toEqual({
          ...NO_PURPOSE,
          purpose: text,
        });
      }),
    );
    const longest = '😀'.repeat(200);
    expect(readPurpose({ 'switchyard-case': encodeURIComponent(longest) })).toMatchObject({ caseNumber: longest });
  });

  test.each([
    ['is empty', ''],
    ['is blank', '%20'],
    ['is too long', 'x'.repeat(201)],
    ['is far too long', encodeURIComponent('😀'.repeat(201))],
    ['has a line break', 'tax%0Aaudit'],
    ['has the end of a line as Unicode knows it', 'tax%E2%80%A8audit'],
    ['has a zero', 'tax%00'],
    ['turns the direction of writing', 'tax%E2%80%AEtidua'],
    ['has a character without width', 'tax%E2%80%8Baudit'],
    ['has a percent sign that is none', '50% done'],
    ['is not UTF-8', '%FF'],
    ['is half a character', '%ED%A0%80'],
    ['is not encoded', 'Prüfung'],
    ['has a tab', 'tax\taudit'],
  ])('is refused where a header %s, which is named and not repeated', (_name, header) => {
    const answer = readPurpose({ 'switchyard-purpose': 'fine', 'switchyard-legal-basis': header });
    expect(answer).toMatchObject({
      ok: false,
      httpStatus: 400,
      errors: [
        { extensions: { code: 'PURPOSE_HEADER_INVALID' }, message: expect.stringContaining('switchyard-legal-basis') },
      ],
    });
    if (header.trim() !== '') expect(JSON.stringify(answer)).not.toContain(header);
  });
});
