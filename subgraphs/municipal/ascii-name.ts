/** Letters that no decomposition turns into ASCII, in the spelling of the register's ASCII names. */
const SPELLINGS: Readonly<Record<string, string>> = {
  æ: 'ae',
  ð: 'dh',
  đ: 'd',
  ə: 'a',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  œ: 'oe',
  ø: 'o',
  ß: 'ss',
};

/** Writes what somebody typed the way the register spells names for searching: no accents, no apostrophes. */
export function toAsciiName(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[\p{M}'`’‘ʻʼ]/gu, '')
    .replaceAll(/[^\0-\x7e]/gu, (letter) => SPELLINGS[letter] ?? letter)
    .trim();
}
