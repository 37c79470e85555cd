/** The characters of a unified social credit code: no I, O, S, V, Z (GB 32100-2015, table 1). */
export const CREDIT_CODE_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** Weight of each of the first 17 places: powers of 3 modulo 31. */
const CREDIT_CODE_WEIGHTS = Array.from({ length: 17 }, (_, place) => 3 ** place % 31);

/** Weights of the first eight places of an organisation code (GB 11714). */
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

/** The check character of the first 17 characters, or null where one of them is outside the alphabet. */
export function creditCodeCheck(first17: string): string | null {
  let sum = 0;
  for (let place = 0; place < 17; place += 1) {
    const value = CREDIT_CODE_ALPHABET.indexOf(first17[place] ?? '?');
    if (value < 0) return null;
    sum += value * CREDIT_CODE_WEIGHTS[place]!;
  }
  return CREDIT_CODE_ALPHABET[(31 - (sum % 31)) % 31]!;
}

/** Whether a text is a credit code: 18 characters of the alphabet, the last of which checks the others. */
export function isCreditCode(text: string): boolean {
  return text.length === 18 && creditCodeCheck(text.slice(0, 17)) === text[17];
}

/** A whole credit code of an enterprise from its division (`99xxxx`) and the eight characters of its body. */
export function creditCode(division: string, body: string): string {
  const first17 = `91${division}${body}${organisationCheck(body)}`;
  return first17 + creditCodeCheck(first17);
}

/** A registration number of the old kind, 15 digits: division, eight digits of sequence, check digit. */
export function registrationNumber(division: string, sequence: number): string {
  const first14 = division + String(sequence).padStart(8, '0');
  return first14 + checkDigit(first14);
}

/** The check digit of a row of digits by ISO 7064 MOD 11,10. */
export function checkDigit(digits: string): string {
  let product = 10;
  for (const digit of digits) product = (((product + Number(digit)) % 10 || 10) * 2) % 11;
  return String((11 - product) % 10);
}

/**
 * The n-th of a set of numbers that never repeats below `size` and shows no order. `step` has no factor in common
 * with `size`.
 */
export function scattered(n: number, size: number, step: number, start: number): number {
  return Number((BigInt(n) * BigInt(step) + BigInt(start)) % BigInt(size));
}

/** Writes a number in the credit code's alphabet, filled to a width. */
export function inCreditCodeAlphabet(value: number, width: number): string {
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / 31)) {
    text = CREDIT_CODE_ALPHABET[rest % 31]! + text;
  }
  return text;
}

function organisationCheck(body: string): string {
  let sum = 0;
  for (let place = 0; place < 8; place += 1) sum += parseInt(body[place]!, 36) * ORGANISATION_WEIGHTS[place]!;
  return ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'X', '0'][11 - (sum % 11)]!;
}
